import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Browsers that are signed in; of the id in the cookie only its digest. */
export const apiSession: Migration = {
  version: 23,
  name: 'api-session',
  *statements(query) {
    yield query.schema
      .createTable('api_session')
      .addColumn('digest', 'text', (column) => column.primaryKey())
      .addColumn('proof', 'text', (column) => column.notNull())
      .addColumn('made_at', 'integer', (column) => column.notNull())
      .addColumn('used_at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
  },
};
