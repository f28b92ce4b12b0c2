import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { openForInspection } from '../../src/storage/connection.ts';
import type { Database } from '../../src/storage/database.ts';
import { refuseDamage } from '../../src/storage/integrity.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { temporaryFolder } from './temporary-folder.ts';

const PAGE_BYTES = 4_096;

function open(path: string): Promise<Database> {
  return openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
}

/** A closed database with some hundred pages. */
async function grownDatabase(): Promise<string> {
  const path = join(temporaryFolder(), 'roomd.db');
  const database = await open(path);
  await database.write(
    Array.from({ length: 500 }, (_, n) =>
      database.query.insertInto('fact').values({ name: `fact-${n}`, value: 'x'.repeat(1_000) }),
    ),
  );
  await database.close();
  return path;
}

function scribble(path: string, at: number, bytes: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  closeSync(file);
}

test.each([
  ['a page in the middle', (path: string) => scribble(path, 40 * PAGE_BYTES, PAGE_BYTES)],
  ['the first page after its header', (path: string) => scribble(path, 100, 2_000)],
  ['a lost end', (path: string) => truncateSync(path, 30 * PAGE_BYTES)],
])('a damaged file is refused, untouched, with what to do: %s', async (_what, damage) => {
  const path = await grownDatabase();
  damage(path);
  const before = readFileSync(path);
  await expect(open(path)).rejects.toMatchObject({
    name: 'StorageError',
    code: 'corrupt',
    message: expect.stringContaining('put back the newest'),
  });
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('in a file that is too large to check whole, every table but the histories is checked', async () => {
  const path = await grownDatabase();
  scribble(path, 40 * PAGE_BYTES, PAGE_BYTES);
  const connection = openForInspection(path);
  onTestFinished(() => void connection.close());
  expect(() => refuseDamage(connection, 0)).toThrow(expect.objectContaining({ code: 'corrupt' }));
  const sound = openForInspection(await grownDatabase());
  onTestFinished(() => void sound.close());
  refuseDamage(sound, 0);
});

test.each([
  ['text', Buffer.from('version: 1\n')],
  ['noise', Buffer.alloc(10_000, 0xa5)],
])('a file that is no database is refused, untouched: %s', async (_what, content) => {
  const path = join(temporaryFolder(), 'fleet.yaml');
  writeFileSync(path, content);
  await expect(open(path)).rejects.toMatchObject({
    code: 'not-a-database',
    message: expect.stringContaining('daemon.database'),
  });
  expect(readFileSync(path).equals(content)).toBe(true);
});

test('damage that is met while running comes back as corrupt, and the rest goes on', async () => {
  const path = await grownDatabase();
  const database = await open(path);
  onTestFinished(() => database.close());
  // The last pages hold facts and nothing else.
  scribble(path, statSync(path).size - 60 * PAGE_BYTES, 60 * PAGE_BYTES);
  const { query } = database;
  await expect(database.read(query.selectFrom('fact').selectAll())).rejects.toMatchObject({
    code: 'corrupt',
  });
  expect(await database.read(query.selectFrom('hold').selectAll())).toEqual([]);
});

test('a file that another program holds is reported as locked, and works once it is let go', async () => {
  const path = await grownDatabase();
  const database = await open(path);
  onTestFinished(() => database.close());
  const other = new BetterSqlite3(path);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  const insert = database.query.insertInto('fact').values({ name: 'a', value: '' });
  await expect(database.write([insert])).rejects.toMatchObject({ code: 'locked', retryable: true });
  other.exec('COMMIT');
  expect(await database.write([insert])).toMatchObject([{ changes: 1 }]);
});

test('a folder that cannot be made is reported in a sentence', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(open(join(file, 'data', 'roomd.db'))).rejects.toMatchObject({
    name: 'StorageError',
    code: 'failed',
  });
});

test('an aborted start ends the thread and rejects with the reason', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  const controller = new AbortController();
  const opening = openDatabase({ path, clock: systemClock(), logger: silentLogger }, controller.signal);
  controller.abort(new Error('stopping'));
  await expect(opening).rejects.toThrow('stopping');
});
