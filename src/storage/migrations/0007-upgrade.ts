import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Software on its way over the fleet. */
export const upgrade: Migration = {
  version: 7,
  name: 'upgrade',
  *statements(query) {
    yield query.schema
      .createTable('upgrade')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('paused', 'integer', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('strategy_json', 'text', (column) => column.notNull())
      .addColumn('rings_json', 'text', (column) => column.notNull())
      .addColumn('ring', 'integer', (column) => column.notNull())
      .addColumn('started_at', 'integer', (column) => column.notNull())
      .addColumn('ended_at', 'integer')
      .modifyEnd(sql`strict`);
    yield query.schema
      .createTable('upgrade_device')
      .addColumn('upgrade_id', 'text', (column) =>
        column.notNull().references('upgrade.id').onDelete('cascade'),
      )
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('ring', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('from_version', 'text')
      .addColumn('to_version', 'text', (column) => column.notNull())
      .addColumn('url', 'text')
      .addColumn('order_json', 'text')
      .addColumn('differed_before', 'integer')
      .addColumn('differing_json', 'text')
      .addColumn('known_errors_json', 'text', (column) => column.notNull())
      .addColumn('proven_at', 'integer')
      .addColumn('strikes', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('upgrade_device_key', ['upgrade_id', 'device_id'])
      .modifyEnd(sql`strict`);
  },
};
