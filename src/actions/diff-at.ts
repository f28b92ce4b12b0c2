import { z } from 'zod';
import { type KnownValue, thenAndNow } from '../fleet/past.ts';
import { type Action, ActionError } from './action.ts';
import { components, Time } from './answers.ts';
import { auditedDeviceId, momentOf } from './history.ts';
import { rfc3339, ShownCommit, showCommit } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  at: z.string().describe('A time such as `2026-03-01T08:00:00Z`, or how long ago, such as `7d`.'),
});

export const ShownValue = z
  .strictObject({
    at: Time,
    value: z.string(),
    basis: z.enum(['written', 'heard', 'seen-before-write']),
  })
  .register(components, { id: 'KnownValue' });
export type ShownValue = z.output<typeof ShownValue>;

export const DiffAt = z.strictObject({
  device: z.string(),
  at: Time,
  revisionThen: z.string().nullable(),
  revisionNow: z.string().nullable(),
  commitThen: ShownCommit.nullable(),
  commitNow: ShownCommit.nullable(),
  changed: z
    .array(
      z.strictObject({
        path: z.string(),
        approvedThen: z.string().nullable(),
        approvedNow: z.string().nullable(),
        heldThen: ShownValue.nullable(),
        heldNow: ShownValue.nullable(),
      }),
    )
    .readonly(),
  same: z.int(),
  unknown: z.array(z.string()).readonly().describe('Approved then, with no record of what the device held.'),
});
export type DiffAt = z.output<typeof DiffAt>;

export const diffAt: Action<z.output<typeof Input>, DiffAt> = {
  name: 'diff-at',
  summary:
    'What was approved for a device, and what it held as far as the record tells, at a time against now.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/diff' },
  input: Input,
  answer: DiffAt,
  async run({ name, at: text }, ports, _caller, options) {
    const now = ports.now();
    const at = momentOf(text, now);
    if (at > now) throw new ActionError('bad-input', `${rfc3339(at)} has not come yet`);
    const deviceId = await auditedDeviceId(ports, name, options);
    const { changed, commitThen, commitNow, ...rest } = await thenAndNow(
      ports.scoped.database,
      { deviceId, at, now },
      options,
    );
    return {
      device: name,
      at: rfc3339(at),
      ...rest,
      commitThen: showCommit(commitThen),
      commitNow: showCommit(commitNow),
      changed: changed.map((row) => ({ ...row, heldThen: shown(row.heldThen), heldNow: shown(row.heldNow) })),
    };
  },
};

function shown(known: KnownValue | null): ShownValue | null {
  return known === null ? null : { ...known, at: rfc3339(known.at) };
}
