import { backUp, backupsOf } from './backup.ts';
import type { Connection } from './connection.ts';
import { StorageError, storageErrorOf } from './errors.ts';
import type { CompiledMigration, Note } from './protocol.ts';

/** "room" in ASCII: SQLite's `application_id` tells roomd's files from other programs' databases. */
const APPLICATION_ID = 0x726f6f6d;

/**
 * Refuses a file that another program or a newer roomd wrote, before a byte of it changes.
 * @throws StorageError `from-the-future`, `not-a-database`
 */
export function refuseUnfit(connection: Connection, migrations: readonly CompiledMigration[]): void {
  const version = versionOf(connection);
  const newest = migrations.at(-1)?.version ?? 0;
  refuseForeign(connection, version);
  if (version > newest) throw fromTheFuture(connection.name, version, newest);
}

/**
 * Brings the file to the newest schema: all missing steps in one transaction
 * under SQLite's write lock, after a backup where there is something to lose.
 * @param now wall time, UTC milliseconds
 * @throws StorageError `disk-full`, `locked`, `read-only`, `failed`; the file is then as it was
 */
export function migrate(
  connection: Connection,
  migrations: readonly CompiledMigration[],
  now: number,
): Note[] {
  const newest = migrations.at(-1)?.version ?? 0;
  const before = versionOf(connection);
  if (before >= newest) return [];
  const notes: Note[] = [];
  if (before > 0) {
    const backup = backUp(connection, before, now);
    notes.push({ message: 'database backed up before migrating', facts: { backup, version: before } });
  }
  runMissing(connection, migrations);
  notes.push({ message: 'database migrated', facts: { from: before, to: newest } });
  return notes;
}

function runMissing(connection: Connection, migrations: readonly CompiledMigration[]): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock: another process may have migrated meanwhile.
    const version = versionOf(connection);
    for (const migration of migrations.filter((step) => step.version > version)) {
      for (const { text, parameters } of migration.statements) connection.prepare(text).run(parameters);
      connection.pragma(`user_version = ${migration.version}`);
    }
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw storageErrorOf(error, connection.name);
  }
}

function versionOf(connection: Connection): number {
  return Number(connection.pragma('user_version', { simple: true }));
}

/** A database that has tables and is not marked as roomd's belongs to another program. */
function refuseForeign(connection: Connection, version: number): void {
  const marked = connection.pragma('application_id', { simple: true }) === APPLICATION_ID;
  const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (marked || (isEmpty && version === 0)) return;
  throw new StorageError(
    'not-a-database',
    `${connection.name} is a SQLite database of another program, not roomd's: name another file in daemon.database`,
    { details: { path: connection.name } },
  );
}

function fromTheFuture(path: string, found: number, newest: number): StorageError {
  const backup = backupsOf(path).find(({ version }) => version <= newest)?.path;
  const orBack = backup === undefined ? 'put back a backup that it can read' : `put back ${backup}`;
  return new StorageError(
    'from-the-future',
    `The database ${path} has schema version ${found}, this roomd knows versions up to ${newest}: start the newer roomd that wrote it, or ${orBack}`,
    { details: { path, found, newest, backup: backup ?? null } },
  );
}
