import type { Compilable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database, WriteResult } from './database.ts';
import { StorageError } from './errors.ts';
import { EventFeed } from './event-feed.ts';
import { compileMigrations } from './migration.ts';
import { migrations } from './migrations/all.ts';
import { newQueryBuilder } from './query-builder.ts';
import { ReadQueue } from './read-queue.ts';
import { toStatement } from './statement.ts';
import type { Tables } from './tables.ts';
import { Thread } from './thread.ts';
import { WriteQueue } from './write-queue.ts';

/** Two readers let a short read pass a long one; each costs about 12 MB. */
const READERS = 2;

export interface OpenDatabaseOptions {
  /** The file; it and its folder are made where they are missing. */
  readonly path: string;
  readonly readers?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Opens the database in worker threads, made or migrated to this roomd's schema.
 * @throws StorageError `from-the-future`, `not-a-database`, `corrupt`, `read-only`, `disk-full`, `locked`; the file is then as it was
 */
export async function openDatabase(options: OpenDatabaseOptions, signal?: AbortSignal): Promise<Database> {
  const { path, clock, logger, readers = READERS } = options;
  const settings = { path, openedAt: clock.now(), migrations: compileMigrations(migrations) };
  const threads: Thread[] = [];
  try {
    const writer = await Thread.start({ role: 'writer', ...settings }, { signal });
    threads.push(writer);
    for (const { message, facts } of writer.notes) logger.info({ path, ...facts }, message);
    const started = await Promise.allSettled(
      Array.from({ length: readers }, () =>
        Thread.start({ ...settings, role: 'reader', migrations: [] }, { signal }),
      ),
    );
    for (const reader of started) if (reader.status === 'fulfilled') threads.push(reader.value);
    for (const reader of started) if (reader.status === 'rejected') throw reader.reason;
    return new ThreadedDatabase(path, { writer, readers: threads.slice(1) });
  } catch (error) {
    await closeAll(threads);
    throw error;
  }
}

class ThreadedDatabase implements Database {
  readonly query = newQueryBuilder<Tables>();
  readonly eventFeed = new EventFeed();
  readonly #path: string;
  readonly #writer: Thread;
  readonly #readers: readonly Thread[];
  readonly #writes: WriteQueue;
  readonly #reads: ReadQueue;
  #closing: Promise<void> | null = null;

  constructor(path: string, { writer, readers }: { writer: Thread; readers: readonly Thread[] }) {
    this.#path = path;
    this.#writer = writer;
    this.#readers = readers;
    this.#writes = new WriteQueue(writer);
    this.#reads = new ReadQueue(readers);
  }

  async read<Row>(query: Compilable<Row>, options?: AbortOptions): Promise<Row[]> {
    this.#refuseClosed();
    return (await this.#reads.read(toStatement(query), options)) as Row[];
  }

  async write(statements: readonly Compilable[], options?: AbortOptions): Promise<WriteResult[]> {
    this.#refuseClosed();
    const prepared = statements.map(toStatement);
    const results = await this.#writes.write(prepared, options);
    const lastEvent = prepared.findLastIndex(({ appendsEvent }) => appendsEvent);
    const seq = results[lastEvent]?.lastInsertId;
    if (seq !== undefined) this.eventFeed.announce(seq);
    return results;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#writes.drained(), this.#reads.drained()]);
    await closeAll([this.#writer, ...this.#readers]);
  }

  #refuseClosed(): void {
    if (this.#closing === null) return;
    throw new StorageError('closed', `The database ${this.#path} is closed: roomd is stopping`, {
      details: { path: this.#path },
    });
  }
}

/** Readers first: the last connection to close, the writer's, folds the log into the file. */
async function closeAll([writer, ...readers]: readonly Thread[]): Promise<void> {
  await Promise.allSettled(readers.map((reader) => reader.close()));
  await writer?.close();
}
