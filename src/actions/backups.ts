import { z } from 'zod';
import { loadBackupState } from '../fleet/backup-state.ts';
import type { Action } from './action.ts';
import { components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

export const ShownBackups = z
  .strictObject({
    schedule: z
      .strictObject({
        to: z.string(),
        schedule: z.string(),
        timezone: z.string(),
        nextAt: Time.nullable(),
      })
      .nullable(),
    countedFrom: Time.nullable().describe('Due minutes after this are carried out, or made up.'),
    running: z.boolean(),
    trouble: z.string().nullable(),
    last: z
      .strictObject({
        dueAt: Time,
        startedAt: Time,
        endedAt: Time,
        missed: z
          .int()
          .describe('Runs that fell into a time when roomd did not run; this one stands for all of them.'),
        changed: z.int(),
        failed: z.int(),
      })
      .nullable(),
    devices: z
      .array(
        z.strictObject({
          name: z.string(),
          state: z.enum(['changed', 'failed', 'new', 'unchanged']),
          reason: z.string().nullable(),
          failingSince: Time.nullable(),
          backedUpAt: Time.nullable(),
        }),
      )
      .readonly(),
  })
  .register(components, { id: 'Backups' });
export type ShownBackups = z.output<typeof ShownBackups>;

export const backupStatus: Action<z.output<typeof NoInput>, ShownBackups> = {
  name: 'backups',
  summary: 'Scheduled backups: the schedule, the last run, and every device with what became of it.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/backups' },
  input: NoInput,
  answer: ShownBackups,
  run: (_input, ports) => show(ports),
};

async function show(ports: Ports) {
  const plan = ports.backups?.() ?? null;
  const state = await loadBackupState(ports.database);
  const last = state?.last ?? null;
  return {
    schedule:
      plan === null
        ? null
        : { to: plan.folder, schedule: plan.schedule, timezone: plan.timezone, nextAt: rfc3339(plan.nextAt) },
    /** Due minutes after this are carried out, or made up. */
    countedFrom: rfc3339(state?.countedFrom ?? null),
    running: state !== null && state.running !== null,
    trouble: state?.trouble ?? null,
    last:
      last === null
        ? null
        : {
            ...last,
            dueAt: rfc3339(last.dueAt),
            startedAt: rfc3339(last.startedAt),
            endedAt: rfc3339(last.endedAt),
          },
    devices: Object.entries(state?.devices ?? {}).map(([name, device]) => ({
      name,
      state: device.state,
      reason: device.reason,
      failingSince: rfc3339(device.failingSince),
      backedUpAt: rfc3339(device.backedUpAt),
    })),
  };
}
