import { z } from 'zod';
import { type KnownValue, thenAndNow } from '../fleet/past.ts';
import { type Action, ActionError } from './action.ts';
import { auditedDeviceId, momentOf } from './history.ts';
import { rfc3339, type ShownCommit, showCommit } from './present.ts';

const Input = z.strictObject({
  name: z.string(),
  at: z.string().describe('A time such as `2026-03-01T08:00:00Z`, or how long ago, such as `7d`.'),
});

export interface DiffAt {
  readonly device: string;
  readonly at: string;
  readonly revisionThen: string | null;
  readonly revisionNow: string | null;
  readonly commitThen: ShownCommit | null;
  readonly commitNow: ShownCommit | null;
  readonly changed: readonly {
    readonly path: string;
    readonly approvedThen: string | null;
    readonly approvedNow: string | null;
    readonly heldThen: ShownValue | null;
    readonly heldNow: ShownValue | null;
  }[];
  readonly same: number;
  /** Approved then, with no record of what the device held. */
  readonly unknown: readonly string[];
}

export interface ShownValue extends Omit<KnownValue, 'at'> {
  readonly at: string;
}

export const diffAt: Action<z.output<typeof Input>, DiffAt> = {
  name: 'diff-at',
  summary:
    'What was approved for a device, and what it held as far as the record tells, at a time against now.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/devices/:name/diff' },
  input: Input,
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
