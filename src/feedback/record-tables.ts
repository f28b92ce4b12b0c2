import { type Compilable, type CompiledQuery, sql } from 'kysely';
import { newQueryBuilder } from '../storage/query-builder.ts';
import type { Tables } from '../storage/tables.ts';
import type { RecordTable, RowWrite } from './projection.ts';

interface Shape {
  /** What tells a device's rows apart. */
  readonly key: readonly string[];
  readonly rest: readonly string[];
  /** Columns of the times between which a row says something; where `to` is empty it still stands. */
  readonly from: string;
  readonly to: string | null;
}

/** The record tables' columns, besides the id and the device. */
export const SHAPES: Readonly<Record<RecordTable, Shape>> = {
  presence: {
    key: ['from_at'],
    rest: ['seq', 'state', 'max_count', 'last_count', 'source', 'to_at'],
    from: 'from_at',
    to: 'to_at',
  },
  people_count: { key: ['from_at'], rest: ['seq', 'count', 'to_at'], from: 'from_at', to: 'to_at' },
  call: {
    key: ['call_id', 'seq'],
    rest: [
      'direction',
      'protocol',
      'state',
      'started_at',
      'is_start_known',
      'connected_at',
      'ended_at',
      'is_end_known',
      'outcome',
      'cause_type',
      'cause',
      'duration_s',
      'remote',
      'remote_form',
      'people_average',
    ],
    from: 'started_at',
    to: 'ended_at',
  },
  booking: {
    key: ['booking_id', 'seq'],
    rest: [
      'meeting_id',
      'organizer',
      'organizer_form',
      'series',
      'start_at',
      'end_at',
      'extended_times',
      'began_at',
      'ended_at',
      'state',
    ],
    from: 'start_at',
    to: 'end_at',
  },
  span: {
    key: ['kind', 'key', 'seq'],
    rest: ['value', 'from_at', 'to_at', 'is_end_known', 'detail_json'],
    from: 'from_at',
    to: 'to_at',
  },
  measurement: { key: ['sensor', 'source', 'seq'], rest: ['at', 'value'], from: 'at', to: null },
  measurement_hour: {
    key: ['sensor', 'source', 'hour_at'],
    rest: ['seq', 'samples', 'min', 'max', 'mean'],
    from: 'hour_at',
    to: null,
  },
};

/** Brings one row of a device to where a projection wants it. */
export function rowStatement(deviceId: number, { table, row, isGone = false }: RowWrite): Compilable {
  const { key, rest } = SHAPES[table];
  const values: Readonly<Record<string, unknown>> = { ...row };
  const columns = isGone ? key : [...key, ...rest];
  const parameters = [deviceId, ...columns.map((column) => values[column])];
  return filled(isGone ? REMOVALS[table] : PUTS[table], parameters);
}

/** The same text for the same row of the same device. */
export function rowKey(deviceId: number, { table, row }: RowWrite): string {
  const values: Readonly<Record<string, unknown>> = { ...row };
  return JSON.stringify([table, deviceId, ...SHAPES[table].key.map((column) => values[column])]);
}

/** Ends what no state knows any more: rows that events up to `untilSeq` began and that still stand open, at the latest `at`. */
export function closing(
  table: RecordTable,
  { deviceId, untilSeq, at }: { deviceId: number; untilSeq: number; at: number },
): Compilable[] {
  const rows = sql`device_id = ${deviceId} AND seq <= ${untilSeq}`;
  const ends: Partial<Record<RecordTable, ReturnType<typeof sql>>> = {
    presence: sql`UPDATE presence SET to_at = max(from_at, ${at}) WHERE ${rows} AND to_at IS NULL`,
    people_count: sql`UPDATE people_count SET to_at = max(from_at, ${at}) WHERE ${rows} AND to_at IS NULL`,
    span: sql`UPDATE span SET to_at = max(from_at, ${at}), is_end_known = 0 WHERE ${rows} AND to_at IS NULL`,
    call: sql`UPDATE call SET ended_at = max(started_at, ${at}), is_end_known = 0, state = 'unknown',
      outcome = 'unknown' WHERE ${rows} AND ended_at IS NULL`,
    booking: sql`UPDATE booking SET state = 'unknown' WHERE ${rows} AND state IN ('scheduled', 'running')`,
  };
  const end = ends[table];
  return end === undefined ? [] : [{ compile: () => end.compile(builder) }];
}

/** A compiled statement with other parameters. */
export function filled(query: CompiledQuery, parameters: readonly unknown[]): Compilable {
  return { compile: () => ({ ...query, parameters }) };
}

/** Compiled once: at full speed building statements would cost more than running them. Parameters come in the order of the columns. */
const builder = newQueryBuilder<Tables>();

function ofEach(compile: (table: RecordTable, shape: Shape) => CompiledQuery) {
  const tables = Object.keys(SHAPES) as RecordTable[];
  return Object.fromEntries(tables.map((table) => [table, compile(table, SHAPES[table])])) as Readonly<
    Record<RecordTable, CompiledQuery>
  >;
}

const PUTS = ofEach((table, { key, rest }) => {
  const columns = ['device_id', ...key, ...rest];
  return sql`
    INSERT INTO ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    VALUES (${sql.join(columns.map(() => null))})
    ON CONFLICT (${sql.join(['device_id', ...key].map((column) => sql.ref(column)))}) DO UPDATE SET
    ${sql.join(rest.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`))}
  `.compile(builder);
});

const REMOVALS = ofEach((table, { key }) =>
  sql`
    DELETE FROM ${sql.table(table)}
    WHERE ${sql.join(
      ['device_id', ...key].map((column) => sql`${sql.ref(column)} = ${null}`),
      sql` AND `,
    )}
  `.compile(builder),
);
