import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Devices that other systems know: each complete pull that changed something, and how pulling stands. */
export const inventory: Migration = {
  version: 16,
  name: 'inventory',
  *statements(query) {
    yield query.schema
      .createTable('inventory_pull')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('confirmed_at', 'integer', (column) => column.notNull())
      .addColumn('devices_json', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`);
    yield query.schema.createIndex('inventory_pull_of_source').on('inventory_pull').columns(['source', 'id']);
    yield query.schema
      .createTable('inventory_failure')
      .addColumn('source', 'text', (column) => column.primaryKey())
      .addColumn('since_at', 'integer', (column) => column.notNull())
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`);
  },
};
