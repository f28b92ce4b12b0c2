import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { presenceHistory, presenceNow } from '../../src/feedback/presence-store.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { deleteBefore } from '../../src/storage/retention.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { fc } from './fast-check.ts';
import { addDevices, presenceEvent, presenceRows, statusEvent, until } from './support.ts';

let temporary: TemporaryDatabase;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 3);
});

afterEach(() => temporary.close());

describe('the projector', () => {
  test('makes intervals out of events, per device', async () => {
    await append([
      presenceEvent(1, 10, 'Yes'),
      presenceEvent(2, 15, 'No'),
      count(1, 20, 3),
      presenceEvent(1, 50, 'No'),
    ]);
    await newProjector().projectAll();
    expect(await rows(1)).toEqual(['yes 10-50 max 3 last 3 webhook', 'no 50- max - last - webhook']);
    expect(await rows(2)).toEqual(['no 15- max - last - webhook']);
    expect(await rows(3)).toEqual([]);
  });

  test('goes on exactly where it stopped, in another process too', async () => {
    await append([presenceEvent(1, 10, 'Yes'), count(1, 20, 3)]);
    await newProjector().projectAll();
    await append([count(1, 30, 2), presenceEvent(1, 50, 'No')]);
    const other = newProjector();
    await other.projectAll();
    await other.projectAll();
    expect(await rows(1)).toEqual(['yes 10-50 max 3 last 2 webhook', 'no 50- max - last - webhook']);
  });

  test('follows the log by itself while it runs, and takes the last events along when it stops', async () => {
    const projector = newProjector();
    await projector.start();
    await append([presenceEvent(1, 10, 'Yes')]);
    await until('the interval', async () => (await rows(1)).length === 1);
    await append([presenceEvent(1, 20, 'No')]);
    await projector.stop();
    expect(await rows(1)).toHaveLength(2);
    await projector.stop();
  });

  test('passes over events that say nothing of presence, and kinds it does not know', async () => {
    const other = { ...presenceEvent(1, 5, 'Yes'), kind: 'kind-of-the-future' };
    await append([
      other,
      statusEvent(1, 6, { 'Audio.Volume': '50' }),
      { ...other, deviceId: null, kind: 'hold' },
    ]);
    await newProjector().projectAll();
    expect(await rows(1)).toEqual([]);
  });

  test('projects more than one page of events', async () => {
    const events = Array.from({ length: 2_500 }, (_, at) =>
      presenceEvent(1, at + 1, at % 2 === 0 ? 'Yes' : 'No'),
    );
    await append(events);
    await newProjector().projectAll();
    expect(await rows(1)).toHaveLength(2_500);
  });

  test('in whatever portions the events are projected, the intervals are the same', async () => {
    const step = fc.record({
      device: fc.integer({ min: 1, max: 2 }),
      word: fc.constantFrom('Yes', 'No', 'Unknown'),
      people: fc.integer({ min: -1, max: 3 }),
      isCount: fc.boolean(),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await empty();
        let projector = newProjector();
        for (const [at, { device, word, people, isCount, isCut }] of steps.entries()) {
          await append([isCount ? count(device, at, people) : presenceEvent(device, at, word)]);
          if (!isCut) continue;
          await projector.projectAll();
          projector = newProjector();
        }
        await projector.projectAll();
        const inPortions = [await rows(1), await rows(2)];
        await projector.rebuild();
        expect([await rows(1), await rows(2)]).toEqual(inPortions);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a rebuild', () => {
  test('gives the same again and leaves intervals from before the kept events as they are', async () => {
    await append([
      presenceEvent(1, 10, 'Yes'),
      count(1, 12, 4),
      presenceEvent(1, 20, 'No'),
      presenceEvent(1, 30, 'Yes'),
      count(1, 40, 2),
      presenceEvent(1, 60, 'No'),
      gap(1, 80, 70),
      presenceEvent(1, 90, 'Yes'),
    ]);
    const projector = newProjector();
    await projector.projectAll();
    const before = await rows(1);
    await projector.detach(35);
    await deleteBefore(temporary.database, 'event', 'received_at', 35);
    await projector.rebuild();
    expect(await rows(1)).toEqual(before);
    await append([presenceEvent(1, 100, 'No')]);
    await projector.projectAll();
    expect(await rows(1)).toEqual([
      ...before.slice(0, -1),
      'yes 90-100 max - last - webhook',
      'no 100- max - last - webhook',
    ]);
  });

  test('changes nothing where no event is kept', async () => {
    await append([presenceEvent(1, 10, 'Yes'), presenceEvent(1, 20, 'No')]);
    const projector = newProjector();
    await projector.projectAll();
    const before = await rows(1);
    await projector.detach(1_000);
    await deleteBefore(temporary.database, 'event', 'received_at', 1_000);
    await projector.rebuild();
    expect(await rows(1)).toEqual(before);
  });
});

describe('presence is asked', () => {
  test('how it is now, of the devices that the file names', async () => {
    await append([
      presenceEvent(1, 10, 'Yes'),
      count(1, 20, 3),
      presenceEvent(2, 15, 'No'),
      presenceEvent(3, 16, 'No'),
    ]);
    await newProjector().projectAll();
    const { database } = temporary;
    await database.write([database.query.updateTable('device').set({ removed_at: 99 }).where('id', '=', 3)]);
    expect(await presenceNow(database)).toEqual([
      { deviceId: 1, state: 'yes', count: 3, maxCount: 3, source: 'webhook', since: 10 },
      { deviceId: 2, state: 'no', count: null, maxCount: null, source: 'webhook', since: 15 },
    ]);
  });

  test('how it was within a span, clipped to it', async () => {
    await append([presenceEvent(1, 10, 'Yes'), presenceEvent(1, 20, 'No'), presenceEvent(1, 30, 'Yes')]);
    await newProjector().projectAll();
    expect(await history(12, 25)).toEqual(['yes 12-20', 'no 20-25']);
    expect(await history(0, 10)).toEqual([]);
    expect(await history(20, 30)).toEqual(['no 20-30']);
    expect(await history(25, 500)).toEqual(['no 25-30', 'yes 30-']);
    expect(await history(40, 50)).toEqual(['yes 40-50']);
  });
});

async function history(from: number, to: number): Promise<string[]> {
  const intervals = await presenceHistory(temporary.database, { deviceId: 1, from, to, now: 100 });
  return intervals.map((interval) => `${interval.state} ${interval.from}-${interval.to ?? ''}`);
}

function newProjector(): Projector {
  return new Projector(
    { roundMs: 1 },
    { database: temporary.database, clock: systemClock(), logger: silentLogger },
  );
}

function append(events: readonly NewEvent[]) {
  return appendEvents(temporary.database, events);
}

function rows(deviceId: number): Promise<string[]> {
  return presenceRows(temporary.database, deviceId);
}

function count(deviceId: number, at: number, people: number): NewEvent {
  return statusEvent(deviceId, at, { 'RoomAnalytics.PeopleCount.Current': String(people) });
}

function gap(deviceId: number, at: number, from: number): NewEvent {
  return {
    ...presenceEvent(deviceId, at, ''),
    kind: 'gap',
    path: null,
    payload: { from, to: null, reason: 'test' },
    source: 'roomd',
  };
}

async function empty(): Promise<void> {
  const { query } = temporary.database;
  await temporary.database.write([
    query.deleteFrom('presence'),
    query.deleteFrom('projector'),
    query.deleteFrom('projection'),
    query.deleteFrom('event'),
  ]);
}
