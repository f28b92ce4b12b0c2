import type BetterSqlite3 from 'better-sqlite3';
import type { Connection } from './connection.ts';

/** Lists in queries make texts of any number, so the cache is emptied when it reaches this. */
const MOST_STATEMENTS = 500;

/** Prepared statements by their text. */
export class StatementCache {
  readonly #connection: Connection;
  readonly #statements = new Map<string, BetterSqlite3.Statement<unknown[], Record<string, unknown>>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  prepare(text: string): BetterSqlite3.Statement<unknown[], Record<string, unknown>> {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#statements.size >= MOST_STATEMENTS) this.#statements.clear();
    const statement = this.#connection.prepare<unknown[], Record<string, unknown>>(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
