import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { BatchRunner } from '../../src/storage/batch.ts';
import { configureForWriting, openForInspection } from '../../src/storage/connection.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { makeReadOnly, mayMount, smallDisk } from './small-disk.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function openOn(folder: string): Promise<{ database: Database; path: string }> {
  const path = join(folder, 'roomd.db');
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  onTestFinished(() => database.close());
  return { database, path };
}

function write(database: Database, name: string, bytes = 10): Promise<unknown> {
  return database.write([database.query.insertInto('fact').values({ name, value: 'x'.repeat(bytes) })]);
}

/** Gives the row another value of the same length: the log grows, the file does not. */
function overwrite(database: Database, digit: number): Promise<unknown> {
  return database.write([database.query.updateTable('fact').set({ value: String(digit).repeat(400_000) })]);
}

/** Fills what is left of the file system. */
function fill(path: string): void {
  for (let bytes = 4 * 1024 * 1024; bytes >= 1024; bytes /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // No more of this size fits: go on with half of it.
    }
  }
}

test('a full transaction fails whole with disk-full, and the next succeeds when there is room', () => {
  const path = join(temporaryFolder(), 'roomd.db');
  writeFileSync(path, '');
  const connection = openForInspection(path);
  onTestFinished(() => void connection.close());
  configureForWriting(connection);
  connection.exec('CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT)');
  connection.pragma('max_page_count = 20');
  const runner = new BatchRunner(connection);
  const insert = (name: string, bytes: number) =>
    runner.run(['INSERT INTO fact VALUES (?, ?)'], [[0, [name, 'x'.repeat(bytes)]]])[0];
  expect(insert('small', 10)).toEqual([1, 1, null]);
  expect(insert('large', 200_000)).toMatchObject({ code: 'disk-full' });
  connection.pragma('max_page_count = 2000');
  expect(insert('large', 200_000)).toEqual([1, 2, null]);
});

describe.runIf(mayMount)('on a small disk', () => {
  test('a full disk refuses writes, keeps what was acknowledged, serves reads, and recovers by itself', async () => {
    const folder = smallDisk(4);
    const { database } = await openOn(folder);
    await write(database, 'before');
    const ballast = join(folder, 'ballast');
    fill(ballast);
    const outcomes = [];
    for (let n = 0; n < 5; n += 1)
      outcomes.push(...(await Promise.allSettled([write(database, `f${n}`, 50_000)])));
    expect(outcomes.at(-1)).toMatchObject({
      status: 'rejected',
      reason: { name: 'StorageError', code: 'disk-full', retryable: true },
    });
    rmSync(ballast);
    await write(database, 'after', 50_000);
    const rows = await database.read(database.query.selectFrom('fact').select('name').orderBy('name'));
    const kept = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [`f${n}`] : []));
    expect(rows.map(({ name }) => name)).toEqual(['after', 'before', ...kept]);
  });

  test('the log gives its space back when the disk is full', async () => {
    const folder = smallDisk(6);
    const first = await openOn(folder);
    await write(first.database, 'a', 400_000);
    await overwrite(first.database, 0);
    // Closing folds the log into the file, which has room for both versions of the row from now on.
    await first.database.close();
    const { database, path } = await openOn(folder);
    for (let digit = 1; digit <= 4; digit += 1) await overwrite(database, digit);
    const grown = statSync(`${path}-wal`).size;
    fill(join(folder, 'ballast'));
    const outcomes = [];
    for (let digit = 5; digit <= 8; digit += 1) {
      outcomes.push(...(await Promise.allSettled([overwrite(database, digit)])));
    }
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
    expect(outcomes.at(-1)?.status).toBe('fulfilled');
    expect(statSync(`${path}-wal`).size).toBeLessThan(grown);
  });

  test('a disk without room for a new database is refused in a sentence', async () => {
    const folder = smallDisk(1);
    fill(join(folder, 'ballast'));
    await expect(openOn(folder)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining(join(folder, 'roomd.db')),
    });
  });

  test('a file system that cannot be written is refused with what to do', async () => {
    const folder = smallDisk(4);
    const { database } = await openOn(folder);
    await database.close();
    makeReadOnly(folder);
    await expect(openOn(folder)).rejects.toMatchObject({
      code: 'read-only',
      message: expect.stringContaining('write access'),
    });
  });
});
