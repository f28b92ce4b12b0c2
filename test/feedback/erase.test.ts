import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { erase, resumeErasures } from '../../src/feedback/erase.ts';
import type { RecordTable } from '../../src/feedback/projection.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { SHAPES } from '../../src/feedback/record-tables.ts';
import { rollUp } from '../../src/feedback/utilisation/roll-up.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { deleteBefore } from '../../src/storage/retention.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices, statusEvent } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 2, 1);
const NOW = START + 4 * DAY;

let temporary: TemporaryDatabase;
let projector: Projector;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 2);
  projector = new Projector({}, { database: temporary.database, clock: systemClock(), logger: silentLogger });
  const events = [1, 2].flatMap((deviceId) => [0, 1, 2, 3].flatMap((day) => dayOf(deviceId, day)));
  await appendEvents(temporary.database, events);
  await projector.projectAll();
}, 60_000);

afterEach(() => temporary.close());

describe('erasing', () => {
  test('a day leaves nothing of it, keeps what is around it, and another device as it was', async () => {
    const other = await recordsOf(2);
    await eraseDay(1);
    expect(await eventTimes(1, START + DAY, START + 2 * DAY)).toEqual([START + DAY]);
    expect(await calls(1)).toEqual([0, 2, 3]);
    expect(await presence(1)).toEqual([
      'yes 9-17',
      'no 17-24',
      'unknown 24-57',
      'yes 57-65',
      'no 65-81',
      'yes 81-89',
      'no 89-',
    ]);
    expect(await recordsOf(2)).toEqual(other);
  });

  test('is not undone by a replay, and what comes after goes on', async () => {
    await eraseDay(1);
    const before = await recordsOf(1);
    await projector.rebuild();
    expect(await recordsOf(1)).toEqual(before);
    await tell(1, NOW, { 'RoomAnalytics.PeoplePresence': 'Yes' });
    await projector.projectAll();
    expect((await presence(1)).at(-1)).toBe('yes 96-');
  });

  test('a day of which only the records are left cuts them too, and no rebuild mends them', async () => {
    await projector.detach(START + 3 * DAY);
    await deleteBefore(temporary.database, 'event', 'received_at', START + 3 * DAY);
    await eraseDay(1);
    expect(await calls(1)).toEqual([0, 2, 3]);
    expect((await presence(1)).slice(0, 3)).toEqual(['yes 9-17', 'no 17-24', 'yes 57-65']);
    const before = await recordsOf(1);
    await projector.rebuild();
    expect(await recordsOf(1)).toEqual(before);
  });

  test('all before a time, and all, leave nothing', async () => {
    await erase({ id: 'a', deviceId: 1, actor: 'cli:anna', from: null, to: START + 2 * DAY }, parts());
    expect(await calls(1)).toEqual([2, 3]);
    await erase({ id: 'b', deviceId: 1, actor: 'cli:anna', from: null, to: null }, parts());
    expect(await eventTimes(1, 0, NOW)).toEqual([]);
    expect(Object.values(await recordsOf(1)).flat()).toEqual([]);
    await tell(1, NOW, { 'RoomAnalytics.PeoplePresence': 'Yes' });
    await projector.projectAll();
    expect(await presence(1)).toEqual(['yes 96-']);
  });

  test('stays on record without what it was', async () => {
    const counts = await eraseDay(1);
    expect(counts).toMatchObject({ event: 4, call: 1 });
    const rows = await temporary.database.read(temporary.database.query.selectFrom('erasure').selectAll());
    expect(rows).toEqual([
      {
        id: 'day 1',
        device_id: 1,
        actor: 'cli:anna',
        from_at: START + DAY,
        to_at: START + 2 * DAY,
        at: NOW,
        rows: expect.any(Number),
      },
    ]);
  });

  test('counts the figures of utilisation that go with the time', async () => {
    const { database } = temporary;
    await rollUp(database, START + 3 * DAY);
    const cells = () =>
      database.read(database.query.selectFrom('utilisation').select('at').where('device_id', '=', 1));
    const before = await cells();
    const ofDay = before.filter(({ at }) => at >= START + DAY && at < START + 2 * DAY).length;
    expect(ofDay).toBeGreaterThan(3);
    expect(await eraseDay(1)).toMatchObject({ utilisation: ofDay });
    expect(await cells()).toHaveLength(before.length - ofDay);
  });

  test('that a kill cut off is gone on with', async () => {
    const { query } = temporary.database;
    await temporary.database.write([
      query.insertInto('erasure').values({
        id: 'cut off',
        device_id: 1,
        actor: 'cli:anna',
        from_at: null,
        to_at: null,
        at: NOW,
        rows: null,
      }),
    ]);
    expect(await resumeErasures(parts())).toEqual([1]);
    expect(Object.values(await recordsOf(1)).flat()).toEqual([]);
    expect(await resumeErasures(parts())).toEqual([]);
  });

  test('takes the bookings of the day out of lists that were read the day before', async () => {
    const booking = (id: string, startAt: number) => {
      return { id, meetingId: null, startAt, endAt: startAt + HOUR, organizer: null, organizerForm: 'none' };
    };
    const from = START + 23 * HOUR;
    const bookings = [booking('1', START + 30 * HOUR), booking('2', START + 50 * HOUR)];
    await appendEvents(temporary.database, [
      {
        deviceId: 1,
        kind: 'bookings',
        path: null,
        payload: { from, to: from + 2 * DAY, bookings },
        source: 'sweep',
        receivedAt: from,
        deviceAt: null,
      },
    ]);
    await projector.projectAll();
    await eraseDay(1);
    const rows = await temporary.database.read(
      temporary.database.query.selectFrom('booking').select('booking_id'),
    );
    expect(rows).toEqual([{ booking_id: '2' }]);
  });
});

