/** A zone of the XML API: its number, the service's description and the IANA name of the clock. */
export interface XmlZone {
  readonly id: number;
  readonly label: string;
  readonly name: string;
}

/**
 * A part of the XML API's zones: 4 and 25 are in the captures, the others are
 * as clients of the API list them. The service has more; this stand-in refuses
 * them.
 */
const ZONES: readonly XmlZone[] = [
  { id: 4, label: 'GMT-08:00, Pacific (San Jose)', name: 'America/Los_Angeles' },
  { id: 7, label: 'GMT-06:00, Central (Chicago)', name: 'America/Chicago' },
  { id: 11, label: 'GMT-05:00, Eastern (New York)', name: 'America/New_York' },
  { id: 21, label: 'GMT+00:00, GMT (London)', name: 'Europe/London' },
  { id: 25, label: 'GMT+01:00, Europe (Berlin)', name: 'Europe/Berlin' },
  { id: 30, label: 'GMT+02:00, Northern Europe (Helsinki)', name: 'Europe/Helsinki' },
  { id: 41, label: 'GMT+05:30, India (Bombay)', name: 'Asia/Kolkata' },
  { id: 45, label: 'GMT+08:00, China (Beijing)', name: 'Asia/Shanghai' },
  { id: 49, label: 'GMT+09:00, Tokyo (Tokyo)', name: 'Asia/Tokyo' },
  { id: 55, label: 'GMT+10:00, Australia Eastern (Sydney)', name: 'Australia/Sydney' },
];

export function zoneById(id: number): XmlZone | undefined {
  return ZONES.find((zone) => zone.id === id);
}

export function zoneByName(name: string): XmlZone | undefined {
  return ZONES.find((zone) => zone.name === name);
}

export function isTimezone(name: string): boolean {
  return formatOf(name) !== null;
}

/** Minutes that the clock of a zone is ahead of UTC at an instant. */
export function offsetMinutes(name: string, at: number): number {
  const shown =
    formatOf(name)
      ?.formatToParts(at)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):(\d\d)$/.exec(shown) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/**
 * The instant at which the clock of a zone shows `local`, given as if it were
 * UTC. Of a time that comes twice the service's choice is not known; this one
 * takes the first, and for one that is skipped the clock from before the change.
 */
export function instantOfLocal(name: string, local: number): number {
  const earlier = local - offsetMinutes(name, local - DAY_MS) * MINUTE_MS;
  const later = local - offsetMinutes(name, local + DAY_MS) * MINUTE_MS;
  const shows = (at: number): boolean => at + offsetMinutes(name, at) * MINUTE_MS === local;
  if (shows(earlier) && shows(later)) return Math.min(earlier, later);
  return shows(later) && !shows(earlier) ? later : earlier;
}

/** An instant as RFC 3339 with the zone's offset, as the REST API writes it; `Z` for UTC. */
export function rfc3339(at: number, name: string): string {
  const minutes = offsetMinutes(name, at);
  const local = new Date(at + minutes * MINUTE_MS).toISOString().slice(0, 19);
  if (minutes === 0) return `${local}Z`;
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${local}${minutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(rest)}`;
}

/** An instant as the XML API writes it, on the clock of a zone: `MM/DD/YYYY HH:MM:SS`. */
export function xmlDate(at: number, name: string): string {
  const local = new Date(at + offsetMinutes(name, at) * MINUTE_MS).toISOString();
  return `${local.slice(5, 7)}/${local.slice(8, 10)}/${local.slice(0, 4)} ${local.slice(11, 19)}`;
}

/** The instant of such a text on the clock of a zone; null for what is no date. */
export function readXmlDate(text: string, name: string): number | null {
  const parts = /^(\d\d?)\/(\d\d?)\/(\d{4}) (\d\d?):(\d\d):(\d\d)$/.exec(text.trim());
  if (parts === null) return null;
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return instantOfLocal(name, Date.UTC(year, month - 1, day, hour, minute, second));
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatOf(name: string): Intl.DateTimeFormat | null {
  const known = formats.get(name);
  if (known !== undefined) return known;
  let made: Intl.DateTimeFormat | null = null;
  try {
    made = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    // A name that is no zone.
  }
  formats.set(name, made);
  return made;
}
