import { sql } from 'kysely';
import type { Migration } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';

/** Makes a table, fills it, damages another, says so by the function `say`, and then does not end. */
export const endlessMigration: Migration = {
  version: (migrations.at(-1)?.version ?? 0) + 1,
  name: 'endless',
  *statements(query) {
    const raw = (text: ReturnType<typeof sql>) => ({ compile: () => text.compile(query) });
    yield query.schema.createTable('half').addColumn('id', 'integer');
    yield raw(sql`INSERT INTO half VALUES (1)`);
    yield raw(sql`DELETE FROM fact WHERE say('in the middle') = 0`);
    yield raw(sql`
      INSERT INTO half WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter)
      SELECT n FROM counter WHERE n < 0`);
  },
};
