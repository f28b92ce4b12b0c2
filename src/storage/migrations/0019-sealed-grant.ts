import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** What other systems granted last, sealed: a refresh token is used up by the next. */
export const sealedGrant: Migration = {
  version: 19,
  name: 'sealed-grant',
  *statements(query) {
    yield query.schema
      .createTable('sealed_grant')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('sealed', 'text', (column) => column.notNull())
      .addColumn('at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`);
  },
};
