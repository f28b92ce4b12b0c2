import { type Compilable, type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const initial: Migration = {
  version: 1,
  name: 'initial',
  *statements(query) {
    yield* devices(query);
    yield* observations(query);
    yield* changes(query);
    yield* macros(query);
    yield* messages(query);
  },
};

function* devices(query: Kysely<unknown>): Iterable<Compilable> {
  yield numbered(query, 'device')
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('serial', 'text')
    .addColumn('fingerprint256', 'text')
    .addColumn('product', 'text')
    .addColumn('software', 'text')
    .addColumn('first_seen_at', 'integer')
    .addColumn('last_seen_at', 'integer')
    .addColumn('removed_at', 'integer')
    .addColumn('created_at', 'integer', (column) => column.notNull());
  yield table(query, 'login_gate')
    .addColumn('key', 'text', (column) => column.notNull().primaryKey())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('at', 'integer', (column) => column.notNull());
  yield table(query, 'web_session')
    .addColumn('cookie', 'text', (column) => column.notNull().primaryKey())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('opened_at', 'integer', (column) => column.notNull());
  yield query.schema.createIndex('web_session_by_device').on('web_session').column('device_id');
  yield table(query, 'slot_token')
    .addColumn('device_id', 'integer', (column) => column.notNull().primaryKey().references('device.id'))
    .addColumn('token', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'integer', (column) => column.notNull());
}

function* observations(query: Kysely<unknown>): Iterable<Compilable> {
  // AUTOINCREMENT: projectors remember the last seq, so none may come again after retention emptied the table.
  yield numbered(query, 'event', 'seq')
    .addColumn('device_id', 'integer', (column) => column.references('device.id'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('path', 'text')
    .addColumn('payload_json', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('received_at', 'integer', (column) => column.notNull())
    .addColumn('device_at', 'integer');
  yield query.schema.createIndex('event_by_device').on('event').columns(['device_id', 'seq']);
  yield table(query, 'projector')
    .addColumn('name', 'text', (column) => column.notNull().primaryKey())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('state_json', 'text');
  yield numbered(query, 'presence')
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('max_count', 'integer')
    .addColumn('last_count', 'integer')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('from_at', 'integer', (column) => column.notNull())
    .addColumn('to_at', 'integer');
  yield query.schema.createIndex('presence_by_device').on('presence').columns(['device_id', 'from_at']);
  yield query.schema
    .createIndex('presence_open')
    .unique()
    .on('presence')
    .column('device_id')
    .where(sql.ref('to_at'), 'is', null);
}

function* changes(query: Kysely<unknown>): Iterable<Compilable> {
  yield numbered(query, 'revision', 'seq')
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('approved_at', 'integer', (column) => column.notNull())
    .addColumn('approved_by', 'text', (column) => column.notNull())
    .addColumn('desired_json', 'text', (column) => column.notNull());
  yield table(query, 'unfinished_apply')
    .addColumn('device_id', 'integer', (column) => column.notNull().primaryKey().references('device.id'))
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('since_at', 'integer', (column) => column.notNull());
  yield numbered(query, 'write', 'seq')
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('revision_id', 'text', (column) => column.references('revision.id'))
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('before', 'text')
    .addColumn('wanted', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('detail', 'text')
    .addColumn('intended_at', 'integer', (column) => column.notNull())
    .addColumn('settled_at', 'integer');
  yield query.schema.createIndex('write_by_device').on('write').columns(['device_id', 'intended_at']);
  yield query.schema
    .createIndex('write_unsettled')
    .on('write')
    .column('device_id')
    .where(sql.ref('settled_at'), 'is', null);
  yield table(query, 'hold')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('selector', 'text')
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('since_at', 'integer', (column) => column.notNull())
    .addColumn('released_at', 'integer');
}

function* macros(query: Kysely<unknown>): Iterable<Compilable> {
  yield table(query, 'macro_run')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('macro', 'text', (column) => column.notNull())
    .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('due_at', 'integer', (column) => column.notNull())
    .addColumn('started_at', 'integer')
    .addColumn('ended_at', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addUniqueConstraint('macro_run_once', ['macro', 'device_id', 'due_at']);
  yield table(query, 'macro_step')
    .addColumn('run_id', 'text', (column) => column.notNull().references('macro_run.id').onDelete('cascade'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('step', 'text', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('ended_at', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('result', 'text')
    .addPrimaryKeyConstraint('macro_step_key', ['run_id', 'position']);
}

function* messages(query: Kysely<unknown>): Iterable<Compilable> {
  yield table(query, 'outbox')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('message_json', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('next_attempt_at', 'integer', (column) => column.notNull())
    .addColumn('delivered_at', 'integer')
    .addColumn('receipt', 'text')
    .addColumn('last_error', 'text');
  yield query.schema.createIndex('outbox_due').on('outbox').columns(['state', 'next_attempt_at']);
  yield table(query, 'fact')
    .addColumn('name', 'text', (column) => column.notNull().primaryKey())
    .addColumn('value', 'text', (column) => column.notNull());
}

/** STRICT: a column holds its declared type or the row is refused. */
function table<Name extends string>(query: Kysely<unknown>, name: Name): CreateTableBuilder<Name> {
  return query.schema.createTable(name).modifyEnd(sql`strict`);
}

function numbered(query: Kysely<unknown>, name: string, key = 'id') {
  return table(query, name).addColumn(key, 'integer', (column) =>
    column.notNull().primaryKey().autoIncrement(),
  );
}
