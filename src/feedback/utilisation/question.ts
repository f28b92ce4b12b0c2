import { sql } from 'kysely';
import type { AbortOptions } from '../../lib/abort.ts';
import { zoneClocks } from '../../lib/zone.ts';
import type { Database } from '../../storage/database.ts';
import { HOUR_MS, QUARTER_MS, quarterOf } from './cells.ts';
import { greater } from './figures.ts';
import { rolledUpUntil } from './store.ts';
import { type Asked, type Bucket, bucketsOf, type Window } from './windows.ts';

/** A device as utilisation is asked of it. */
export interface AskedDevice {
  readonly id: number;
  /** The row that it counts for: its own name, a tag's value, or the whole fleet. */
  readonly group: string;
  /** IANA name; what is a day, and when hours begin. */
  readonly timezone: string;
  /** People its room is for, as the fleet file says; null where it does not. */
  readonly capacity: number | null;
}

/** How a group's rooms were used in one bucket. Milliseconds are sums over its devices. */
export interface GroupFigures {
  readonly group: string;
  readonly timezone: string;
  readonly from: number;
  readonly to: number;
  /** Devices that roomd knew of in the time, and those of which anything is known. */
  readonly devices: number;
  readonly heardDevices: number;
  readonly occupiedMs: number;
  readonly emptyMs: number;
  readonly unknownMs: number;
  readonly countedMs: number;
  readonly peopleMs: number;
  /** The most in one room. */
  readonly peak: number | null;
  /** Over rooms whose capacity is known: seats times counted time, and the people on them. */
  readonly seatMs: number;
  readonly seatedMs: number;
  /** The fullest room's share of its seats; null where nothing is known. */
  readonly peakShare: number | null;
  readonly bookedMs: number;
  readonly bookedUsedMs: number;
  readonly bookedUnusedMs: number;
  /** Of devices that ever told of a booking; of others nobody knows. */
  readonly usedUnbookedMs: number;
  readonly calls: number;
  readonly callMs: number;
}

/** Rows of cells that one reading may touch; a reader thread is busy with them for some 30 ms. */
const CELLS_AT_ONCE = 40_000;

interface Known {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly capacity: number | null;
  readonly tellsBookings: boolean;
}

/**
 * Utilisation of groups of devices, group after group and in order of time,
 * each bucket by the clock on the wall of its time zone. A group that spans
 * zones has rows for each. Time before roomd knew of a device, and time that
 * is not rolled up yet, does not count at all; what is not known of the rest
 * is unknown. Reads in small pieces, so that a slow taker holds little.
 */
export async function* utilisationOf(
  database: Database,
  { devices, asked }: { devices: readonly AskedDevice[]; asked: Asked },
  options: AbortOptions = {},
): AsyncGenerator<GroupFigures> {
  const until = await rolledUpUntil(database, options);
  if (until === null) return;
  const zones = zoneClocks();
  const buckets = new Map<string, readonly Bucket[]>();
  for (const group of grouped(devices)) {
    const [{ timezone } = { timezone: 'UTC' }] = group;
    const inZone = buckets.get(timezone) ?? bucketsOf(asked, zones(timezone));
    buckets.set(timezone, inZone);
    const known = await knownOf(database, group, until, options);
    yield* ofGroup(database, { group, known, buckets: inZone, until }, options);
  }
}

