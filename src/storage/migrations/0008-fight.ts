import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Settings that are fought over now: survives restarts, while the events that tell of it are kept only so long. */
export const fight: Migration = {
  version: 8,
  name: 'fight',
  *statements(query) {
    yield query.schema
      .createTable('fight')
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('ours', 'text', (column) => column.notNull())
      .addColumn('theirs', 'text', (column) => column.notNull())
      .addColumn('since_at', 'integer', (column) => column.notNull())
      .addColumn('opened_at', 'integer', (column) => column.notNull())
      .addColumn('flips_json', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('fight_key', ['device_id', 'path'])
      .modifyEnd(sql`strict`);
  },
};
