import { type Compilable, type Kysely, sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** What the log of events amounts to: calls, bookings, spans and measurements, and how far each projection has come. */
export const records: Migration = {
  version: 10,
  name: 'records',
  *statements(query) {
    yield* calls(query);
    yield* bookings(query);
    yield* spans(query);
    yield* measurements(query);
    yield* projections(query);
    yield query.schema
      .createTable('erasure')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('from_at', 'integer')
      .addColumn('to_at', 'integer')
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('rows', 'integer')
      .modifyEnd(sql`strict`);
  },
};

function* calls(query: Kysely<unknown>): Iterable<Compilable> {
  yield derived(query, 'call')
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('direction', 'text')
    .addColumn('protocol', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('is_start_known', 'integer', (column) => column.notNull())
    .addColumn('connected_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('is_end_known', 'integer', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('cause_type', 'text')
    .addColumn('cause', 'text')
    .addColumn('duration_s', 'integer')
    .addColumn('remote', 'text')
    .addColumn('remote_form', 'text', (column) => column.notNull())
    .addColumn('people_average', 'real')
    .addUniqueConstraint('call_once', ['device_id', 'call_id', 'seq']);
  yield query.schema.createIndex('call_by_device').on('call').columns(['device_id', 'started_at']);
  yield query.schema.createIndex('call_by_time').on('call').column('started_at');
  yield openOnly(query, 'call', 'ended_at');
}

function* bookings(query: Kysely<unknown>): Iterable<Compilable> {
  yield derived(query, 'booking')
    .addColumn('booking_id', 'text', (column) => column.notNull())
    .addColumn('meeting_id', 'text')
    .addColumn('organizer', 'text')
    .addColumn('organizer_form', 'text', (column) => column.notNull())
    .addColumn('start_at', 'integer', (column) => column.notNull())
    .addColumn('end_at', 'integer')
    .addColumn('extended_times', 'integer', (column) => column.notNull())
    .addColumn('began_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addUniqueConstraint('booking_once', ['device_id', 'booking_id', 'seq']);
  yield query.schema.createIndex('booking_by_device').on('booking').columns(['device_id', 'start_at']);
  yield query.schema.createIndex('booking_by_time').on('booking').column('start_at');
  yield query.schema
    .createIndex('booking_open')
    .on('booking')
    .columns(['device_id', 'booking_id'])
    .where(sql.ref('state'), 'in', [sql.lit('scheduled'), sql.lit('running')]);
}

function* spans(query: Kysely<unknown>): Iterable<Compilable> {
  yield derived(query, 'span')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('from_at', 'integer', (column) => column.notNull())
    .addColumn('to_at', 'integer')
    .addColumn('is_end_known', 'integer', (column) => column.notNull())
    .addColumn('detail_json', 'text')
    .addUniqueConstraint('span_once', ['device_id', 'kind', 'key', 'seq']);
  yield query.schema.createIndex('span_by_device').on('span').columns(['device_id', 'from_at']);
  yield query.schema.createIndex('span_by_time').on('span').columns(['kind', 'from_at']);
  yield openOnly(query, 'span', 'to_at');
}

function* measurements(query: Kysely<unknown>): Iterable<Compilable> {
  yield derived(query, 'measurement')
    .addColumn('sensor', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('value', 'real', (column) => column.notNull())
    .addUniqueConstraint('measurement_once', ['device_id', 'sensor', 'source', 'seq']);
  yield query.schema.createIndex('measurement_by_device').on('measurement').columns(['device_id', 'at']);
  yield derived(query, 'measurement_hour')
    .addColumn('sensor', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('hour_at', 'integer', (column) => column.notNull())
    .addColumn('samples', 'integer', (column) => column.notNull())
    .addColumn('min', 'real', (column) => column.notNull())
    .addColumn('max', 'real', (column) => column.notNull())
    .addColumn('mean', 'real', (column) => column.notNull())
    .addUniqueConstraint('measurement_hour_once', ['device_id', 'sensor', 'source', 'hour_at']);
}

/** Presence joins the others: its rows know the event that began them, and its state moves out of the cursor's table. */
function* projections(query: Kysely<unknown>): Iterable<Compilable> {
  yield query.schema
    .createTable('projection')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('state_json', 'text', (column) => column.notNull())
    .addColumn('base_seq', 'integer', (column) => column.notNull())
    .addColumn('base_json', 'text')
    .addPrimaryKeyConstraint('projection_key', ['name', 'device_id'])
    .modifyEnd(sql`strict`);
  yield query.schema
    .alterTable('presence')
    .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0));
  yield query.schema.dropIndex('presence_by_device');
  yield query.schema.createIndex('presence_once').unique().on('presence').columns(['device_id', 'from_at']);
  yield* presenceGoesOn(query);
}

/** What presence knew stands where the fold goes on from; nothing before the cursor is made again. */
function* presenceGoesOn(query: Kysely<unknown>): Iterable<Compilable> {
  const cursor = sql`coalesce((SELECT seq FROM projector WHERE name = 'presence'), 0)`;
  const lastAt = sql`(SELECT state_json ->> '$.lastAt' FROM projector WHERE name = 'presence/' || device_id)`;
  const state = sql`json_object(
    'open', json_object('state', state, 'maxCount', max_count, 'lastCount', last_count,
      'source', source, 'from', from_at, 'to', NULL),
    'seq', 0, 'lastAt', max(from_at, coalesce(${lastAt}, 0)))`;
  const steps = [
    sql`INSERT INTO projection (name, device_id, state_json, base_seq, base_json)
      SELECT 'presence', device_id, ${state}, ${cursor}, ${state} FROM presence WHERE to_at IS NULL`,
    sql`DELETE FROM projector WHERE name LIKE 'presence/%'`,
    sql`INSERT INTO projector (name, seq) SELECT 'version:presence', 1 FROM projector WHERE name = 'presence'`,
    sql`UPDATE projector SET name = 'events' WHERE name = 'presence'`,
  ];
  for (const step of steps) yield { compile: () => step.compile(query) };
}

/** STRICT: a column holds its declared type or the row is refused. `seq` is the event that began the row. */
function derived(query: Kysely<unknown>, name: string) {
  return query.schema
    .createTable(name)
    .addColumn('id', 'integer', (column) => column.notNull().primaryKey().autoIncrement())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .modifyEnd(sql`strict`);
}

function openOnly(query: Kysely<unknown>, table: 'call' | 'span', end: string): Compilable {
  return query.schema
    .createIndex(`${table}_open`)
    .on(table)
    .column('device_id')
    .where(sql.ref(end), 'is', null);
}
