import { type Compilable, type Kysely, sql } from 'kysely';
import type { Migration } from '../migration.ts';

/**
 * How many people were counted, as intervals; how much rooms were used, by
 * quarter of an hour; and marks for what changes below the place up to which
 * that is known. The marks are the database's own, so that whatever changes a
 * record (a gap that reaches back, a rebuild, an erasure) leaves one.
 */
export const utilisation: Migration = {
  version: 12,
  name: 'utilisation',
  *statements(query) {
    yield* peopleCounts(query);
    yield query.schema
      .createTable('utilisation')
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('length_ms', 'integer', (column) => column.notNull())
      .addColumn('occupied_ms', 'integer', (column) => column.notNull())
      .addColumn('empty_ms', 'integer', (column) => column.notNull())
      .addColumn('counted_ms', 'integer', (column) => column.notNull())
      .addColumn('people_ms', 'integer', (column) => column.notNull())
      .addColumn('peak', 'integer')
      .addColumn('booked_ms', 'integer', (column) => column.notNull())
      .addColumn('booked_used_ms', 'integer', (column) => column.notNull())
      .addColumn('booked_unused_ms', 'integer', (column) => column.notNull())
      .addColumn('used_unbooked_ms', 'integer', (column) => column.notNull())
      .addColumn('calls', 'integer', (column) => column.notNull())
      .addColumn('call_ms', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('utilisation_key', ['device_id', 'at'])
      .modifyEnd(sql`strict, without rowid`);
    yield query.schema
      .createTable('utilisation_cursor')
      .addColumn('id', 'integer', (column) => column.notNull().primaryKey())
      .addColumn('until_at', 'integer', (column) => column.notNull())
      .addColumn('claimed_at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
    yield query.schema
      .createTable('utilisation_mark')
      .addColumn('device_id', 'integer', (column) => column.notNull().primaryKey().references('device.id'))
      .addColumn('from_at', 'integer', (column) => column.notNull())
      .addColumn('to_at', 'integer', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
    for (const watched of WATCHED) yield* marks(query, watched);
  },
};

function* peopleCounts(query: Kysely<unknown>): Iterable<Compilable> {
  yield query.schema
    .createTable('people_count')
    .addColumn('id', 'integer', (column) => column.notNull().primaryKey().autoIncrement())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('from_at', 'integer', (column) => column.notNull())
    .addColumn('to_at', 'integer')
    .addUniqueConstraint('people_count_once', ['device_id', 'from_at'])
    .modifyEnd(sql`strict`);
}

interface Watched {
  readonly table: 'presence' | 'people_count' | 'call' | 'booking';
  readonly from: string;
  /** Columns of which the first that is not null ends the row. */
  readonly to: readonly string[];
  /** What else a figure depends on. */
  readonly also: readonly string[];
}

const WATCHED: readonly Watched[] = [
  { table: 'presence', from: 'from_at', to: ['to_at'], also: ['state'] },
  { table: 'people_count', from: 'from_at', to: ['to_at'], also: ['count'] },
  { table: 'call', from: 'started_at', to: ['ended_at'], also: ['connected_at'] },
  { table: 'booking', from: 'start_at', to: ['ended_at', 'end_at'], also: [] },
];

/** SQLite's largest time that JavaScript holds exactly: a row without an end goes on for ever. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** A change of an end alone concerns what lies between the old end and the new; anything else the whole row. */
function* marks(query: Kysely<unknown>, watched: Watched): Iterable<Compilable> {
  const { table, from, also, to } = watched;
  const ends = (row: string): string =>
    `coalesce(${to.map((column) => `${row}.${column}`).join(', ')}, ${FOR_EVER})`;
  const isOther = [from, ...also].map((column) => `old.${column} IS NOT new.${column}`).join(' OR ');
  const changedFrom = `CASE WHEN ${isOther} THEN min(old.${from}, new.${from}) ELSE min(${ends('old')}, ${ends('new')}) END`;
  const changedTo = `max(${ends('old')}, ${ends('new')})`;
  const differs = `(${isOther} OR ${ends('old')} <> ${ends('new')})`;
  yield trigger(query, table, { on: 'insert', row: 'new', from: `new.${from}`, to: ends('new') });
  yield trigger(query, table, { on: 'delete', row: 'old', from: `old.${from}`, to: ends('old') });
  yield trigger(query, table, { on: 'update', row: 'new', from: changedFrom, to: changedTo, differs });
}

function trigger(
  query: Kysely<unknown>,
  table: string,
  { on, row, from, to, differs }: { on: string; row: string; from: string; to: string; differs?: string },
): Compilable {
  const isKnown = `${from} < (SELECT claimed_at FROM utilisation_cursor WHERE id = 1)`;
  const text = `
    CREATE TRIGGER ${table}_${on}_utilisation AFTER ${on.toUpperCase()} ON ${sqlName(table)}
    WHEN ${differs === undefined ? '' : `${differs} AND `}${isKnown}
    BEGIN
      INSERT INTO utilisation_mark (device_id, from_at, to_at, generation)
      VALUES (${row}.device_id, ${from}, ${to}, 1)
      ON CONFLICT (device_id) DO UPDATE SET
        from_at = min(from_at, excluded.from_at),
        to_at = max(to_at, excluded.to_at),
        generation = generation + 1;
    END`;
  return { compile: () => sql.raw(text).compile(query) };
}

function sqlName(table: string): string {
  return `"${table}"`;
}
