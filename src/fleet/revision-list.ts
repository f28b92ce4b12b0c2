import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { commitOf, type FleetCommit } from './fleet-commit.ts';

/** A revision without what it holds. */
export interface ListedRevision {
  readonly seq: number;
  readonly id: string;
  readonly fingerprint: string;
  /** UTC milliseconds. */
  readonly approvedAt: number;
  readonly approvedBy: string;
  readonly commit: FleetCommit | null;
  /** How many writes carry it out. */
  readonly writes: number;
}

/** Revisions, newest first; only those before `before` (`seq`) where that is given. @throws StorageError */
export async function listRevisions(
  database: Database,
  { before, limit }: { readonly before: number | null; readonly limit: number },
  options: AbortOptions = {},
): Promise<ListedRevision[]> {
  let query = database.query
    .selectFrom('revision')
    .select(['seq', 'id', 'fingerprint', 'approved_at', 'approved_by', 'git_commit', 'git_dirty'])
    .select((from) =>
      from
        .selectFrom('write')
        .whereRef('write.revision_id', '=', 'revision.id')
        .select(from.fn.countAll().as('n'))
        .as('writes'),
    )
    .orderBy('seq', 'desc')
    .limit(limit);
  if (before !== null) query = query.where('seq', '<', before);
  const rows = await database.read(query, options);
  return rows.map((row) => ({
    seq: row.seq,
    id: row.id,
    fingerprint: row.fingerprint,
    approvedAt: row.approved_at,
    approvedBy: row.approved_by,
    commit: commitOf(row),
    writes: Number(row.writes ?? 0),
  }));
}
