import type { Database } from '../../storage/database.ts';

const QUIET_TURNS = 5;

/** A database that can be asked to wait until nothing is under way: it lives in real time, a rehearsal does not. */
export class IdleDatabase implements Database {
  readonly #database: Database;
  #pending = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  get query(): Database['query'] {
    return this.#database.query;
  }

  get eventFeed(): Database['eventFeed'] {
    return this.#database.eventFeed;
  }

  read: Database['read'] = (query, options) => this.#counted(this.#database.read(query, options));

  write: Database['write'] = (statements, options) =>
    this.#counted(this.#database.write(statements, options));

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Resolves once nothing is read or written, and nobody wants to any more. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#pending === 0 ? quiet + 1 : 0;
    }
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    this.#pending += 1;
    try {
      return await work;
    } finally {
      this.#pending -= 1;
    }
  }
}
