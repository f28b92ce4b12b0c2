import type { Compilable, Kysely } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { EventFeed } from './event-feed.ts';
import type { Tables } from './tables.ts';

/** What a statement did. `rows` holds what `RETURNING` gave. */
export interface WriteResult {
  readonly changes: number;
  readonly lastInsertId: number;
  readonly rows: readonly Record<string, unknown>[];
}

/**
 * The database as every slice sees it. Queries are built with `query` (which
 * runs nothing by itself), compiled on this side and run in worker threads:
 * the main loop never opens the file.
 */
export interface Database {
  /** Builds queries; executing one of them directly is an error. */
  readonly query: Kysely<Tables>;
  /** Tells when a write that inserted events is on the disk. */
  readonly eventFeed: EventFeed;
  /**
   * Runs one reading query on a reader thread; sees every write that was
   * acknowledged before. An abort frees the caller at once; a query that
   * already runs ends unheard. Read at most about 1,000 rows and page on.
   * @throws StorageError `corrupt`, `overloaded`, `closed`, `crashed`, `failed`
   */
  read<Row>(query: Compilable<Row>, options?: AbortOptions): Promise<Row[]>;
  /**
   * Runs the statements as one transaction on the writer thread and resolves
   * once it is on the disk (synchronous=FULL). Batches that wait together
   * share one commit (group commit); one that fails undoes only itself. An
   * abort calls off what has not left yet; after that the write settles with
   * what came of it. When more than 32 MB wait, `overloaded` refuses the write
   * at once, so that memory stays bounded and the sender hears of it.
   * @throws StorageError `disk-full`, `read-only`, `locked`, `constraint`, `corrupt`, `overloaded`, `closed`, `crashed`, `failed`
   */
  write(statements: readonly Compilable[], options?: AbortOptions): Promise<WriteResult[]>;
  /** Takes nothing more, settles all that was taken, and ends the threads. Idempotent. */
  close(): Promise<void>;
}
