import { z } from 'zod';
import { outboxStanding } from '../notify/standing.ts';
import type { Action } from './action.ts';
import { allOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';

const NotifierList = allOf(
  z.strictObject({
    name: z.string().describe('Its key under `notifiers:`.'),
    kind: z.string().nullable().describe('By which service it tells; null: the file names it no more.'),
    waiting: z.int().describe('Messages that are still to be delivered.'),
    failed: z.int().describe('Messages that were refused for good, as far as they are kept.'),
    deliveredAt: Time.nullable().describe('When a message was delivered last.'),
    lastError: z
      .string()
      .nullable()
      .describe('Of the oldest message that waits; null: none was tried in vain.'),
  }),
);

export const notifiers: Action<Record<string, never>, z.output<typeof NotifierList>> = {
  name: 'notifiers',
  summary: 'The ways to tell people: what waits to be delivered, what was refused, and the last error.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/notifiers' },
  input: z.strictObject({}),
  answer: NotifierList,
  async run(_input, ports, _caller, options) {
    const sections = ports.fleet().notifiers;
    const standing = await outboxStanding(ports.database, options);
    const names = [...new Set([...Object.keys(sections), ...standing.keys()])].sort();
    return {
      items: names.map((name) => {
        const { waiting = 0, failed = 0, deliveredAt = null, lastError = null } = standing.get(name) ?? {};
        const [kind = null] = Object.keys(sections[name] ?? {});
        return { name, kind, waiting, failed, deliveredAt: rfc3339(deliveredAt), lastError };
      }),
      nextCursor: null,
    };
  },
};