/** Devices that count together: of one group and one time zone. */
function grouped(devices: readonly AskedDevice[]): AskedDevice[][] {
  const groups = new Map<string, AskedDevice[]>();
  for (const device of devices) {
    const key = JSON.stringify([device.group, device.timezone]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [device]);
    else group.push(device);
  }
  return [...groups.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}

async function knownOf(
  database: Database,
  group: readonly AskedDevice[],
  until: number,
  options: AbortOptions,
): Promise<Known[]> {
  const told = sql<KnownRow>`
    SELECT device.id, device.created_at, device.removed_at,
      (SELECT value FROM span WHERE device_id = device.id AND kind = 'capacity'
        ORDER BY from_at DESC LIMIT 1) AS capacity,
      EXISTS (SELECT 1 FROM booking WHERE device_id = device.id) AS bookings
    FROM json_each(${JSON.stringify(group.map(({ id }) => id))}) AS wanted
    CROSS JOIN device WHERE device.id = wanted.value`;
  const rows = await database.read<KnownRow>({ compile: () => told.compile(database.query) }, options);
  const byId = new Map(group.map((device) => [device.id, device]));
  return rows.map(({ id, created_at, removed_at, capacity, bookings }) => ({
    id,
    // Nothing is on record of it before. The quarter of its last moment counts whole: its records may end with the next look only.
    from: created_at,
    to: Math.min(until, removed_at === null ? until : quarterOf(removed_at + QUARTER_MS - 1)),
    capacity: byId.get(id)?.capacity ?? (capacity === null ? null : Number(capacity)),
    tellsBookings: bookings === 1,
  }));
}

interface KnownRow {
  readonly id: number;
  readonly created_at: number;
  readonly removed_at: number | null;
  readonly capacity: string | null;
  readonly bookings: number;
}

/** Buckets that are read together, so many that their rows stay few. */
async function* ofGroup(
  database: Database,
  {
    group,
    known,
    buckets,
    until,
  }: { group: readonly AskedDevice[]; known: Known[]; buckets: readonly Bucket[]; until: number },
  options: AbortOptions,
): AsyncGenerator<GroupFigures> {
  const [first] = group;
  if (first === undefined) return;
  const head = { group: first.group, timezone: first.timezone };
  for (let at = 0; at < buckets.length; ) {
    const begin = buckets[at]?.from ?? 0;
    let end = at + 1;
    const mayReach = begin + Math.max(HOUR_MS, (CELLS_AT_ONCE / 2 / known.length) * HOUR_MS);
    while (end < buckets.length && (buckets[end]?.to ?? 0) <= mayReach) end += 1;
    const some = buckets.slice(at, end);
    const sums = await summed(database, known, some, options);
    for (const [index, bucket] of some.entries()) {
      const sum = sums[index];
      if (sum === undefined) continue;
      const { ms: wholeMs, devices } = presentIn(known, bucket);
      if (devices === 0) continue;
      const unknownMs = Math.max(0, wholeMs - sum.occupiedMs - sum.emptyMs);
      yield { ...head, from: bucket.from, to: Math.min(bucket.to, until), devices, ...sum, unknownMs };
    }
    at = end;
  }
}

/** The time that counts of a bucket over all devices, and how many have any. */
function presentIn(known: readonly Known[], { from, to, windows }: Bucket): { ms: number; devices: number } {
  const whole = windows.reduce((sum, window) => sum + window.to - window.from, 0);
  let ms = 0;
  let devices = 0;
  for (const device of known) {
    const part = device.from <= from && device.to >= to ? whole : overlapping(device, windows);
    ms += part;
    if (part > 0) devices += 1;
  }
  return { ms, devices };
}

function overlapping(device: Window, windows: readonly Window[]): number {
  return windows.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, device.to) - Math.max(from, device.from)),
    0,
  );
}

type Sum = Omit<GroupFigures, 'group' | 'timezone' | 'from' | 'to' | 'devices' | 'unknownMs'>;

async function summed(
  database: Database,
  known: readonly Known[],
  buckets: readonly Bucket[],
  options: AbortOptions,
): Promise<Sum[]> {
  const windows = buckets.flatMap((bucket, index) =>
    bucket.windows.map(({ from, to }) => [index, from, to] as const),
  );
  const sums = buckets.map(() => NO_SUM);
  const hours = windows.reduce((sum, [, from, to]) => sum + (to - from) / HOUR_MS, 0);
  const atOnce = Math.max(1, Math.floor(CELLS_AT_ONCE / 2 / Math.max(1, hours)));
  for (let at = 0; at < known.length; at += atOnce) {
    const query = sumsOf(windows, known.slice(at, at + atOnce));
    const rows = await database.read<SumRow>({ compile: () => query.compile(database.query) }, options);
    for (const row of rows) sums[row.bucket] = together(sums[row.bucket] ?? NO_SUM, row);
  }
  return sums;
}

type SumRow = Sum & { readonly bucket: number };

/**
 * Where a window's edge lies within an hour that is kept as one, its share is
 * exact: the hour's quarters are alike.
 */
