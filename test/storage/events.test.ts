import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';
import { appendEvents, eventInserts, type NewEvent, readEvents } from '../../src/storage/events.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

async function databaseWithDevices(): Promise<Database> {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const rows = ['boardroom-1', 'boardroom-2'].map((name) => ({ name, host: '10.0.3.11', created_at: 1 }));
  await database.write([database.query.insertInto('device').values(rows)]);
  return database;
}

function event(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    deviceId: 1,
    kind: 'status',
    path: 'RoomAnalytics.PeopleCount.Current',
    payload: { value: '3' },
    source: 'webhook',
    receivedAt: 1_000,
    deviceAt: null,
    ...overrides,
  };
}

test('events come back as they were appended, in the order of seq', async () => {
  const database = await databaseWithDevices();
  const events = [
    event(),
    event({ deviceId: null, kind: 'run', path: null, payload: null, source: 'roomd', deviceAt: 990 }),
    event({ deviceId: 2, payload: { nested: [1, 'två', { on: true }] } }),
    event({ payload: undefined }),
  ];
  const { seqs } = await appendEvents(database, events);
  expect(seqs).toEqual([1, 2, 3, 4]);
  const expected = events.map((each, at) => ({ ...each, seq: at + 1, payload: each.payload ?? null }));
  expect(await readEvents(database, { afterSeq: 0, limit: 10 })).toEqual(expected);
});

test('reading pages on after a seq and keeps to a device and kinds', async () => {
  const database = await databaseWithDevices();
  const kinds = ['status', 'session', 'gap'];
  const events = Array.from({ length: 30 }, (_, n) =>
    event({ deviceId: 1 + (n % 2), kind: kinds[n % 3] ?? '' }),
  );
  await appendEvents(database, events);
  const seqsOf = async (filter: Partial<Parameters<typeof readEvents>[1]>): Promise<number[]> =>
    (await readEvents(database, { afterSeq: 0, limit: 100, ...filter })).map(({ seq }) => seq);
  expect(await seqsOf({ afterSeq: 10, limit: 3 })).toEqual([11, 12, 13]);
  expect(await seqsOf({ afterSeq: 20, deviceId: 2 })).toEqual([22, 24, 26, 28, 30]);
  expect(await seqsOf({ afterSeq: 20, kinds: ['gap', 'session'], limit: 4 })).toEqual([21, 23, 24, 26]);
  expect(await seqsOf({ deviceId: 1, kinds: ['gap'] })).toEqual([3, 9, 15, 21, 27]);
});

test('what is written along with events stands or falls with them', async () => {
  const database = await databaseWithDevices();
  const fact = database.query.insertInto('fact').values({ name: 'a', value: '' });
  const { results } = await appendEvents(database, [event()], [fact]);
  expect(results).toMatchObject([{ changes: 1 }]);
  await expect(appendEvents(database, [event()], [fact])).rejects.toMatchObject({ code: 'constraint' });
  expect(await readEvents(database, { afterSeq: 0, limit: 10 })).toHaveLength(1);
});

test('listeners learn the highest seq once the events can be read, whichever way they were written', async () => {
  const database = await databaseWithDevices();
  const heard: number[] = [];
  const seen: Promise<number>[] = [];
  const end = database.eventFeed.onAppended((seq) => {
    heard.push(seq);
    seen.push(readEvents(database, { afterSeq: seq - 1, limit: 1 }).then((events) => events[0]?.seq ?? 0));
  });
  await appendEvents(database, [event(), event()]);
  await database.write([
    ...eventInserts([event()]),
    database.query.insertInto('fact').values({ name: 'a', value: '' }),
  ]);
  await database.write([database.query.insertInto('fact').values({ name: 'b', value: '' })]);
  expect(heard).toEqual([2, 3]);
  expect(await Promise.all(seen)).toEqual([2, 3]);
  end();
  await appendEvents(database, [event()]);
  expect(heard).toEqual([2, 3]);
  expect(database.eventFeed.lastSeq).toBe(4);
});

test('writes that share a commit are told of once', async () => {
  const database = await databaseWithDevices();
  const heard: number[] = [];
  database.eventFeed.onAppended((seq) => heard.push(seq));
  await Promise.all([1, 2, 3].map(() => appendEvents(database, [event()])));
  expect(heard).toEqual([3]);
});

test('a seq never comes again, even when retention has emptied the log', async () => {
  const database = await databaseWithDevices();
  await appendEvents(database, [event(), event()]);
  await database.write([database.query.deleteFrom('event')]);
  expect((await appendEvents(database, [event()])).seqs).toEqual([3]);
});
