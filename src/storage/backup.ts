import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Connection } from './connection.ts';

const KEPT = 3;

/**
 * Copies the database beside itself as `<file>.backup-<version>-<time>`, mode
 * 0600, and keeps the newest three. A copy that did not finish never bears
 * that name.
 * @param takenAt UTC milliseconds
 * @returns the path of the backup
 */
export function backUp(connection: Connection, version: number, takenAt: number): string {
  const path = connection.name;
  const target = `${path}.backup-${version}-${stampOf(takenAt)}`;
  const unfinished = `${path}.unfinished-backup`;
  rmSync(unfinished, { force: true });
  // VACUUM INTO takes an empty file and leaves it its mode.
  closeSync(openSync(unfinished, 'wx', 0o600));
  try {
    connection.prepare('VACUUM INTO ?').run(unfinished);
    sync(unfinished);
    renameSync(unfinished, target);
    sync(dirname(path));
  } finally {
    rmSync(unfinished, { force: true });
  }
  for (const old of backupsOf(path).slice(KEPT)) rmSync(old.path, { force: true });
  return target;
}

export interface Backup {
  readonly path: string;
  /** The schema version it holds. */
  readonly version: number;
  readonly stamp: string;
}

/** The backups that lie beside a database, newest first. */
export function backupsOf(path: string): Backup[] {
  const prefix = `${basename(path)}.backup-`;
  const backups: Backup[] = [];
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const match = /^(\d+)-(\d{8}T\d{9}Z)$/.exec(name.slice(prefix.length));
    const [, version, stamp] = match ?? [];
    if (version === undefined || stamp === undefined) continue;
    backups.push({ path: join(dirname(path), name), version: Number(version), stamp });
  }
  return backups.toSorted((a, b) => b.stamp.localeCompare(a.stamp) || b.version - a.version);
}

/** `20261123T214500123Z`: sorts by time and is a file name everywhere. */
export function stampOf(at: number): string {
  return new Date(at).toISOString().replaceAll(/[-:.]/g, '');
}

/** The file's or folder's bytes are on the disk when it returns. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
