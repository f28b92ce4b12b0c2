import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { StorageError } from './errors.ts';

/** Builds and compiles queries for SQLite; executing one of them throws. */
export function newQueryBuilder<Schema>(): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new RefusingDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

class RefusingDriver implements Driver {
  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    return this.#refuse();
  }

  beginTransaction(): Promise<void> {
    return this.#refuse();
  }

  commitTransaction(): Promise<void> {
    return this.#refuse();
  }

  rollbackTransaction(): Promise<void> {
    return this.#refuse();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}

  async #refuse(): Promise<never> {
    throw new StorageError(
      'failed',
      'A query cannot execute itself: hand it to Database.read or Database.write',
    );
  }
}
