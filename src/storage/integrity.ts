import { statSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { corrupt, storageErrorOf } from './errors.ts';

/** Checking a file of this size takes about a tenth of a second; a history of years would hold up every start. */
const WHOLE_FILE_BYTES = 64 * 1024 * 1024;
/** They grow with time; the others hold what roomd cannot do without. */
const HISTORIES: ReadonlySet<string> = new Set(['event', 'presence', 'write', 'macro_run', 'macro_step']);

/**
 * Looks for damage before anything is written: the whole file where it is
 * small, else every table but the histories.
 * @throws StorageError `corrupt`, `not-a-database`, `locked`
 */
export function refuseDamage(connection: Connection, wholeFileBytes = WHOLE_FILE_BYTES): void {
  const path = connection.name;
  const isSmall = statSync(path).size <= wholeFileBytes;
  try {
    const findings = isSmall
      ? check(connection, 'quick_check(5)')
      : tablesOf(connection).flatMap((name) => check(connection, `quick_check("${name}")`));
    const [finding] = findings;
    if (finding !== undefined) throw corrupt(path, finding);
  } catch (error) {
    throw storageErrorOf(error, path);
  }
}

function check(connection: Connection, pragma: string): string[] {
  const rows = connection.pragma(pragma) as { quick_check: string }[];
  return rows.map((row) => row.quick_check).filter((finding) => finding !== 'ok');
}

function tablesOf(connection: Connection): string[] {
  const names = connection
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return names.filter((name) => !HISTORIES.has(name));
}
