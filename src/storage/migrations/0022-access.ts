import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Who may use the API: tokens and users, and when each was used last, those of the fleet file as well. */
export const access: Migration = {
  version: 22,
  name: 'access',
  *statements(query) {
    for (const table of ['api_token', 'api_user'] as const)
      yield query.schema
        .createTable(table)
        .addColumn('name', 'text', (column) => column.primaryKey())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('devices', 'text')
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('made_at', 'integer', (column) => column.notNull())
        .addColumn('made_by', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'integer')
        .modifyEnd(sql`strict`);
    yield query.schema
      .createTable('api_use')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('place', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('used_at', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('api_use_key', ['kind', 'place', 'name'])
      .modifyEnd(sql`strict`);
  },
};
