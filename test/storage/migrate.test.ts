import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { configureForWriting, openForInspection } from '../../src/storage/connection.ts';
import type { Database } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { compileMigrations, type Migration } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const STARTED_AT = Date.UTC(2026, 10, 23, 21, 45);

/** The schema's version today; steps of the tests come behind it. */
const NOW = migrations.at(-1)?.version ?? 0;

/** A made-up step to the given version. */
function step(version: number): Migration {
  return {
    version,
    name: `step-${version}`,
    *statements(query) {
      yield query.schema.createTable(`step_${version}`).addColumn('id', 'integer');
    },
  };
}

/** Brings the file to `steps`, as the roomd that ships them would; returns what it noted. */
function migrateFile(path: string, steps: readonly Migration[], now = STARTED_AT) {
  const connection = openForInspection(path);
  try {
    configureForWriting(connection);
    return migrate(connection, compileMigrations(steps), now);
  } finally {
    connection.close();
  }
}

/** A database of this roomd that holds one fact. */
async function databaseWithFact(): Promise<string> {
  const path = join(temporaryFolder(), 'data', 'roomd.db');
  const database = await open(path);
  await database.write([database.query.insertInto('fact').values({ name: 'kept', value: '1' })]);
  await database.close();
  return path;
}

async function open(path: string): Promise<Database> {
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  onTestFinished(() => database.close());
  return database;
}

function backupsBeside(path: string): string[] {
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.backup-`))
    .toSorted();
}

function look<Row>(path: string, query: string): Row[] {
  const connection = new BetterSqlite3(path, { readonly: true });
  try {
    return connection.prepare<[], Row>(query).all();
  } finally {
    connection.close();
  }
}

test('an empty place gets the whole schema, and no backup of nothing', async () => {
  const path = await databaseWithFact();
  expect(look(path, 'PRAGMA user_version')).toEqual([{ user_version: migrations.at(-1)?.version }]);
  expect(look(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
  expect(backupsBeside(path)).toEqual([]);
});

test('versions follow one another without a gap', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1));
});

test('a database is backed up before it is migrated, and the backup is readable by its owner alone', async () => {
  const path = await databaseWithFact();
  const notes = migrateFile(path, [...migrations, step(NOW + 1), step(NOW + 2)]);
  const backup = `${path}.backup-${NOW}-20261123T214500000Z`;
  expect(notes.map(({ facts }) => facts)).toEqual([
    { backup, version: NOW },
    { from: NOW, to: NOW + 2 },
  ]);
  expect(look(backup, 'SELECT * FROM fact')).toEqual([{ name: 'kept', value: '1' }]);
  expect(look(backup, 'PRAGMA user_version')).toEqual([{ user_version: NOW }]);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  expect(look(path, "SELECT name FROM sqlite_schema WHERE name LIKE 'step%'")).toHaveLength(2);
});

test('the newest three backups are kept', async () => {
  const path = await databaseWithFact();
  for (let further = 1; further <= 5; further += 1) {
    const steps = Array.from({ length: further }, (_, at) => step(NOW + at + 1));
    migrateFile(path, [...migrations, ...steps], STARTED_AT + further * 60_000);
  }
  expect(backupsBeside(path)).toEqual([
    `roomd.db.backup-${NOW + 2}-20261123T214800000Z`,
    `roomd.db.backup-${NOW + 3}-20261123T214900000Z`,
    `roomd.db.backup-${NOW + 4}-20261123T215000000Z`,
  ]);
});

test('a database from the future is refused, untouched, with both versions and the way back', async () => {
  const path = await databaseWithFact();
  migrateFile(path, [...migrations, step(NOW + 1)]);
  const before = readFileSync(path);
  await expect(open(path)).rejects.toMatchObject({
    name: 'StorageError',
    code: 'from-the-future',
    message: expect.stringMatching(
      new RegExp(`schema version ${NOW + 1}, .* up to ${NOW}: .*roomd\\.db\\.backup-${NOW}-`),
    ),
    details: { found: NOW + 1, newest: NOW },
  });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a process that dies in the middle of a migration leaves the database as it was', async () => {
  const path = await databaseWithFact();
  const child = startChild('migrates', path);
  await child.saidLines(1);
  await child.kill();

  const database = await open(path);
  const facts = await database.read(database.query.selectFrom('fact').selectAll());
  expect(facts).toEqual([{ name: 'kept', value: '1' }]);
  expect(look(path, "SELECT 1 FROM sqlite_schema WHERE name = 'half'")).toEqual([]);
  expect(look(path, 'PRAGMA user_version')).toEqual([{ user_version: NOW }]);
});

test('a step that fails leaves nothing of the steps before it', async () => {
  const path = await databaseWithFact();
  const twice: Migration = { ...step(NOW + 1), version: NOW + 2 };
  expect(() => migrateFile(path, [...migrations, step(NOW + 1), twice])).toThrow(
    new RegExp(`step_${NOW + 1}`),
  );
  expect(look(path, "SELECT 1 FROM sqlite_schema WHERE name LIKE 'step%'")).toEqual([]);
  expect(look(path, 'PRAGMA user_version')).toEqual([{ user_version: NOW }]);
});

test('two that open a new database at once find it made once', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  const [first, second] = await Promise.all([open(path), open(path)]);
  await first.write([first.query.insertInto('fact').values({ name: 'a', value: '' })]);
  expect(await second.read(second.query.selectFrom('fact').select('name'))).toEqual([{ name: 'a' }]);
});

test("another program's database is refused, untouched", async () => {
  const path = join(temporaryFolder(), 'other.db');
  const other = new BetterSqlite3(path);
  other.exec('CREATE TABLE theirs (id INTEGER)');
  other.close();
  const before = readFileSync(path);
  await expect(open(path)).rejects.toMatchObject({ code: 'not-a-database' });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('a log whose database is gone is not thrown away', async () => {
  const path = await databaseWithFact();
  const database = await open(path);
  await database.write([database.query.insertInto('fact').values({ name: 'in the log', value: '' })]);
  const moved = join(temporaryFolder(), 'roomd.db');
  copyFileSync(`${path}-wal`, `${moved}-wal`);
  await expect(open(moved)).rejects.toMatchObject({ code: 'corrupt' });
  expect(statSync(`${moved}-wal`).size).toBeGreaterThan(0);
  expect(existsSync(moved)).toBe(false);
});
