import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StorageError, storageErrorOf } from './errors.ts';

/** Rows name rooms and say when people were in them: only roomd's user reads them. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Sees to it that the file is there, is roomd's alone and can be written,
 * before SQLite touches it: SQLite would quietly open a file without write
 * access for reading, and would delete a log whose database is gone.
 * The log and the shared memory beside it get the file's mode from SQLite.
 * @throws StorageError `read-only`, `corrupt`, `disk-full`, `failed`
 */
export function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
    refuseOrphanedLog(path);
    createFile(path);
    accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw storageErrorOf(error, path);
  }
}

/**
 * Makes the file, empty and for its owner alone, unless it is there. One that
 * is there is not opened: closing it again would drop the locks that SQLite
 * holds on it elsewhere in this process (POSIX locks end with any handle).
 */
export function createFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', FILE_MODE));
}

/** Takes the file from everyone but its owner, where it was laid down with a looser mode. */
export function restrictAccess(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, FILE_MODE);
}

function refuseOrphanedLog(path: string): void {
  const log = `${path}-wal`;
  if (sizeOf(path) > 0 || sizeOf(log) === 0) return;
  throw new StorageError(
    'corrupt',
    `The database ${path} is missing or empty while its log ${log} holds data: put the file back from the newest backup, or move the log away to begin anew`,
    { details: { path } },
  );
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