function parts() {
  return { database: temporary.database, projector, now: NOW };
}

function eraseDay(day: number) {
  const from = START + day * DAY;
  return erase({ id: `day ${day}`, deviceId: 1, actor: 'cli:anna', from, to: from + DAY }, parts());
}

/** Somebody comes in the morning, is in a call for an hour, and leaves. */
function dayOf(deviceId: number, day: number): NewEvent[] {
  const at = START + day * DAY;
  const call = `Call[${day + 1}].Status`;
  return [
    statusEvent(deviceId, at + 9 * HOUR, { 'RoomAnalytics.PeoplePresence': 'Yes', 'Standby.State': 'Off' }),
    statusEvent(deviceId, at + 10 * HOUR, {
      [call]: 'Connected',
      'RoomAnalytics.AmbientTemperature': `2${day}`,
    }),
    statusEvent(deviceId, at + 11 * HOUR, { [call]: 'Idle' }),
    statusEvent(deviceId, at + 17 * HOUR, { 'RoomAnalytics.PeoplePresence': 'No' }),
  ];
}

function tell(deviceId: number, at: number, leaves: Record<string, string>) {
  return appendEvents(temporary.database, [statusEvent(deviceId, at, leaves)]);
}

async function calls(deviceId: number): Promise<number[]> {
  const { query } = temporary.database;
  const rows = await temporary.database.read(
    query.selectFrom('call').select('started_at').where('device_id', '=', deviceId).orderBy('started_at'),
  );
  return rows.map(({ started_at }) => Math.floor((started_at - START) / DAY));
}

/** In hours since the start. */
async function presence(deviceId: number): Promise<string[]> {
  const { query } = temporary.database;
  const rows = await temporary.database.read(
    query.selectFrom('presence').selectAll().where('device_id', '=', deviceId).orderBy('from_at'),
  );
  return rows.map(({ state, from_at, to_at }) => `${state} ${hourOf(from_at)}-${hourOf(to_at)}`);
}

async function eventTimes(deviceId: number, from: number, to: number): Promise<number[]> {
  const { query } = temporary.database;
  const rows = await temporary.database.read(
    query
      .selectFrom('event')
      .select('received_at')
      .where('device_id', '=', deviceId)
      .where('received_at', '>=', from)
      .where('received_at', '<', to),
  );
  return rows.map(({ received_at }) => received_at);
}

async function recordsOf(deviceId: number): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of Object.keys(SHAPES) as RecordTable[]) {
    const rows = await temporary.database.read(
      temporary.database.query.selectFrom(table).selectAll().where('device_id', '=', deviceId),
    );
    all[table] = rows.map((row) => JSON.stringify({ ...row, id: 0 })).toSorted();
  }
  return all;
}

function hourOf(at: number | null): string {
  return at === null ? '' : String((at - START) / HOUR);
}
