import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const rollout: Migration = {
  version: 4,
  name: 'rollout',
  *statements(query) {
    yield query.schema
      .createTable('rollout')
      .addColumn('id', 'text', (column) => column.notNull().primaryKey())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('paused', 'integer', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('fingerprint', 'text', (column) => column.notNull())
      .addColumn('strategy_json', 'text', (column) => column.notNull())
      .addColumn('rings_json', 'text', (column) => column.notNull())
      .addColumn('ring', 'integer', (column) => column.notNull())
      .addColumn('revision_before', 'text')
      .addColumn('revision', 'text')
      .addColumn('confirmed_by', 'text')
      .addColumn('confirm_by', 'integer')
      .addColumn('started_at', 'integer', (column) => column.notNull())
      .addColumn('ended_at', 'integer')
      .modifyEnd(sql`strict`);
    yield query.schema
      .createTable('rollout_device')
      .addColumn('rollout_id', 'text', (column) =>
        column.notNull().references('rollout.id').onDelete('cascade'),
      )
      .addColumn('device_id', 'integer', (column) => column.notNull().references('device.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('ring', 'integer', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('reason', 'text')
      .addColumn('touched', 'integer', (column) => column.notNull())
      .addColumn('cuts_off', 'integer', (column) => column.notNull())
      .addColumn('before_json', 'text')
      .addColumn('after_json', 'text', (column) => column.notNull())
      .addColumn('known_errors_json', 'text', (column) => column.notNull())
      .addColumn('written_at', 'integer')
      .addColumn('strikes', 'integer', (column) => column.notNull())
      .addColumn('next_at', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('rollout_device_key', ['rollout_id', 'device_id'])
      .modifyEnd(sql`strict`);
  },
};
