import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const approvedContent: Migration = {
  version: 6,
  name: 'approved-content',
  *statements(query) {
    yield query.schema
      .createTable('content_blob')
      .addColumn('digest', 'text', (column) => column.notNull().primaryKey())
      .addColumn('bytes', 'blob', (column) => column.notNull())
      .addColumn('put_at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
    yield query.schema
      .createIndex('event_of_calls')
      .on('event')
      .columns(['device_id', 'seq'])
      .where(sql<boolean>`path in ('CallDisconnect', 'CallSuccessful')`);
    yield query.schema.alterTable('write').addColumn('replaced_json', 'text');
    for (const table of ['revision', 'rollout']) {
      yield query.schema.alterTable(table).addColumn('git_commit', 'text');
      yield query.schema.alterTable(table).addColumn('git_dirty', 'integer');
    }
  },
};
