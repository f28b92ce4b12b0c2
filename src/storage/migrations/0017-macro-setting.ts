import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Settings that a macro changed for a time, written before the device hears of it, so that they are put back also after a crash. */
export const macroSetting: Migration = {
  version: 17,
  name: 'macro-setting',
  *statements(query) {
    yield query.schema
      .createTable('macro_setting')
      .modifyEnd(sql`strict`)
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('macro', 'text', (column) => column.notNull())
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('before', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('set_at', 'integer', (column) => column.notNull())
      .addColumn('until_at', 'integer')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('settled_at', 'integer');
    yield query.schema
      .createIndex('macro_setting_held')
      .unique()
      .on('macro_setting')
      .columns(['device_id', 'path'])
      .where(sql.ref('state'), '=', 'held');
  },
};
