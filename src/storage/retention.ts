import { sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** So many rows keep the writer for about 10 ms. */
const ROWS_AT_ONCE = 5_000;

/**
 * Deletes the rows whose time in `column` lies before `before` (UTC
 * milliseconds), oldest first and in small writes, so that inserts wait
 * little. The search runs on a reader: no index on the time is needed and
 * the writer never scans. Rows whose time is null stay.
 * @returns how many rows went
 */
export async function deleteBefore<Table extends keyof Tables>(
  database: Database,
  table: Table,
  column: keyof Tables[Table] & string,
  before: number,
  options: AbortOptions = {},
): Promise<number> {
  const isOld = sql`${sql.ref(column)} < ${before}`;
  let deleted = 0;
  for (;;) {
    const oldest = sql<{ first: number | null; last: number | null; rows: number }>`
      SELECT min(id) AS first, max(id) AS last, count(*) AS rows
      FROM (SELECT rowid AS id FROM ${sql.table(table)} WHERE ${isOld} ORDER BY rowid LIMIT ${ROWS_AT_ONCE})`;
    const [found] = await database.read({ compile: () => oldest.compile(database.query) }, options);
    if (found === undefined || found.first === null) return deleted;
    const removal = sql`
      DELETE FROM ${sql.table(table)} WHERE rowid BETWEEN ${found.first} AND ${found.last} AND ${isOld}`;
    const [result] = await database.write([{ compile: () => removal.compile(database.query) }], options);
    deleted += result?.changes ?? 0;
    if (found.rows < ROWS_AT_ONCE) return deleted;
  }
}
