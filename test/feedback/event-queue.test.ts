import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventQueue } from '../../src/feedback/event-queue.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Database } from '../../src/storage/database.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { readEvents } from '../../src/storage/events.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices, presenceEvent } from './support.ts';

let temporary: TemporaryDatabase;
let clock: ManualClock;
let isFull: boolean;
let dropped: [number, number][];

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 2);
  clock = new ManualClock();
  isFull = false;
  dropped = [];
});

afterEach(() => temporary.close());

test('events wait in order while the disk is full and are stored once there is room', async () => {
  const queue = newQueue();
  isFull = true;
  for (let at = 1; at <= 5; at += 1) queue.push([presenceEvent(1, at, 'Yes')]);
  await clock.advance(5_000);
  expect(await times()).toEqual([]);
  isFull = false;
  queue.push([presenceEvent(1, 6, 'No')]);
  await clock.advance(1_000);
  await queue.flushed();
  expect(await times()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('beyond the bound they are dropped, and the device is told of with the time of the first', async () => {
  const queue = newQueue(3);
  isFull = true;
  queue.push([presenceEvent(1, 1, 'Yes')]);
  await clock.advance(1);
  queue.push([2, 3, 4, 5].map((at) => presenceEvent(at === 3 ? 2 : 1, at, 'Yes')));
  isFull = false;
  await clock.advance(1_000);
  await queue.flushed();
  expect(await times()).toEqual([1, 2, 3]);
  expect(dropped).toEqual([[1, 4]]);
  queue.push([presenceEvent(1, 9, 'Yes')]);
  await queue.flushed();
  expect(await times()).toEqual([1, 2, 3, 9]);
});

test('an event that the database refuses does not hold up the others', async () => {
  const queue = newQueue();
  queue.push([presenceEvent(1, 1, 'Yes'), presenceEvent(77, 2, 'Yes'), presenceEvent(2, 3, 'Yes')]);
  await queue.flushed();
  expect(await times()).toEqual([1, 3]);
});

test('a stop makes one last attempt and does not wait for a disk that stays full', async () => {
  const queue = newQueue();
  isFull = true;
  queue.push([presenceEvent(1, 1, 'Yes')]);
  await clock.advance(1);
  await queue.stop();
  expect(await times()).toEqual([]);
});

function newQueue(maxWaiting = 100): EventQueue {
  const { database } = temporary;
  const sometimesFull: Database = {
    query: database.query,
    eventFeed: database.eventFeed,
    read: (...args) => database.read(...args),
    write: async (...args) => {
      if (isFull) throw new StorageError('disk-full', 'No space is left');
      return database.write(...args);
    },
    close: () => database.close(),
  };
  return new EventQueue(
    { maxWaiting, onDropped: (deviceId, since) => dropped.push([deviceId, since]) },
    { database: sometimesFull, clock, logger: silentLogger },
  );
}

async function times(): Promise<number[]> {
  const events = await readEvents(temporary.database, { afterSeq: 0, limit: 100 });
  return events.map(({ receivedAt }) => receivedAt);
}
