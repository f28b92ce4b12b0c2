import type { Connection } from './connection.ts';
import { storageErrorOf, toPlain } from './errors.ts';
import type { PackedOutcome, PackedWrite, Value } from './protocol.ts';
import { StatementCache } from './statement-cache.ts';

type Outcome = (number | readonly Record<string, unknown>[] | null)[];

/**
 * Runs the writes of many callers as one transaction: each in a savepoint, so
 * that one that fails undoes only itself. Where SQLite gives up the whole
 * transaction (a full disk, a failing commit), every write of it fails.
 */
export class BatchRunner {
  readonly #connection: Connection;
  readonly #statements: StatementCache;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = new StatementCache(connection);
  }

  run(texts: readonly string[], writes: readonly PackedWrite[]): PackedOutcome[] {
    try {
      this.#execute('BEGIN IMMEDIATE');
      const outcomes = writes.map((write) => this.#runOne(texts, write));
      this.#execute('COMMIT');
      return outcomes;
    } catch (thrown) {
      if (this.#connection.inTransaction) this.#execute('ROLLBACK');
      const error = toPlain(storageErrorOf(thrown, this.#connection.name));
      return writes.map(() => error);
    }
  }

  #runOne(texts: readonly string[], write: PackedWrite): PackedOutcome {
    // A single statement undoes itself when it fails, and needs no savepoint.
    const isSingle = write.length === 2;
    if (!isSingle) this.#execute('SAVEPOINT caller');
    try {
      const outcome = this.#runStatements(texts, write);
      if (!isSingle) this.#execute('RELEASE caller');
      return outcome;
    } catch (thrown) {
      if (!this.#connection.inTransaction) throw thrown;
      if (!isSingle) {
        this.#execute('ROLLBACK TO caller');
        this.#execute('RELEASE caller');
      }
      return toPlain(storageErrorOf(thrown, this.#connection.name));
    }
  }

  #runStatements(texts: readonly string[], write: PackedWrite): Outcome {
    const outcome: Outcome = [];
    for (let at = 0; at < write.length; at += 2) {
      const text = texts[write[at] as number] ?? '';
      try {
        this.#runStatement(text, write[at + 1] as readonly Value[], outcome);
      } catch (thrown) {
        throw storageErrorOf(thrown, this.#connection.name, text);
      }
    }
    return outcome;
  }

  #runStatement(text: string, parameters: readonly Value[], outcome: Outcome): void {
    const statement = this.#statements.prepare(text);
    if (!statement.reader) {
      const { changes, lastInsertRowid } = statement.run(parameters);
      outcome.push(changes, Number(lastInsertRowid), null);
      return;
    }
    const rows = statement.all(parameters);
    const lastInsertId = this.#statements.prepare('SELECT last_insert_rowid() AS id').get()?.['id'];
    outcome.push(statement.readonly ? 0 : rows.length, Number(lastInsertId), rows);
  }

  #execute(text: string): void {
    this.#statements.prepare(text).run();
  }
}
