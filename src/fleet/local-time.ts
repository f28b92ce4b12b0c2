import { wallClock } from '../lib/zone.ts';
import { Wrong } from './forms.ts';

/**
 * A point in time as a file names it: one instant everywhere, or what the
 * clock on the wall shows where a device stands. Wall times are numbers of
 * their own kind: what `Date.UTC` gives for year, month, day, hour and minute
 * on the wall.
 */
export type Moment =
  | { readonly kind: 'instant'; readonly at: number }
  | { readonly kind: 'wall'; readonly wall: number };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** `2026-12-01T08:00` (on the wall), `2026-12-01T08:00Z` and `2026-12-01T08:00+01:00`, seconds optional. */
export function readMoment(text: string): Moment | Wrong {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?$/i.exec(text.trim());
  if (match === null)
    return new Wrong(
      `"${text}" is no date with a time: write 2026-12-01T08:00 for the device's own clock, or 2026-12-01T08:00+01:00.`,
    );
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const wall = wallOf({ year, month, day, hour, minute, second });
  if (wall === null) return new Wrong(`"${text}" names a day or time that does not exist.`);
  const offset = match[7];
  if (offset === undefined) return { kind: 'wall', wall };
  const offsetMs = readOffset(offset);
  if (offsetMs === null) return new Wrong(`"${offset}" is no offset from UTC: write for example +01:00.`);
  return { kind: 'instant', at: wall - offsetMs };
}

/** `2026-12-24` as the wall time at which that day begins. */
export function readDay(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text.trim());
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number);
  return wallOf({ year, month, day, hour: 0, minute: 0, second: 0 });
}

interface WallParts {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
}

/** Null for what no clock shows, such as 30 February or 24:30. */
function wallOf({
  year = 0,
  month = 0,
  day = 0,
  hour = 0,
  minute = 0,
  second = 0,
}: WallParts): number | null {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(wall);
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return isReal ? wall : null;
}

function readOffset(text: string): number | null {
  if (text.toUpperCase() === 'Z') return 0;
  const [hours = 0, minutes = 0] = text.slice(1).split(':').map(Number);
  if (hours > 14 || minutes > 59) return null;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
}

/**
 * The instant that a moment is in a time zone. Of a wall time that comes twice
 * because the clocks are put back it is the first; for one that is skipped it
 * is the instant at which the clocks are put forward past it.
 */
export function instantOf(moment: Moment, timezone: string): number {
  if (moment.kind === 'instant') return moment.at;
  const wallAt = wallClock(timezone);
  const { wall } = moment;
  // The zone's offsets around that time; the true instant has one of them.
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => wallAt(at) - at);
  const fitting = offsets.map((offset) => wall - offset).filter((at) => wallAt(at) === wall);
  if (fitting.length > 0) return Math.min(...fitting);
  return firstInstantPast(wall, wallAt, Math.min(...offsets.map((offset) => wall - offset)));
}

/** Bisects for the jump; the wall runs forward from `from`, where it shows less than `wall`. */
function firstInstantPast(wall: number, wallAt: (at: number) => number, from: number): number {
  let before = Math.floor(from / MINUTE_MS) * MINUTE_MS - DAY_MS / 8;
  let after = before + DAY_MS / 4;
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallAt(middle) < wall) before = middle;
    else after = middle;
  }
  return after;
}
