import { z } from 'zod';
import type { Maintenance } from '../alerts/maintenance.ts';
import { readDuration, Wrong } from '../fleet/forms.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const LONGEST_MS = 90 * 86_400_000;

const ListInput = z.strictObject({
  all: z.stringbool().or(z.boolean()).default(false).describe('Also those that are over.'),
});

export const ShownMaintenance = z
  .strictObject({
    id: z.string().nullable().describe('Null for one of the file.'),
    devices: z.string().describe('The selector, or for one of the file the devices for which it holds now.'),
    reason: z.string(),
    actor: z.string(),
    from: Time.nullable(),
    until: Time,
    endedAt: Time.nullable(),
    endedBy: z.string().nullable(),
  })
  .register(components, { id: 'Maintenance' });
export type ShownMaintenance = z.output<typeof ShownMaintenance>;

export const MaintenanceList = allOf(ShownMaintenance);
export type MaintenanceList = z.output<typeof MaintenanceList>;

export const listMaintenance: Action<z.output<typeof ListInput>, MaintenanceList> = {
  name: 'maintenance',
  summary: 'The maintenances that hold now, also those that the file schedules.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/maintenance' },
  input: ListInput,
  answer: MaintenanceList,
  async run({ all }, ports, _caller, options) {
    const byHand = all ? await ports.maintenances.list(500, options) : ports.maintenances.running();
    return { items: [...byHand.map(show), ...scheduledNow(ports)], nextCursor: null };
  },
};

const StartInput = z.strictObject({
  devices: z.string().describe('Selector; `all` means the whole fleet.'),
  for: z.string().nullable().default(null).describe('How long, such as `2h`.'),
  until: z.string().nullable().default(null).describe('Its end instead, such as `2026-03-01T08:00:00Z`.'),
  reason: z.string().min(1).max(500).default('no reason given'),
});

export const startMaintenance: Action<z.output<typeof StartInput>, ShownMaintenance> = {
  name: 'maintenance.start',
  summary:
    'Record the alerts of some devices for a while and send none; what is wrong at its end is told then.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/maintenance' },
  input: StartInput,
  answer: ShownMaintenance,
  async run({ devices, for: length, until, reason }, ports, { actor }) {
    selectDevices(ports.fleet(), devices);
    const end = endOf({ length, until }, ports.now());
    return show(await ports.maintenances.begin({ selector: devices, reason, actor, until: end }));
  },
};

const EndInput = z.strictObject({
  devices: z
    .string()
    .nullable()
    .default(null)
    .describe('The selector of the maintenance to end; every one that was begun by hand where absent.'),
});

export const endMaintenance: Action<z.output<typeof EndInput>, MaintenanceList> = {
  name: 'maintenance.end',
  summary: 'End maintenances before their time; answers those that were ended.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/maintenance/end' },
  input: EndInput,
  answer: MaintenanceList,
  async run({ devices }, ports, { actor }) {
    const ended = await ports.maintenances.end({ selector: devices, actor });
    return { items: ended.map(show), nextCursor: null };
  },
};

/** @throws ActionError `bad-input` */
function endOf({ length, until }: { length: string | null; until: string | null }, now: number): number {
  if ((length === null) === (until === null))
    throw new ActionError(
      'bad-input',
      'say how long: either for, such as 2h, or until, such as 2026-03-01T08:00:00Z',
    );
  const end = length === null ? instant(until ?? '') : now + durationOf(length);
  if (end <= now) throw new ActionError('bad-input', 'this maintenance would end before it begins');
  if (end - now > LONGEST_MS)
    throw new ActionError(
      'bad-input',
      'a maintenance takes at most 90d; take the devices out of the rules in the file instead',
    );
  return end;
}

function durationOf(text: string): number {
  const ms = readDuration(text);
  if (ms instanceof Wrong) throw new ActionError('bad-input', ms.message);
  return ms;
}

function instant(text: string): number {
  const read = z.iso.datetime({ offset: true }).safeParse(text);
  if (read.success) return Date.parse(read.data);
  throw new ActionError('bad-input', `"${text}" is no time: write for example 2026-03-01T08:00:00Z`);
}

/** What the file schedules, by reason and end, with the devices for which it holds now. */
function scheduledNow(ports: Ports): ShownMaintenance[] {
  const byEntry = new Map<string, { reason: string; until: number; names: string[] }>();
  for (const { name, maintenance } of ports.devices()) {
    if (maintenance === null || maintenance.source !== 'file') continue;
    const { reason, until } = maintenance;
    const known = byEntry.get(`${until} ${reason}`);
    byEntry.set(`${until} ${reason}`, { reason, until, names: [...(known?.names ?? []), name] });
  }
  return [...byEntry.values()].map(({ reason, until, names }) => ({
    id: null,
    devices: names.join(', '),
    reason,
    actor: 'fleet file',
    from: null,
    until: rfc3339(until),
    endedAt: null,
    endedBy: null,
  }));
}

function show({ selector, from, until, endedAt, ...maintenance }: Maintenance): ShownMaintenance {
  return {
    ...maintenance,
    devices: selector,
    from: rfc3339(from),
    until: rfc3339(until),
    endedAt: rfc3339(endedAt),
  };
}
