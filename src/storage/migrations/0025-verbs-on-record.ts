import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Verbs of people that leave no other trace, and those that made the tokens and users that there are. */
export const verbsOnRecord: Migration = {
  version: 25,
  name: 'verbs-on-record',
  *statements(query) {
    yield query.schema
      .createTable('deed')
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('verb', 'text', (column) => column.notNull())
      .addColumn('what', 'text', (column) => column.notNull())
      .modifyEnd(sql`strict`);
    yield query.schema.createIndex('deed_by_time').on('deed').column('at');
    for (const entry of ['token', 'user'] as const) {
      const made = sql`INSERT INTO deed (at, actor, verb, what)
        SELECT made_at, made_by, ${sql.lit(`${entry}s.create`)},
          ${sql.lit(`made the ${entry} `)} || name || ' (' || role || ', ' || coalesce(devices, 'the whole fleet') || ')'
        FROM ${sql.table(`api_${entry}`)}`;
      yield { compile: () => made.compile(query) };
    }
  },
};
