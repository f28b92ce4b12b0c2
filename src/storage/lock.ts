import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { AbortOptions } from '../lib/abort.ts';
import { createFile } from './database-file.ts';
import { StorageError, storageErrorOf } from './errors.ts';

/**
 * The data directory is this process's until it releases it or ends, however it
 * ends. Hold on to it: one that nothing refers to is collected, and its lock with it.
 */
export interface Ownership {
  release(): void;
}

/**
 * Makes this process the one owner of the data directory. The lock is the
 * operating system's, on `roomd.lock`: it dies with the process, so no file
 * that a crash leaves behind can stand in the way. `roomd.pid` beside it only
 * tells people who holds the lock. Held on this thread because taking it is
 * one system call and nothing is read or written through it afterwards.
 * @throws StorageError `already-running`, with the other's pid where it can be read; `read-only`
 */
export async function acquireOwnership(directory: string, { signal }: AbortOptions = {}): Promise<Ownership> {
  signal?.throwIfAborted();
  const path = join(directory, 'roomd.lock');
  const pidFile = join(directory, 'roomd.pid');
  const lock = lockFile(path, directory, pidFile);
  try {
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw storageErrorOf(error, pidFile);
  }
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

/** SQLite locks portably: an exclusive transaction on an empty file that is never written. */
function lockFile(path: string, directory: string, pidFile: string): BetterSqlite3.Database {
  let lock: BetterSqlite3.Database | null = null;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    createFile(path);
    lock = new BetterSqlite3(path, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (thrown) {
    lock?.close();
    const error = storageErrorOf(thrown, path);
    throw error.code === 'locked' ? alreadyRunning(directory, readPid(pidFile)) : error;
  }
}

function alreadyRunning(directory: string, pid: number | null): StorageError {
  const who = pid === null ? 'Another roomd' : `Another roomd (process ${pid})`;
  return new StorageError(
    'already-running',
    `${who} owns the data directory ${directory}: stop it first, or give this one another daemon.database`,
    { details: { directory, pid } },
  );
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : null;
  } catch {
    return null;
  }
}
