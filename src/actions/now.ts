import { z } from 'zod';
import type { Alert } from '../alerts/alert.ts';
import { countWithin } from '../feedback/presence.ts';
import type { Action } from './action.ts';
import { Time } from './answers.ts';
import { type Standing, standingOf } from './now/standing.ts';
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

const SeverityWord = z.enum(['critical', 'warning', 'info']);

const Booking = z
  .strictObject({ start: Time, end: Time })
  .nullable()
  .describe('The booking that runs or is about to begin; null where none is known.');

const ShownRoomAlert = z.strictObject({
  id: z.string(),
  rule: z.string(),
  severity: SeverityWord,
  title: z.string(),
  remedy: z.string(),
  about: z.string(),
  devices: z.int(),
  openedAt: Time,
  acknowledgedBy: z.string().nullable(),
  silenced: z.string().nullable().describe('Why nobody is told now.'),
});
export type ShownRoomAlert = z.output<typeof ShownRoomAlert>;

const RoomInTrouble = z.strictObject({
  device: z.string(),
  tags: z.record(z.string(), z.string()),
  severity: SeverityWord,
  troubles: z
    .array(
      z.strictObject({
        what: z.enum(['session', 'slot', 'configuration', 'fight']),
        severity: SeverityWord,
        title: z.string(),
        since: Time.nullable(),
        doing: z.string().describe('What roomd does about it, or why it does nothing.'),
        alert: ShownRoomAlert.nullable().describe('The alert that is open about it.'),
      }),
    )
    .readonly(),
  alerts: z.array(ShownRoomAlert).readonly().describe('Alerts about anything else.'),
  booking: Booking,
});
export type RoomInTrouble = z.output<typeof RoomInTrouble>;

const RoomInUse = z.strictObject({
  device: z.string(),
  tags: z.record(z.string(), z.string()),
  presence: z.enum(['yes', 'no', 'unknown']),
  count: z.int().nullable(),
  since: Time.nullable(),
  inCall: z.boolean().nullable(),
  booking: Booking,
});
export type RoomInUse = z.output<typeof RoomInUse>;

const ShownStanding = z.strictObject({
  what: z.enum(['file', 'hold', 'part', 'pending']),
  severity: SeverityWord,
  title: z.string(),
  since: Time.nullable(),
  doing: z.string().nullable().describe('What roomd does meanwhile.'),
});
export type ShownStanding = z.output<typeof ShownStanding>;

const Now = z.strictObject({
  asOf: Time,
  mode: z.enum(['observe', 'enforce']),
  standing: z
    .array(ShownStanding)
    .readonly()
    .describe(
      'What holds for roomd as a whole: a broken file, holds, parts that are not well, a change to approve.',
    ),
  counts: z.strictObject({
    devices: z.int(),
    wrong: z.int().describe('Rooms with something wrong, as listed.'),
    inUse: z.int(),
    unknown: z.int().describe('Rooms of which nobody knows whether anybody is there.'),
    maintenance: z.int(),
    retired: z.int(),
    soon: z.int().describe('Rooms with a booking that runs or is about to begin.'),
    soonInTrouble: z.int(),
  }),
  wrong: z
    .array(RoomInTrouble)
    .readonly()
    .describe('Rooms about to be used first, then the worst, then the oldest.'),
  fleetAlerts: z
    .array(ShownRoomAlert)
    .readonly()
    .describe('Alerts that are about no single room: a site, the database, another system.'),
  inUse: z.array(RoomInUse).readonly(),
});
export type Now = z.output<typeof Now>;

/** The fleet at a glance: for whoever looks five minutes before the hour. */
export const now: Action<z.output<typeof Input>, Now> = {
  name: 'now',
  summary: 'What is wrong, where, since when and what roomd does about it; and the rooms in use.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/now' },
  input: Input,
  answer: Now,
  async run({ devices, soon }, ports, _caller, options) {
    const at = ports.now();
    const chosen = new Set(selectDevices(ports.fleet(), devices).map(({ name }) => name));
    const views = ports.devices().filter(({ name }) => chosen.has(name));
    const [system, alerts] = await Promise.all([
      ports.system(),
      ports.alerts.list(
        { all: false, devices: devices === null ? null : [...chosen], limit: MOST_ALERTS, cursor: null },
        options,
      ),
    ]);
    const { mode } = system;
    const fleetAlerts = alerts.filter(({ deviceId }) => deviceId === null);
    const toldParts = new Set(fleetAlerts.map(({ rule }) => ALERTED_PART[rule] ?? rule));
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
      standing: standingOf(system, toldParts).map(showStanding),
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
      fleetAlerts: fleetAlerts.map(showAlert),
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

/** The trouble that an alert of a rule is about, where it is one. */
const ALERTED: Readonly<Record<string, Trouble['what']>> = {
  'device-offline': 'session',
  'credentials-refused': 'session',
  'certificate-changed': 'session',
  'device-swapped': 'session',
  'slot-failing': 'slot',
  'drift-fight': 'fight',
};

/** The part of roomd that an alert of a rule is about. */
const ALERTED_PART: Readonly<Record<string, string>> = {
  'database-trouble': 'database',
  'webex-refused': 'webex',
};

const RANK = { critical: 0, warning: 1, info: 2 } as const;

function showStanding(standing: Standing): ShownStanding {
  return { ...standing, since: rfc3339(standing.since) };
}

function showRoom({ view, troubles, alerts, booking }: Room): RoomInTrouble {
  const severities = [...troubles, ...alerts].map(({ severity }) => severity);
  const [worst = 'info'] = severities.sort((a, b) => RANK[a] - RANK[b]);
  return {
    device: view.name,
    tags: view.tags,
    severity: worst,
    troubles: troubles.map((trouble) => {
      const alert = alerts.find(({ rule }) => ALERTED[rule] === trouble.what);
      return {
        ...trouble,
        since: rfc3339(trouble.since),
        alert: alert === undefined ? null : showAlert(alert),
      };
    }),
    alerts: alerts.filter(({ rule }) => !troubles.some(({ what }) => what === ALERTED[rule])).map(showAlert),
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
  return troubles[0]?.since ?? troubles[0]?.alert?.openedAt ?? alerts[0]?.openedAt ?? '';
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
