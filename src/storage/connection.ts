import BetterSqlite3 from 'better-sqlite3';
import { StorageError } from './errors.ts';

export type Connection = BetterSqlite3.Database;

/** How long a statement waits for another program that holds the file. */
const BUSY_TIMEOUT_MS = 2_000;
/** The log is cut back to this when it starts over. */
const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

/** Opens the file without changing a byte of it, so that it can be looked at first. */
export function openForInspection(path: string): Connection {
  return new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true });
}

/** Makes it the connection that writes. WAL falls back to `synchronous=NORMAL` by itself, so FULL is set on each open. */
export function configureForWriting(connection: Connection): void {
  const mode = connection.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw withoutLog(connection.name);
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma(`journal_size_limit = ${LOG_LIMIT_BYTES}`);
  connection.pragma('wal_autocheckpoint = 0');
}

export function openForReading(path: string): Connection {
  return new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true, readonly: true });
}

function withoutLog(path: string): StorageError {
  return new StorageError(
    'failed',
    `The file system of ${path} cannot hold a write-ahead log: put the database on a local disk`,
    { details: { path } },
  );
}
