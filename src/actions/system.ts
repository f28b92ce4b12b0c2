import { z } from 'zod';
import { formatProblem } from '../fleet/problem.ts';
import type { Action } from './action.ts';
import { components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

export const ShownSystem = z
  .strictObject({
    startedAt: Time,
    aliveAt: Time.nullable(),
    holds: z
      .array(
        z.strictObject({
          devices: z.string().nullable(),
          reason: z.string(),
          actor: z.string(),
          since: Time,
        }),
      )
      .readonly(),
    fileProblems: z.array(z.string()).readonly(),
    version: z.string(),
    mode: z.enum(['observe', 'enforce']),
    safeMode: z.boolean().describe('Running on the last good fleet because the file is broken.'),
    fleetFile: z.string(),
    fingerprint: z.string(),
    revision: z
      .string()
      .nullable()
      .describe('The revision that was last approved; null where nothing ever was.'),
    pending: z
      .boolean()
      .nullable()
      .describe(
        'The fleet differs from what was last approved; null where the file could not be read whole.',
      ),
    health: z
      .array(
        z.strictObject({
          part: z.string(),
          ok: z.boolean(),
          reason: z.string().nullable(),
        }),
      )
      .readonly(),
  })
  .register(components, { id: 'System' });
export type ShownSystem = z.output<typeof ShownSystem>;

export const Reloaded = z.strictObject({
  problems: z.array(z.string()).readonly(),
});

export const system: Action<z.output<typeof NoInput>, ShownSystem> = {
  name: 'system',
  summary: 'roomd itself: version, mode, file, pending changes, health of its parts.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/system' },
  input: NoInput,
  answer: ShownSystem,
  run: (_input, ports) => showSystem(ports),
};

async function showSystem(ports: Ports) {
  const { startedAt, aliveAt, holds, ...view } = await ports.system();
  return {
    ...view,
    startedAt: rfc3339(startedAt),
    aliveAt: rfc3339(aliveAt),
    holds: holds.map(({ selector, reason, actor, sinceAt }) => ({
      devices: selector,
      reason,
      actor,
      since: rfc3339(sinceAt),
    })),
    fileProblems: ports.fileProblems().map(formatProblem),
  };
}

export const reload: Action<z.output<typeof NoInput>, z.output<typeof Reloaded>> = {
  name: 'reload',
  summary: 'Read the file again; a broken one changes nothing.',
  role: 'operator',
  reach: 'fleet',
  http: { method: 'POST', path: '/reload' },
  input: NoInput,
  answer: Reloaded,
  async run(_input, ports) {
    return { problems: (await ports.reload()).map(formatProblem) };
  },
};
