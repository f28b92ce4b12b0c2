import { expect, onTestFinished, test } from 'vitest';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { deleteBefore } from '../../src/storage/retention.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

function eventAt(receivedAt: number): NewEvent {
  return {
    deviceId: null,
    kind: 'gap',
    path: null,
    payload: null,
    source: 'roomd',
    receivedAt,
    deviceAt: null,
  };
}

test('rows before the time go, chunk by chunk, and the others stay', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  // A late arrival stands among the old ones.
  const times = [
    ...Array.from({ length: 12_000 }, (_, n) => n),
    50_000,
    ...Array.from({ length: 500 }, () => 7),
  ];
  await appendEvents(database, times.map(eventAt));
  expect(await deleteBefore(database, 'event', 'received_at', 11_990)).toBe(12_490);
  const left = await database.read(database.query.selectFrom('event').select('received_at').orderBy('seq'));
  expect(left.map((row) => row.received_at)).toEqual([...times.slice(11_990, 12_000), 50_000]);
  expect(await deleteBefore(database, 'event', 'received_at', 11_990)).toBe(0);
});

test('a row whose time is not yet known stays', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const interval = { device_id: 1, state: 'yes', source: 'webhook', from_at: 1 } as const;
  await database.write([
    database.query.insertInto('device').values({ name: 'd', host: 'h', created_at: 1 }),
    database.query.insertInto('presence').values([
      { ...interval, to_at: 5 },
      { ...interval, from_at: 5, to_at: null },
    ]),
  ]);
  expect(await deleteBefore(database, 'presence', 'to_at', 100)).toBe(1);
  expect(await database.read(database.query.selectFrom('presence').select('to_at'))).toEqual([
    { to_at: null },
  ]);
});

test('what hangs on a row goes with it', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const { query } = database;
  await database.write([
    query.insertInto('device').values({ name: 'd', host: 'h', created_at: 1 }),
    query.insertInto('macro_run').values({
      id: 'r',
      macro: 'm',
      device_id: 1,
      trigger: 'schedule',
      due_at: 1,
      occasion: 'at:1',
      facts_json: '{}',
      state: 'succeeded',
    }),
    query.insertInto('macro_step').values({
      run_id: 'r',
      position: 0,
      path: 'steps[0]',
      step: 'dial',
      started_at: 1,
      state: 'succeeded',
    }),
  ]);
  await deleteBefore(database, 'macro_run', 'due_at', 2);
  expect(await database.read(query.selectFrom('macro_step').selectAll())).toEqual([]);
});

test('an abort ends the deleting between two chunks', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await appendEvents(database, [eventAt(1)]);
  const signal = AbortSignal.abort(new Error('stopping'));
  await expect(deleteBefore(database, 'event', 'received_at', 2, { signal })).rejects.toThrow('stopping');
});
