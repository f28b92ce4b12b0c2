import { z } from 'zod';
import { loadBackupState } from '../fleet/backup-state.ts';
import type { Action } from './action.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

export type ShownBackups = Awaited<ReturnType<typeof show>>;

export const backupStatus: Action<z.output<typeof NoInput>, ShownBackups> = {
  name: 'backups',
  summary: 'Scheduled backups: the schedule, the last run, and every device with what became of it.',
  role: 'viewer',
  reach: 'fleet',
  http: { method: 'GET', path: '/backups' },
  input: NoInput,
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
