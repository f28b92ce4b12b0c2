import { instantOf, type Moment } from '../../fleet/local-time.ts';
import type { ZoneClock } from '../../lib/zone.ts';
import { HOUR_MS, QUARTER_MS, quarterOf } from './cells.ts';

/** `span`: all that is asked for, as one. */
export type BucketSize = WallSize | 'hour' | 'span';
type WallSize = 'day' | 'week' | 'month';

/** When people are expected to work; wall-clock minutes of the day. One that ends before it begins goes on past midnight. */
export interface OfficeHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
}

/** UTC milliseconds, half-open. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** One hour, day, week or month on the wall of a time zone, as far as it was asked for, or all of that. */
export interface Bucket extends Window {
  /** What of it counts: all of it, or its office hours. */
  readonly windows: readonly Window[];
}

export interface Asked {
  readonly from: Moment;
  readonly to: Moment;
  readonly size: BucketSize;
  /** Null: every hour of the day counts. */
  readonly hours: OfficeHours | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The buckets of a time in one time zone. A local day has 23 or 25 hours where
 * clocks change, and the hour that comes twice is two buckets. Weeks begin on
 * Monday. What was asked for is widened to full quarters of an hour.
 */
export function bucketsOf(asked: Asked, zone: ZoneClock): Bucket[] {
  const from = quarterOf(instantOf(asked.from, zone.name));
  const to = quarterOf(instantOf(asked.to, zone.name) + QUARTER_MS - 1);
  const office = asked.hours === null ? null : officeWindows(asked.hours, { from, to }, zone);
  const buckets: Bucket[] = [];
  let next = 0;
  for (let at = from; at < to; ) {
    const end = Math.min(to, endOf(at, asked.size, zone));
    const bucket = { from: at, to: end };
    if (office !== null) next = notOver(office, next, at);
    buckets.push({ ...bucket, windows: office === null ? [bucket] : clipped(office, next, bucket) });
    at = end;
  }
  return buckets;
}

/** When the local hour, day, week or month that holds an instant begins; a span begins with a day. */
export function beginOf(at: number, size: BucketSize, zone: ZoneClock): number {
  const wall = zone.wallAt(at);
  if (size === 'hour') return at - (wall - Math.floor(wall / HOUR_MS) * HOUR_MS);
  if (size === 'span') return instantAt(beginOnWall(wall, 'day'), zone);
  return instantAt(beginOnWall(wall, size), zone);
}

function endOf(at: number, size: BucketSize, zone: ZoneClock): number {
  if (size === 'span') return Number.POSITIVE_INFINITY;
  const wall = zone.wallAt(at);
  if (size !== 'hour') return instantAt(afterOnWall(beginOnWall(wall, size), size), zone);
  const end = at + HOUR_MS - (wall - Math.floor(wall / HOUR_MS) * HOUR_MS);
  // Lord Howe's clocks change by half an hour: such an hour ends where they do.
  for (let quarter = at + QUARTER_MS; quarter < end; quarter += QUARTER_MS)
    if (zone.offsetAt(quarter) !== zone.offsetAt(at)) return quarter;
  return end;
}

function beginOnWall(wall: number, size: WallSize): number {
  const day = Math.floor(wall / DAY_MS) * DAY_MS;
  const date = new Date(day);
  if (size === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  return size === 'week' ? day - ((date.getUTCDay() + 6) % 7) * DAY_MS : day;
}

function afterOnWall(begin: number, size: WallSize): number {
  const date = new Date(begin);
  if (size === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  return begin + (size === 'week' ? 7 : 1) * DAY_MS;
}

function officeWindows(
  { fromMinute, toMinute, weekdays }: OfficeHours,
  { from, to }: Window,
  zone: ZoneClock,
): Window[] {
  const windows: Window[] = [];
  const lengthMinutes = toMinute > fromMinute ? toMinute : toMinute + 24 * 60;
  // The night before may reach into the first day.
  const first = beginOnWall(zone.wallAt(from), 'day') - DAY_MS;
  for (let day = first; day <= zone.wallAt(to); day += DAY_MS) {
    if (!weekdays.has(new Date(day).getUTCDay())) continue;
    const window = {
      from: instantAt(day + fromMinute * MINUTE_MS, zone),
      to: instantAt(day + lengthMinutes * MINUTE_MS, zone),
    };
    if (window.to > window.from) windows.push(window);
  }
  return windows;
}

/** The first window from `first` on that is not over by then. */
function notOver(office: readonly Window[], first: number, at: number): number {
  let next = first;
  for (let window = office[next]; window !== undefined && window.to <= at; window = office[next]) next += 1;
  return next;
}

function clipped(office: readonly Window[], first: number, { from, to }: Window): Window[] {
  const windows: Window[] = [];
  for (let at = first; at < office.length; at += 1) {
    const window = office[at];
    if (window === undefined || window.from >= to) break;
    windows.push({ from: Math.max(from, window.from), to: Math.min(to, window.to) });
  }
  return windows;
}

/** As `instantOf`, from the zone's own cache where its clock does not change that day. */
function instantAt(wall: number, zone: ZoneClock): number {
  const before = zone.offsetAt(wall - DAY_MS);
  if (before === zone.offsetAt(wall + DAY_MS)) return wall - before;
  return instantOf({ kind: 'wall', wall }, zone.name);
}
