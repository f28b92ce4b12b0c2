import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const rotation: Migration = {
  version: 5,
  name: 'rotation',
  *statements(query) {
    yield query.schema
      .createTable('rotation')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('credential', 'text', (column) => column.notNull())
      .addColumn('next_fingerprint', 'text', (column) => column.notNull())
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
      .createTable('rotation_device')
      .addColumn('rotation_id', 'text', (column) =>
        column.notNull().references('rotation.id').onDelete('cascade'),
      )
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('ring', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('doubtful', 'integer', (column) => column.notNull())
      .addColumn('accepted_at', 'integer')
      .addColumn('next_at', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('rotation_device_key', ['rotation_id', 'device_id'])
      .modifyEnd(sql`strict`);
  },
};
