import { access } from 'node:fs/promises';
import type { Compilable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from './database.ts';
import { newQueryBuilder } from './query-builder.ts';
import { ReadQueue } from './read-queue.ts';
import { toStatement } from './statement.ts';
import type { Tables } from './tables.ts';
import { Thread } from './thread.ts';

/** What may be asked of a database that another process may own. */
export type Peeked = Pick<Database, 'read' | 'query'>;

/**
 * Reads from a database without making it, migrating it or owning its folder.
 * @returns null where there is no file, or it has no such table yet
 * @throws StorageError
 */
export async function peek<Found>(
  path: string,
  table: keyof Tables,
  look: (database: Peeked) => Promise<Found>,
  { signal }: AbortOptions = {},
): Promise<Found | null> {
  if (!(await exists(path))) return null;
  const thread = await Thread.start({ role: 'reader', path, openedAt: 0, migrations: [] }, { signal });
  try {
    const reads = new ReadQueue([thread]);
    const query = newQueryBuilder<Tables & { readonly sqlite_schema: { readonly name: string } }>();
    const named = query.selectFrom('sqlite_schema').select('name').where('name', '=', table);
    if ((await reads.read(toStatement(named), { signal })).length === 0) return null;
    return await look({
      query: newQueryBuilder<Tables>(),
      read: async <Row>(asked: Compilable<Row>) =>
        (await reads.read(toStatement(asked), { signal })) as Row[],
    });
  } finally {
    await thread.close();
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
