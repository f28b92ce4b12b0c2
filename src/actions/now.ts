import { z } from 'zod';
import type { Alert } from '../alerts/alert.ts';
import { countWithin } from '../feedback/presence.ts';
import type { Action } from './action.ts';
import { type Trouble, troublesOf } from './now/trouble.ts';
import type { DeviceView } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

const Input = z.strictObject({
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
  soon: z.coerce
    .number()
    .int()
    .min(1)
    .max(240)
    .default(20)
    .describe('Minutes within which a booking counts as about to begin.'),
});

const MOST_ALERTS = 500;

export interface Now {
  readonly asOf: string;
  readonly mode: 'observe' | 'enforce';
  readonly counts: {
    readonly devices: number;
    /** Rooms with something wrong, as listed. */
    readonly wrong: number;
    readonly inUse: number;
    /** Whether anybody is there is not known. */
    readonly unknown: number;
    readonly maintenance: number;
    readonly retired: number;
    /** Rooms with a booking that runs or is about to begin. */
    readonly soon: number;
    readonly soonInTrouble: number;
  };
  /** What is wrong: rooms about to be used first, then the worst, then the oldest. */
  readonly wrong: readonly RoomInTrouble[];
  /** Alerts that are about no single room: a site, the database, another system. */
  readonly fleetAlerts: readonly ShownRoomAlert[];
  readonly inUse: readonly RoomInUse[];
}

export interface RoomInTrouble {
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly severity: Trouble['severity'];
  readonly troubles: readonly (Omit<Trouble, 'since'> & { readonly since: string | null })[];
  readonly alerts: readonly ShownRoomAlert[];
  /** The booking that runs or is about to begin; null where none is known. */
  readonly booking: { readonly start: string; readonly end: string } | null;
}

export interface ShownRoomAlert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Trouble['severity'];
  readonly title: string;
  readonly remedy: string;
  readonly about: string;
  readonly devices: number;
  readonly openedAt: string;
  readonly acknowledgedBy: string | null;
  readonly silenced: string | null;
}

export interface RoomInUse {
  readonly device: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly presence: 'yes' | 'no' | 'unknown';
  readonly count: number | null;
  readonly since: string | null;
  readonly inCall: boolean | null;
  readonly booking: { readonly start: string; readonly end: string } | null;
}

/** The fleet at a glance: for whoever looks five minutes before the hour. */
export const now: Action<z.output<typeof Input>, Now> = {
  name: 'now',
  summary: 'What is wrong, where, since when and what roomd does about it; and the rooms in use.',
  role: 'viewer',
  http: { method: 'GET', path: '/now' },
  input: Input,
  async run({ devices, soon }, ports, _caller, options) {
    const at = ports.now();
    const chosen = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const views = ports.devices().filter(({ name }) => chosen.has(name));
    const [{ mode }, alerts] = await Promise.all([
      ports.system(),
      ports.alerts.list(
        { all: false, devices: devices === null ? null : [...chosen], limit: MOST_ALERTS, cursor: null },
        options,
      ),
    ]);
    const alertsByDevice = new Map<string, Alert[]>();
    for (const alert of alerts)
      if (alert.deviceId !== null)
        alertsByDevice.set(alert.about, [...(alertsByDevice.get(alert.about) ?? []), alert]);
    const horizon = at + soon * 60_000;
    const rooms = views.map((view) => {
      const troubles = troublesOf(view, mode);
      const own = alertsByDevice.get(view.name) ?? [];
      return { view, troubles, alerts: own, booking: bookingBefore(view, horizon) };
    });
    const wrong = rooms.filter((room) => room.troubles.length > 0 || room.alerts.length > 0);
    const inUse = views.filter(isInUse);
    const about = rooms.filter(({ booking }) => booking !== null);
    return {
      asOf: rfc3339(at),
      mode,
      counts: {
        devices: views.length,
        wrong: wrong.length,
        inUse: inUse.length,
        unknown: views.filter(({ presence, retired }) => retired === null && presence.state === 'unknown')
          .length,
        maintenance: views.filter(({ maintenance }) => maintenance !== null).length,
        retired: views.filter(({ retired }) => retired !== null).length,
        soon: about.length,
        soonInTrouble: about.filter((room) => wrong.includes(room)).length,
      },
      wrong: wrong.map(showRoom).sort(byUrgency),
      fleetAlerts: alerts.filter(({ deviceId }) => deviceId === null).map(showAlert),
      inUse: inUse.map((view) => showUse(view, horizon)).sort((a, b) => (a.device < b.device ? -1 : 1)),
    };
  },
};

function isInUse({ presence, inCall, retired }: DeviceView): boolean {
  return retired === null && (presence.state === 'yes' || inCall === true);
}

function bookingBefore({ nextBooking }: DeviceView, horizon: number): RoomInTrouble['booking'] {
  if (nextBooking === null || nextBooking.start > horizon) return null;
  return { start: rfc3339(nextBooking.start), end: rfc3339(nextBooking.end) };
}

interface Room {
  readonly view: DeviceView;
  readonly troubles: readonly Trouble[];
  readonly alerts: readonly Alert[];
  readonly booking: RoomInTrouble['booking'];
}

const RANK = { critical: 0, warning: 1, info: 2 } as const;

function showRoom({ view, troubles, alerts, booking }: Room): RoomInTrouble {
  const severities = [...troubles, ...alerts].map(({ severity }) => severity);
  const [worst = 'info'] = severities.sort((a, b) => RANK[a] - RANK[b]);
  return {
    device: view.name,
    tags: view.tags,
    severity: worst,
    troubles: troubles.map((trouble) => ({ ...trouble, since: rfc3339(trouble.since) })),
    alerts: alerts.map(showAlert),
    booking,
  };
}

function byUrgency(a: RoomInTrouble, b: RoomInTrouble): number {
  const byBooking = Number(a.booking === null) - Number(b.booking === null);
  if (byBooking !== 0) return byBooking;
  const bySeverity = RANK[a.severity] - RANK[b.severity];
  if (bySeverity !== 0) return bySeverity;
  return beganAt(a).localeCompare(beganAt(b)) || a.device.localeCompare(b.device);
}

function beganAt({ troubles, alerts }: RoomInTrouble): string {
  return troubles[0]?.since ?? alerts[0]?.openedAt ?? '';
}

function showAlert(alert: Alert): ShownRoomAlert {
  const { id, rule, severity, title, remedy, about, acknowledgedBy, silenced, devices } = alert;
  const openedAt = rfc3339(alert.openedAt);
  return {
    id,
    rule,
    severity,
    title,
    remedy,
    about,
    devices: devices.length,
    openedAt,
    acknowledgedBy,
    silenced,
  };
}

function showUse(view: DeviceView, horizon: number): RoomInUse {
  const { name, tags, presence, inCall } = view;
  return {
    device: name,
    tags,
    presence: presence.state,
    count: countWithin(presence.state, presence.count),
    since: rfc3339(presence.since),
    inCall,
    booking: bookingBefore(view, horizon),
  };
}