function sumsOf(windows: readonly (readonly [number, number, number])[], devices: readonly Known[]) {
  const until = Math.max(...devices.map(({ to }) => to));
  const isWhole = windows.every(
    ([, from, to]) => from % HOUR_MS === 0 && (to % HOUR_MS === 0 || to >= until),
  );
  const asked = JSON.stringify(windows);
  const wanted = JSON.stringify(
    devices.map(({ id, to, capacity, tellsBookings }) => [id, to, capacity, tellsBookings ? 1 : 0]),
  );
  const share = sql`(min(cell.at + cell.length_ms, hours.till) - max(cell.at, hours.since))`;
  const part = (column: string) =>
    isWhole ? sql`cell.${sql.ref(column)}` : sql`cell.${sql.ref(column)} * ${share} / cell.length_ms`;
  const sumOf = (column: string) => sql`sum(${part(column)})`;
  return sql<SumRow>`
    WITH hours AS MATERIALIZED (
      SELECT value ->> 0 AS bucket, value ->> 1 AS since, value ->> 2 AS till FROM json_each(${asked})
    ), wanted AS MATERIALIZED (
      SELECT value ->> 0 AS id, value ->> 1 AS till, value ->> 2 AS capacity, value ->> 3 AS tells FROM json_each(${wanted})
    )
    SELECT hours.bucket AS bucket,
      count(DISTINCT CASE WHEN cell.occupied_ms + cell.empty_ms > 0 THEN cell.device_id END) AS "heardDevices",
      ${sumOf('occupied_ms')} AS "occupiedMs", ${sumOf('empty_ms')} AS "emptyMs",
      ${sumOf('counted_ms')} AS "countedMs", ${sumOf('people_ms')} AS "peopleMs",
      max(cell.peak) AS peak,
      coalesce(sum(${part('counted_ms')} * wanted.capacity), 0) AS "seatMs",
      coalesce(sum(CASE WHEN wanted.capacity IS NULL THEN 0 ELSE ${part('people_ms')} END), 0) AS "seatedMs",
      max(cell.peak * 1.0 / wanted.capacity) AS "peakShare",
      ${sumOf('booked_ms')} AS "bookedMs", ${sumOf('booked_used_ms')} AS "bookedUsedMs",
      ${sumOf('booked_unused_ms')} AS "bookedUnusedMs",
      sum(CASE WHEN wanted.tells THEN ${part('used_unbooked_ms')} ELSE 0 END) AS "usedUnbookedMs",
      ${sumOf('calls')} AS calls, ${sumOf('call_ms')} AS "callMs"
    FROM wanted CROSS JOIN hours CROSS JOIN utilisation AS cell
    WHERE cell.device_id = wanted.id
      AND cell.at >= hours.since - ${isWhole ? 0 : HOUR_MS}
      AND cell.at < min(hours.till, wanted.till)
      AND cell.at + cell.length_ms > hours.since
    GROUP BY hours.bucket`;
}

const NO_SUM: Sum = {
  heardDevices: 0,
  occupiedMs: 0,
  emptyMs: 0,
  countedMs: 0,
  peopleMs: 0,
  peak: null,
  seatMs: 0,
  seatedMs: 0,
  peakShare: null,
  bookedMs: 0,
  bookedUsedMs: 0,
  bookedUnusedMs: 0,
  usedUnbookedMs: 0,
  calls: 0,
  callMs: 0,
};

function together(one: Sum, other: Sum): Sum {
  return {
    heardDevices: one.heardDevices + other.heardDevices,
    occupiedMs: one.occupiedMs + other.occupiedMs,
    emptyMs: one.emptyMs + other.emptyMs,
    countedMs: one.countedMs + other.countedMs,
    peopleMs: one.peopleMs + other.peopleMs,
    peak: greater(one.peak, other.peak),
    seatMs: one.seatMs + other.seatMs,
    seatedMs: one.seatedMs + other.seatedMs,
    peakShare: greater(one.peakShare, other.peakShare),
    bookedMs: one.bookedMs + other.bookedMs,
    bookedUsedMs: one.bookedUsedMs + other.bookedUsedMs,
    bookedUnusedMs: one.bookedUnusedMs + other.bookedUnusedMs,
    usedUnbookedMs: one.usedUnbookedMs + other.usedUnbookedMs,
    calls: one.calls + other.calls,
    callMs: one.callMs + other.callMs,
  };
}
