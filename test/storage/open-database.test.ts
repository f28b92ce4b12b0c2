import { statSync } from 'node:fs';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { commitsIn } from './write-ahead-log.ts';

async function fresh(options: { readers?: number } = {}): Promise<{ database: Database; path: string }> {
  const { database, path, close } = await temporaryDatabase(options);
  onTestFinished(close);
  return { database, path };
}

function insertFact({ query }: Database, name: string, value = '') {
  return query.insertInto('fact').values({ name, value });
}

async function factNames(database: Database): Promise<string[]> {
  const rows = await database.read(database.query.selectFrom('fact').select('name').orderBy('name'));
  return rows.map(({ name }) => name);
}

/** A query that counts to `n`, which takes a reader or the writer about 50 ms a million. */
function slowQuery({ query }: Database, n: number) {
  const counting = sql<{ n: number }>`
    WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${n})
    SELECT max(n) AS n, (SELECT count(*) FROM fact) AS facts FROM counter`;
  return { compile: () => counting.compile(query) };
}

test('a read sees every write that was acknowledged before it', async () => {
  const { database } = await fresh({ readers: 2 });
  for (let n = 0; n < 50; n += 1) {
    await database.write([insertFact(database, `fact-${n}`, String(n))]);
    const rows = await database.read(
      database.query.selectFrom('fact').selectAll().where('name', '=', `fact-${n}`),
    );
    expect(rows).toEqual([{ name: `fact-${n}`, value: String(n) }]);
  }
});

test('a write tells what each statement did', async () => {
  const { database } = await fresh();
  const device = { name: 'boardroom-1', host: '10.0.3.11', created_at: 1 };
  const results = await database.write([
    database.query.insertInto('device').values(device),
    database.query
      .insertInto('device')
      .values({ ...device, name: 'boardroom-2' })
      .returning(['id', 'name']),
    database.query.updateTable('device').set({ host: 'moved' }),
    database.query.deleteFrom('device').where('name', '=', 'nobody'),
  ]);
  expect(results).toEqual([
    { changes: 1, lastInsertId: 1, rows: [] },
    { changes: 1, lastInsertId: 2, rows: [{ id: 2, name: 'boardroom-2' }] },
    { changes: 2, lastInsertId: 2, rows: [] },
    { changes: 0, lastInsertId: 2, rows: [] },
  ]);
});

test('writes that come together share a few commits', async () => {
  const { database, path } = await fresh();
  const before = commitsIn(path);
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => database.write([insertFact(database, `fact-${n}`)])),
  );
  expect(commitsIn(path) - before).toBe(1);
  await Promise.all([
    database.write([insertFact(database, 'first')]),
    ...Array.from({ length: 200 }, async (_, n) => {
      await Promise.resolve();
      await database.write([insertFact(database, `later-${n}`)]);
    }),
  ]);
  expect(commitsIn(path) - before).toBeLessThanOrEqual(3);
});

