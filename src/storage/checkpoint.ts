import type BetterSqlite3 from 'better-sqlite3';
import type { Connection } from './connection.ts';

/** 4 MB: what SQLite itself would choose. */
const PAGES_WORTH_COPYING = 1_000;
/** 64 MB: from here on writers wait shortly so that the log can start over. */
const PAGES_TOO_MANY = 16_000;
/** How long writers wait for readers in that case. */
const PATIENCE_MS = 250;

/**
 * Copies the write-ahead log back into the file, outside any transaction and
 * after the batch was answered, so that the log stays bounded. A passive
 * checkpoint disturbs nobody, but readers that overlap without a gap keep the
 * log from starting over; that is enforced only when it has grown large.
 */
export class Checkpointer {
  readonly #connection: Connection;
  readonly #state: BetterSqlite3.Statement<[], { log: number }>;
  #copiedAt = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#state = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  }

  afterBatch(): void {
    const pages = this.#pagesInLog();
    if (pages < this.#copiedAt) this.#copiedAt = 0;
    if (pages - this.#copiedAt < PAGES_WORTH_COPYING) return;
    if (pages < PAGES_TOO_MANY) this.#connection.pragma('wal_checkpoint(PASSIVE)');
    else this.startOver();
    this.#copiedAt = this.#pagesInLog();
  }

  /** Empties the log, which also gives its space back to a full disk, unless readers hold on to it. */
  startOver(): void {
    const patience = this.#connection.pragma('busy_timeout', { simple: true });
    this.#connection.pragma(`busy_timeout = ${PATIENCE_MS}`);
    try {
      this.#connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      this.#connection.pragma(`busy_timeout = ${Number(patience)}`);
    }
  }

  #pagesInLog(): number {
    return this.#state.get()?.log ?? 0;
  }
}
