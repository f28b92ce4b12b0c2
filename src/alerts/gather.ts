import type { LiveState } from '../feedback/live.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { DeviceBook } from './device-book.ts';
import type { DeviceFacts, FleetFacts } from './facts.ts';
import type { LogTail } from './log-tail.ts';
import type { Maintenances } from './maintenance.ts';
import type { AlertPorts } from './ports.ts';
import type { Probe } from './probe.ts';
import type { MaintenanceNow, QuietTimes } from './silence.ts';
import type { Stillness } from './stillness.ts';

export interface Sources {
  readonly ports: AlertPorts;
  readonly book: DeviceBook;
  readonly tail: LogTail;
  readonly probe: Probe;
  readonly stillness: Stillness;
  readonly maintenances: Maintenances;
  readonly quiet: QuietTimes;
}

/** Everything that rules look at, as it is now. */
export function gather(sources: Sources, now: number): FleetFacts {
  const { ports } = sources;
  const macros = ports.macros();
  return {
    now,
    devices: ports.fleet().devices.flatMap((device) => {
      const id = ports.deviceId(device.name);
      return id === null ? [] : [deviceFacts(device, id, { ...sources, macros, now })];
    }),
    database: ports.database(),
    webex: ports.webex(),
    certificates: ports.certificates(),
  };
}

function deviceFacts(
  device: DesiredDevice,
  id: number,
  {
    ports,
    book,
    tail,
    probe,
    stillness,
    maintenances,
    quiet,
    macros,
    now,
  }: Sources & { readonly macros: ReadonlySet<string>; readonly now: number },
): DeviceFacts {
  const { name, timezone, tags, kind, credential } = device;
  const silence = quiet.at(device, now);
  const heard = tail.of(id, now);
  const room = ports.room(id);
  return {
    id,
    name,
    timezone,
    tags,
    kind,
    credential,
    ...book.of(id),
    ...heard,
    runs: heard.runs.filter(({ macro }) => macros.has(macro)),
    ...probe.of(id),
    slot: ports.slot(device),
    room,
    stillSince: stillness.since(id, room),
    fights: ports.fights(id),
    detects: ports.detects(device),
    maintenance: (maintenances.over(device) ?? silence.maintenance)?.reason ?? null,
    expectedOff: silence.expectedOff,
  };
}

/** How the rooms of all devices are that told of it. */
export function roomsOf(ports: AlertPorts): ReadonlyMap<number, LiveState> {
  return new Map(
    ports.devices().flatMap(({ address: { id } }) => {
      const room = ports.room(id);
      return room === null ? [] : [[id, room]];
    }),
  );
}

/** The maintenance that holds for a device now, whoever asked for it. */
export function maintenanceOf(
  device: DesiredDevice,
  { maintenances, quiet }: Pick<Sources, 'maintenances' | 'quiet'>,
  now: number,
): MaintenanceNow | null {
  return maintenances.over(device) ?? quiet.at(device, now).maintenance;
}
