import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const alerts: Migration = {
  version: 11,
  name: 'alerts',
  *statements(query) {
    yield table(query, 'alert')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('rule', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('device_id', 'integer', (column) => column.references('device.id'))
      .addColumn('about', 'text', (column) => column.notNull())
      .addColumn('devices_json', 'text', (column) => column.notNull())
      .addColumn('severity', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('remedy', 'text', (column) => column.notNull())
      .addColumn('cleared', 'text', (column) => column.notNull())
      .addColumn('opened_at', 'integer', (column) => column.notNull())
      .addColumn('told_at', 'integer')
      .addColumn('told_to_json', 'text', (column) => column.notNull())
      .addColumn('silenced', 'text')
      .addColumn('acknowledged_at', 'integer')
      .addColumn('acknowledged_by', 'text')
      .addColumn('comment', 'text')
      .addColumn('resolved_at', 'integer')
      .addColumn('resolution', 'text')
      .addColumn('conversation', 'text', (column) => column.notNull());
    yield query.schema
      .createIndex('alert_open')
      .unique()
      .on('alert')
      .columns(['rule', 'key'])
      .where(sql.ref('resolved_at'), 'is', null);
    yield table(query, 'alert_change')
      .addColumn('alert_id', 'text', (column) => column.notNull().references('alert.id').onDelete('cascade'))
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('change', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('detail', 'text');
    yield query.schema.createIndex('alert_change_of').on('alert_change').columns(['alert_id', 'at']);
    yield table(query, 'maintenance')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('selector', 'text', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('from_at', 'integer', (column) => column.notNull())
      .addColumn('until_at', 'integer', (column) => column.notNull())
      .addColumn('ended_at', 'integer')
      .addColumn('ended_by', 'text');
    yield* conversations(query);
  },
};

/** The messages of one conversation stand together at whoever receives them; the first one's receipt is what the others answer. */
function* conversations(query: Kysely<unknown>) {
  yield query.schema.alterTable('outbox').addColumn('conversation', 'text');
  yield query.schema.createIndex('outbox_conversation').on('outbox').column('conversation');
  yield table(query, 'conversation')
    .addColumn('notifier', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('receipt', 'text', (column) => column.notNull())
    .addColumn('begun_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('conversation_key', ['notifier', 'id']);
}

function table<Name extends string>(query: Kysely<unknown>, name: Name): CreateTableBuilder<Name> {
  return query.schema.createTable(name).modifyEnd(sql`strict`);
}
