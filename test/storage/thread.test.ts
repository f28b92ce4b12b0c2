import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { compileMigrations } from '../../src/storage/migration.ts';
import { migrations } from '../../src/storage/migrations/all.ts';
import type { ThreadSettings } from '../../src/storage/protocol.ts';
import { ReadQueue } from '../../src/storage/read-queue.ts';
import { spawnWorker, Thread } from '../../src/storage/thread.ts';
import { WriteQueue } from '../../src/storage/write-queue.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SLOW = `
  WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000000)
  SELECT max(n) AS n FROM counter`;

function statement(text: string) {
  return { text, parameters: [], bytes: 100, appendsEvent: false };
}

/** A thread, and the worker in it, to be killed. */
async function killable(
  path: string,
  role: ThreadSettings['role'],
): Promise<{ thread: Thread; worker: Worker }> {
  const workers: Worker[] = [];
  const thread = await Thread.start(
    { role, path, openedAt: 0, migrations: compileMigrations(migrations) },
    {
      spawn: (settings) => {
        const worker = spawnWorker(settings);
        workers.push(worker);
        return worker;
      },
    },
  );
  onTestFinished(() => thread.close());
  const [worker] = workers;
  if (worker === undefined) throw new Error('no worker was started');
  return { thread, worker };
}

test('when the writer dies, what was under way and what waited is rejected as crashed, and so is all that follows', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  const { thread, worker } = await killable(path, 'writer');
  const queue = new WriteQueue(thread);
  const underWay = queue.write([statement(SLOW)]);
  await Promise.resolve();
  const waiting = queue.write([statement("INSERT INTO fact VALUES ('a', '')")]);
  const outcomes = Promise.allSettled([underWay, waiting]);
  await worker.terminate();
  const crashed = { status: 'rejected', reason: { name: 'StorageError', code: 'crashed', retryable: false } };
  expect(await outcomes).toMatchObject([crashed, crashed]);
  await expect(queue.write([statement(SLOW)])).rejects.toMatchObject({ code: 'crashed' });
  await queue.drained();
});

test('when one reader dies its read is rejected and the other goes on; when none is left, reads are', async () => {
  const path = join(temporaryFolder(), 'roomd.db');
  await killable(path, 'writer');
  const readers = await Promise.all([killable(path, 'reader'), killable(path, 'reader')]);
  const queue = new ReadQueue(readers.map(({ thread }) => thread));
  const slow = Promise.allSettled([queue.read(statement(SLOW)), queue.read(statement(SLOW))]);
  const short = queue.read(statement('SELECT count(*) AS n FROM fact'));
  await readers[0].worker.terminate();
  const states = (await slow).map(({ status }) => status).toSorted();
  expect(states).toEqual(['fulfilled', 'rejected']);
  expect(await short).toEqual([{ n: 0 }]);
  await readers[1].worker.terminate();
  await expect(queue.read(statement('SELECT 1'))).rejects.toMatchObject({ code: 'crashed' });
  await expect(queue.read(statement('SELECT 1'))).rejects.toMatchObject({ code: 'crashed' });
  await queue.drained();
});
