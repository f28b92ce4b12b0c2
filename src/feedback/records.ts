import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { RecordRow } from './projection.ts';
import { SHAPES } from './record-tables.ts';
import type { SpanKind } from './span-rules.ts';

/** The record tables that have a time of their own kind; presence has queries of its own. */
export type HistoryTable = 'call' | 'booking' | 'span' | 'measurement' | 'measurement_hour';

/** A row of a record table; `id` may change when records are made again. Times are UTC milliseconds. */
export type Recorded<Table extends HistoryTable> = RecordRow<Table> & {
  readonly id: number;
  readonly device_id: number;
};

/** Rows that touch [from, to): begun before its end and not over at its beginning. */
export interface Query {
  /** All devices where absent. */
  readonly deviceId?: number;
  /** Only of these devices; all where absent. */
  readonly deviceIds?: readonly number[];
  readonly from: number;
  readonly to: number;
  /** Of spans: only these kinds. */
  readonly kinds?: readonly SpanKind[];
  /** Of measurements: only these sensors. */
  readonly sensors?: readonly string[];
}

/** A place in a list that is read newest first: the last row of the page before. */
export interface Place {
  readonly at: number;
  readonly id: number;
}

const PAGE = 1_000;

/** All rows that touch a span of time, oldest first. */
export async function recordsWithin<Table extends HistoryTable>(
  database: Database,
  table: Table,
  query: Query,
  options?: AbortOptions,
): Promise<Recorded<Table>[]> {
  const all: Recorded<Table>[] = [];
  for (let after: Place | null = null; ; ) {
    const rows: Recorded<Table>[] = await database.read(
      select<Table>(database, table, { query, place: after, order: 'asc', limit: PAGE }),
      options,
    );
    all.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return all;
    after = placeOf(table, last);
  }
}

/** A page of the rows that touch a span of time, newest first. */
export function recordsPage<Table extends HistoryTable>(
  database: Database,
  table: Table,
  { limit, after, ...query }: Query & { limit: number; after: Place | null },
  options?: AbortOptions,
): Promise<Recorded<Table>[]> {
  return database.read(
    select<Table>(database, table, { query, place: after, order: 'desc', limit }),
    options,
  );
}

export function placeOf<Table extends HistoryTable>(table: Table, row: Recorded<Table>): Place {
  const values: Readonly<Record<string, unknown>> = { ...row };
  return { at: Number(values[SHAPES[table].from]), id: row.id };
}

/** Calls that are under way, of one device or of all. */
export function openCalls(
  database: Database,
  deviceId?: number,
  options?: AbortOptions,
): Promise<Recorded<'call'>[]> {
  let query = database.query
    .selectFrom('call')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('is_end_known', '=', 1);
  if (deviceId !== undefined) query = query.where('device_id', '=', deviceId);
  return database.read(query.orderBy('started_at').limit(PAGE), options);
}

/** Bookings to come or under way, of one device or of all. */
export function openBookings(
  database: Database,
  deviceId?: number,
  options?: AbortOptions,
): Promise<Recorded<'booking'>[]> {
  let query = database.query.selectFrom('booking').selectAll().where('state', 'in', ['scheduled', 'running']);
  if (deviceId !== undefined) query = query.where('device_id', '=', deviceId);
  return database.read(query.orderBy('start_at').limit(PAGE), options);
}

/** What stands now, of one device or of all. */
export function openSpans(
  database: Database,
  { deviceId, kinds }: { deviceId?: number; kinds?: readonly SpanKind[] } = {},
  options?: AbortOptions,
): Promise<Recorded<'span'>[]> {
  let query = database.query.selectFrom('span').selectAll().where('to_at', 'is', null);
  if (deviceId !== undefined) query = query.where('device_id', '=', deviceId);
  if (kinds !== undefined) query = query.where('kind', 'in', kinds);
  return database.read(query.orderBy('from_at').limit(PAGE), options);
}

function select<Table extends HistoryTable>(
  database: Database,
  table: Table,
  {
    query: { deviceId, deviceIds, from, to, kinds, sensors },
    place,
    order,
    limit,
  }: { query: Query; place: Place | null; order: 'asc' | 'desc'; limit: number },
): Compilable<Recorded<Table>> {
  const shape = SHAPES[table];
  const begin = sql.ref(shape.from);
  const end = shape.to === null ? null : sql.ref(shape.to);
  const conditions = [
    sql`${begin} < ${to}`,
    end === null
      ? sql`${begin} >= ${from}`
      : sql`(${end} IS NULL OR ${end} > ${from} OR ${begin} >= ${from})`,
    ...(deviceId === undefined ? [] : [sql`device_id = ${deviceId}`]),
    ...(deviceIds === undefined
      ? []
      : [sql`device_id IN (SELECT value FROM json_each(${JSON.stringify(deviceIds)}))`]),
    ...(kinds === undefined || table !== 'span' ? [] : [sql`kind IN (${sql.join(kinds)})`]),
    ...(sensors === undefined || table === 'span' ? [] : [sql`sensor IN (${sql.join(sensors)})`]),
    ...(place === null
      ? []
      : [sql`(${begin}, id) ${sql.raw(order === 'asc' ? '>' : '<')} (${place.at}, ${place.id})`]),
  ];
  const direction = sql.raw(order);
  const text = sql<Recorded<Table>>`
    SELECT * FROM ${sql.table(table)} WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY ${begin} ${direction}, id ${direction} LIMIT ${limit}`;
  return { compile: () => text.compile(database.query) };
}
