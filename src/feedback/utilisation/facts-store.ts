import { sql } from 'kysely';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Database } from '../../storage/database.ts';
import type { PresenceWord } from '../presence.ts';
import type { Facts } from './figures.ts';

/** Bookings and closed calls are looked for so far back from their beginning; what lasts longer counts for so long. */
export const LONGEST_MS = 14 * 24 * 60 * 60_000;

interface Scope {
  readonly deviceIds: readonly number[];
  readonly from: number;
  readonly to: number;
}

type MutableFacts = { -readonly [Kind in keyof Facts]: Facts[Kind][number][] };

/**
 * What is on record of some devices around [from, to). Intervals of presence
 * and of counts follow one another, so the last one that began before `from`
 * is all that can reach into it: nothing older is read.
 */
export async function readFacts(
  database: Database,
  scope: Scope,
  options?: AbortOptions,
): Promise<ReadonlyMap<number, Facts>> {
  const facts = new Map<number, MutableFacts>(
    scope.deviceIds.map((id) => [id, { presence: [], counts: [], bookings: [], calls: [] }]),
  );
  const read = <Row extends { device_id: number }>(query: ReturnType<typeof sql<Row>>): Promise<Row[]> =>
    database.read<Row>({ compile: () => query.compile(database.query) }, options);
  const [presence, counts, bookings, calls] = await Promise.all([
    read(following<PresenceRow>('presence', 'state', scope)),
    read(following<CountRow>('people_count', 'count', scope)),
    read(bookingsIn(scope)),
    read(callsIn(scope)),
  ]);
  for (const { device_id, state, from_at, to_at } of presence)
    facts.get(device_id)?.presence.push({ state, from: from_at, to: to_at });
  for (const { device_id, count, from_at, to_at } of counts)
    facts.get(device_id)?.counts.push({ count, from: from_at, to: to_at });
  for (const { device_id, start_at, to_at } of bookings)
    facts.get(device_id)?.bookings.push({ from: start_at, to: to_at });
  for (const { device_id, started_at, connected_at, ended_at } of calls)
    facts.get(device_id)?.calls.push({ from: started_at, connectedAt: connected_at, to: ended_at });
  return facts;
}

/** When the first record begins, of all devices or of one; null where there is none. From there on things can be rolled up. */
export async function firstRecordAt(
  database: Database,
  { deviceId }: { deviceId?: number } = {},
  options?: AbortOptions,
): Promise<number | null> {
  const whose = deviceId === undefined ? sql`` : sql`WHERE device_id = ${deviceId}`;
  const first = sql<{ at: number | null }>`
    SELECT min(at) AS at FROM (
      SELECT min(from_at) AS at FROM presence ${whose} UNION ALL
      SELECT min(from_at) FROM people_count ${whose} UNION ALL
      SELECT min(started_at) FROM call ${whose} UNION ALL
      SELECT min(start_at) FROM booking ${whose})`;
  const [row] = await database.read<{ at: number | null }>(
    { compile: () => first.compile(database.query) },
    options,
  );
  return row?.at ?? null;
}

interface PresenceRow {
  readonly device_id: number;
  readonly state: PresenceWord;
  readonly from_at: number;
  readonly to_at: number | null;
}

type CountRow = Omit<PresenceRow, 'state'> & { readonly count: number };

function following<Row>(
  table: 'presence' | 'people_count',
  value: 'state' | 'count',
  { deviceIds, from, to }: Scope,
) {
  return sql<Row>`
    SELECT fact.device_id, fact.${sql.ref(value)}, fact.from_at, fact.to_at
    FROM json_each(${JSON.stringify(deviceIds)}) AS wanted CROSS JOIN ${sql.table(table)} AS fact
    WHERE fact.device_id = wanted.value AND fact.from_at < ${to} AND fact.from_at >= coalesce((
      SELECT max(before.from_at) FROM ${sql.table(table)} AS before
      WHERE before.device_id = wanted.value AND before.from_at <= ${from}), ${from})`;
}

/** One that was cancelled before it began, or of whose end nothing is known, lasts no time. */
function bookingsIn({ deviceIds, from, to }: Scope) {
  return sql<{ device_id: number; start_at: number; to_at: number | null }>`
    SELECT device_id, start_at, CASE
      WHEN ended_at IS NOT NULL AND end_at IS NOT NULL THEN min(ended_at, end_at)
      WHEN state = 'running' THEN end_at
      ELSE coalesce(ended_at, end_at, start_at) END AS to_at
    FROM json_each(${JSON.stringify(deviceIds)}) AS wanted CROSS JOIN booking
    WHERE device_id = wanted.value AND start_at >= ${from - LONGEST_MS} AND start_at < ${to}`;
}

/** Of one whose end nobody heard, `ended_at` is the latest that it can have been; without any, nobody knows that it went on. */
function callsIn({ deviceIds, from, to }: Scope) {
  return sql<{ device_id: number; started_at: number; connected_at: number | null; ended_at: number | null }>`
    SELECT device_id, started_at, connected_at,
      CASE WHEN ended_at IS NULL AND is_end_known = 0 THEN started_at ELSE ended_at END AS ended_at
    FROM json_each(${JSON.stringify(deviceIds)}) AS wanted CROSS JOIN call
    WHERE device_id = wanted.value AND started_at < ${to}
      AND (started_at >= ${from - LONGEST_MS} OR ended_at IS NULL)`;
}
