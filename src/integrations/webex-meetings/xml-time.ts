import { ZoneClock, zoneClocks } from '../../lib/zone.ts';
import type { MeetingTime } from './meetings.ts';

/** A time as the XML API writes it: `MM/DD/YYYY HH:MM:SS` on the clock of a numbered zone (cloud facts 3). */
export interface XmlTime {
  readonly startDate: string;
  readonly timeZoneID: string;
}

const clockOf = zoneClocks();

/**
 * A zone without changes of its clocks, in which every instant has one time:
 * for what the asked zone cannot say, or the API has no number for.
 */
const STEADY = { id: 49, name: 'Asia/Tokyo' };

/**
 * The time to send for a meeting's start, on the clock of its own zone. Where
 * that clock shows the time twice, nobody can say which one the service takes;
 * where the API does not have the zone, there is nothing to send. Then it is
 * said on a clock that never changes: the instant is right, and invitations
 * convert it.
 */
export function xmlTimeOf({ start, timezone }: Pick<MeetingTime, 'start' | 'timezone'>): XmlTime {
  const id = ZONES.indexOf(timezone);
  if (id === -1) return steadyTimeOf(start);
  const clock = clockOf(timezone);
  const wall = clock.wallAt(start);
  if (clock.instantsOf(wall).length !== 1) return steadyTimeOf(start);
  return { startDate: formatDate(wall), timeZoneID: String(id) };
}

export function steadyTimeOf(at: number): XmlTime {
  return { startDate: formatDate(clockOf(STEADY.name).wallAt(at)), timeZoneID: String(STEADY.id) };
}

/**
 * The instant of a time that the service sent. Of a time that comes twice it
 * is the first; one that the clocks skip is counted on by the clock before the
 * change. `timeZone` is the service's own description, such as `GMT+01:00,
 * Europe (Berlin)`: its offset is taken for a number that is not known here.
 * @returns null for what cannot be read
 */
export function instantOf({
  startDate,
  timeZoneID,
  timeZone,
}: XmlTime & { timeZone: string }): number | null {
  const match = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d)(?::(\d\d))?$/.exec(startDate.trim());
  if (match === null) return null;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const name = /^\d+$/.test(timeZoneID.trim()) ? ZONES[Number(timeZoneID)] : undefined;
  if (name !== undefined && name !== null) return onClock(clockOf(name), wall);
  const offset = /^GMT([+-])(\d\d):(\d\d)/.exec(timeZone.trim());
  if (offset === null) return null;
  const [, sign, hours, minutes] = offset;
  return wall - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function onClock(clock: ZoneClock, wall: number): number {
  const [first] = clock.instantsOf(wall);
  return first ?? wall - clock.offsetAt(wall - DAY_MS);
}

const DAY_MS = 86_400_000;

function formatDate(wall: number): string {
  const [year = '', month = '', day = '', time = ''] = new Date(wall)
    .toISOString()
    .slice(0, 19)
    .split(/[-T]/);
  return `${month}/${day}/${year} ${time}`;
}

/**
 * What the numbers mean, by place. The vendor's examples confirm 4, a capture
 * 25; the others are as clients of the API list them. Null where they name no
 * place, or one whose clock has got other rules since those lists: nobody knows
 * by which the service goes.
 */
const ZONES: readonly (string | null)[] = [
  null,
  'Pacific/Pago_Pago',
  'Pacific/Honolulu',
  'America/Anchorage',
  'America/Los_Angeles',
  'America/Phoenix',
  'America/Denver',
  'America/Chicago',
  null,
  'America/Regina',
  'America/Bogota',
  'America/New_York',
  'America/Indiana/Indianapolis',
  'America/Halifax',
  null,
  'America/St_Johns',
  null,
  'America/Argentina/Buenos_Aires',
  null,
  'Atlantic/Azores',
  null,
  'Europe/London',
  'Europe/Amsterdam',
  'Europe/Paris',
  null,
  'Europe/Berlin',
  'Europe/Athens',
  null,
  null,
  'Africa/Johannesburg',
  'Europe/Helsinki',
  'Asia/Jerusalem',
  'Asia/Baghdad',
  'Europe/Moscow',
  'Africa/Nairobi',
  null,
  'Asia/Muscat',
  null,
  'Asia/Kabul',
  'Asia/Yekaterinburg',
  'Asia/Karachi',
  'Asia/Kolkata',
  null,
  null,
  'Asia/Bangkok',
  'Asia/Shanghai',
  'Australia/Perth',
  'Asia/Singapore',
  'Asia/Taipei',
  'Asia/Tokyo',
  'Asia/Seoul',
  'Asia/Yakutsk',
  'Australia/Adelaide',
  'Australia/Darwin',
  'Australia/Brisbane',
  'Australia/Sydney',
  'Pacific/Guam',
  'Australia/Hobart',
  'Asia/Vladivostok',
  'Pacific/Guadalcanal',
  'Pacific/Auckland',
  null,
];
