import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const productSchema: Migration = {
  version: 2,
  name: 'product-schema',
  *statements(query) {
    yield query.schema
      .createTable('product_schema')
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('product', 'text', (column) => column.notNull())
      .addColumn('software', 'text', (column) => column.notNull())
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('settings', 'integer', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('content', 'blob', (column) => column.notNull())
      .addColumn('at', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('product_schema_key', ['source', 'product', 'software'])
      .modifyEnd(sql`strict`);
  },
};