test('a write that fails undoes itself and nothing of its neighbours', async () => {
  const { database } = await fresh();
  await database.write([insertFact(database, 'taken')]);
  const outcomes = await Promise.allSettled([
    database.write([insertFact(database, 'a')]),
    database.write([insertFact(database, 'half'), insertFact(database, 'taken')]),
    database.write([insertFact(database, 'taken')]),
    database.write([insertFact(database, 'b'), insertFact(database, 'c')]),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({
    reason: { name: 'StorageError', code: 'constraint', details: { native: 'SQLITE_CONSTRAINT_PRIMARYKEY' } },
  });
  expect(await factNames(database)).toEqual(['a', 'b', 'c', 'taken']);
});

test('rows that break a reference, a rule or a type are refused', async () => {
  const { database } = await fresh();
  const { query } = database;
  const presence = { state: 'yes', source: 'webhook', from_at: 1, device_id: 1 } as const;
  await expect(database.write([query.insertInto('presence').values(presence)])).rejects.toMatchObject({
    code: 'constraint',
  });
  const device = query.insertInto('device').values({ name: 'd', host: 'h', created_at: 1 });
  await database.write([device, query.insertInto('presence').values(presence)]);
  await expect(
    database.write([query.insertInto('presence').values({ ...presence, from_at: 2 })]),
    'a second open interval',
  ).rejects.toMatchObject({ code: 'constraint' });
  await expect(
    database.write([query.updateTable('device').set({ last_seen_at: 1.5 })]),
    'a fraction of a millisecond',
  ).rejects.toMatchObject({ code: 'constraint' });
});

test('a value that SQLite cannot hold is refused alone, with the statement named', async () => {
  const { database } = await fresh();
  const wrong = { compile: () => sql`UPDATE fact SET value = ${true}`.compile(database.query) };
  const [refused] = await Promise.allSettled([
    database.write([wrong]),
    database.write([insertFact(database, 'kept')]),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'failed' } });
  expect(await factNames(database)).toEqual(['kept']);
});

test('a query cannot execute itself', async () => {
  const { database } = await fresh();
  await expect(database.query.selectFrom('fact').selectAll().execute()).rejects.toMatchObject({
    name: 'StorageError',
    code: 'failed',
  });
});

test('readers cannot write', async () => {
  const { database } = await fresh();
  await expect(database.read(insertFact(database, 'a').returningAll())).rejects.toMatchObject({
    code: 'read-only',
  });
});

test('reads go on while a write is long, and a short read passes a long one', async () => {
  const { database } = await fresh({ readers: 2 });
  const order: string[] = [];
  await Promise.all([
    database.write([slowQuery(database, 3_000_000)]).then(() => order.push('long write')),
    database.read(slowQuery(database, 3_000_000)).then(() => order.push('long read')),
    database.read(slowQuery(database, 10)).then(() => order.push('short read')),
  ]);
  expect(order[0]).toBe('short read');
});

test('every commit is synced, references are kept, and the log is not folded back inside a commit', async () => {
  const { database } = await fresh();
  const pragmas = ['journal_mode', 'synchronous', 'foreign_keys', 'wal_autocheckpoint'];
  const results = await database.write(
    pragmas.map((name) => ({ compile: () => sql.raw(`PRAGMA ${name}`).compile(database.query) })),
  );
  expect(results.flatMap(({ rows }) => rows.flatMap((row) => Object.values(row)))).toEqual(['wal', 2, 1, 0]);
});

test('the file and what SQLite lays beside it belong to roomd alone', async () => {
  const { database, path } = await fresh();
  await database.write([insertFact(database, 'a')]);
  const modes = [path, `${path}-wal`, `${path}-shm`].map((file) => statSync(file).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
});

test('the log stays bounded while readers overlap without a gap', async () => {
  const { database, path } = await fresh({ readers: 2 });
  const written = new AbortController();
  const reading = async (): Promise<void> => {
    while (!written.signal.aborted) await database.read(slowQuery(database, 100_000));
  };
  const readers = [reading(), reading(), reading()];
  let largest = 0;
  for (let n = 0; n < 70; n += 1) {
    await database.write([insertFact(database, `fact-${n}`, 'x'.repeat(2_000_000))]);
    largest = Math.max(largest, statSync(`${path}-wal`).size);
  }
  written.abort();
  await Promise.all(readers);
  expect(largest).toBeLessThan(100 * 1024 * 1024);
});

test('closing settles all that was taken and refuses the rest', async () => {
  const { database } = await fresh();
  const taken = Array.from({ length: 300 }, (_, n) => database.write([insertFact(database, `fact-${n}`)]));
  const reads = Array.from({ length: 20 }, () => factNames(database));
  const closed = Promise.all([database.close(), database.close()]);
  await expect(database.write([insertFact(database, 'late')])).rejects.toMatchObject({ code: 'closed' });
  await expect(factNames(database)).rejects.toMatchObject({ code: 'closed' });
  await closed;
  expect(await Promise.all(taken)).toHaveLength(300);
  expect(await Promise.all(reads)).toHaveLength(20);
});

test('an abort calls off a write that has not left, and frees a reader at once', async () => {
  const { database } = await fresh();
  const first = database.write([slowQuery(database, 1_000_000)]);
  await Promise.resolve();
  const controller = new AbortController();
  const { signal } = controller;
  const second = database.write([insertFact(database, 'called-off')], { signal });
  const read = database.read(slowQuery(database, 1_000_000), { signal });
  controller.abort(new Error('no longer wanted'));
  await expect(second).rejects.toThrow('no longer wanted');
  await expect(read).rejects.toThrow('no longer wanted');
  await expect(database.write([], { signal })).rejects.toThrow('no longer wanted');
  await first;
  expect(await factNames(database)).toEqual([]);
});

test('writers that outrun the disk are refused before memory fills, and what was taken is kept', async () => {
  const { database } = await fresh();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) =>
      database.write([insertFact(database, `f${n}`, 'x'.repeat(1_000_000))]),
    ),
  );
  const taken = outcomes.filter(({ status }) => status === 'fulfilled');
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(taken.length).toBeGreaterThan(25);
  expect(taken.length).toBeLessThan(35);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded', retryable: true });
  expect(await factNames(database)).toHaveLength(taken.length);
  await database.write([insertFact(database, 'after')]);
});
