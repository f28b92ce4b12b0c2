import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const managed: Migration = {
  version: 3,
  name: 'managed',
  *statements(query) {
    yield query.schema
      .createTable('managed')
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('put_at', 'integer')
      .addPrimaryKeyConstraint('managed_key', ['device_id', 'kind', 'key'])
      .modifyEnd(sql`strict`);
  },
};
