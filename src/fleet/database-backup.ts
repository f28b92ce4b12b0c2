import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { stampOf, sync } from '../storage/backup.ts';
import { type Connection, openForInspection, openForReading } from '../storage/connection.ts';
import { StorageError, storageErrorOf } from '../storage/errors.ts';
import { refuseDamage } from '../storage/integrity.ts';
import { acquireOwnership } from '../storage/lock.ts';
import { refuseUnfit } from '../storage/migrate.ts';
import { compileMigrations } from '../storage/migration.ts';
import { migrations } from '../storage/migrations/all.ts';

/**
 * Copies roomd's own database into one file, mode 0600, as it stands at one
 * moment; a daemon may go on writing meanwhile. The file appears whole or not
 * at all.
 * @throws StorageError where the database is missing, damaged or of another program, or the copy cannot be written
 */
export function backUpDatabase(databaseFile: string, to: string): void {
  const unfinished = `${to}.unfinished`;
  copyDatabase(databaseFile, unfinished, (connection) =>
    refuseUnfit(connection, compileMigrations(migrations)),
  );
  renameSync(unfinished, to);
  sync(dirname(to));
}

/**
 * Puts a copy in the place of roomd's own database. What it replaces stays
 * beside it as `<file>.replaced-<time>`.
 * @param now UTC milliseconds
 * @returns the path of what was replaced; null where there was nothing
 * @throws StorageError `already-running` while a daemon owns the directory; `from-the-future`, `not-a-database`, `corrupt` for what is no copy that this roomd can use
 */
export async function restoreDatabase(
  databaseFile: string,
  from: string,
  now: number,
): Promise<string | null> {
  refuseMissing(from);
  const ownership = await acquireOwnership(dirname(databaseFile));
  const unfinished = `${databaseFile}.unfinished-restore`;
  try {
    copyDatabase(from, unfinished, (connection) => {
      refuseUnfit(connection, compileMigrations(migrations));
      refuseEmpty(connection);
    });
    const replaced = setAside(databaseFile, `${databaseFile}.replaced-${stampOf(now)}`);
    renameSync(unfinished, databaseFile);
    sync(dirname(databaseFile));
    return replaced;
  } finally {
    rmSync(unfinished, { force: true });
    ownership.release();
  }
}

function copyDatabase(from: string, to: string, refuse: (connection: Connection) => void): void {
  refuseMissing(from);
  let connection: Connection | null = null;
  try {
    connection = openForReading(from);
    refuseDamage(connection);
    refuse(connection);
    rmSync(to, { force: true });
    // VACUUM INTO takes an empty file and leaves it its mode.
    closeSync(openSync(to, 'wx', 0o600));
    connection.prepare('VACUUM INTO ?').run(to);
    sync(to);
  } catch (error) {
    rmSync(to, { force: true });
    throw storageErrorOf(error, from);
  } finally {
    connection?.close();
  }
}

/**
 * The database keeps its place until the copy takes it, so that a crash leaves
 * one or the other. Its log is folded in first; one that cannot be folded (a
 * damaged database) goes along with it.
 */
function setAside(path: string, replaced: string): string | null {
  if (!existsSync(path)) return null;
  foldLog(path);
  if (!existsSync(`${path}-wal`) || statSync(`${path}-wal`).size === 0) {
    linkSync(path, replaced);
    for (const tail of ['-wal', '-shm']) rmSync(path + tail, { force: true });
  } else {
    renameSync(path, replaced);
    for (const tail of ['-wal', '-shm'])
      if (existsSync(path + tail)) renameSync(path + tail, replaced + tail);
  }
  return replaced;
}

function foldLog(path: string): void {
  try {
    const connection = openForInspection(path);
    try {
      connection.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      connection.close();
    }
  } catch {
    // A damaged database cannot fold its log; both are set aside as they are.
  }
}

function refuseMissing(path: string): void {
  if (existsSync(path)) return;
  throw new StorageError('failed', `There is no database ${path}`, { details: { path } });
}

/** An empty file passes for a new database elsewhere; nobody means to restore one. */
function refuseEmpty(connection: Connection): void {
  if (Number(connection.pragma('user_version', { simple: true })) > 0) return;
  throw new StorageError('not-a-database', `${connection.name} holds no roomd database: it is empty`, {
    details: { path: connection.name },
  });
}
