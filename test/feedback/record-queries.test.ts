import { afterAll, beforeAll, expect, test } from 'vitest';
import { Projector } from '../../src/feedback/projector.ts';
import {
  openBookings,
  openCalls,
  openSpans,
  placeOf,
  recordsPage,
  recordsWithin,
} from '../../src/feedback/records.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { appendEvents } from '../../src/storage/events.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices, statusEvent } from './support.ts';

let temporary: TemporaryDatabase;

beforeAll(async () => {
  temporary = await temporaryDatabase();
  const { database } = temporary;
  await addDevices(database, 2);
  const start = { kind: 'event', path: 'Bookings.Start', payload: { arguments: { Id: '1' }, value: null } };
  await appendEvents(database, [
    statusEvent(1, 10, { 'Call[1].Status': 'Connected', 'Standby.State': 'Off' }),
    statusEvent(1, 20, { 'Call[1].Status': 'Idle', 'RoomAnalytics.AmbientTemperature': '21' }),
    statusEvent(1, 30, { 'Call[2].Status': 'Connected', 'Standby.State': 'Standby' }),
    statusEvent(2, 40, { 'Call[1].Status': 'Ringing', 'RoomAnalytics.RoomInUse': 'True' }),
    { ...statusEvent(2, 50, {}), ...start },
  ]);
  await new Projector({}, { database, clock: systemClock(), logger: silentLogger }).projectAll();
}, 60_000);

afterAll(() => temporary.close());

test('records are asked for by the time that they touch, by device, kind and sensor', async () => {
  const { database } = temporary;
  const within = (from: number, to: number, deviceId?: number) =>
    recordsWithin(database, 'call', { from, to, ...(deviceId === undefined ? {} : { deviceId }) });
  expect((await within(15, 30)).map((call) => call.started_at)).toEqual([10]);
  expect((await within(20, 100)).map((call) => call.started_at)).toEqual([30, 40]);
  expect((await within(0, 100, 1)).map((call) => call.started_at)).toEqual([10, 30]);
  const standby = await recordsWithin(database, 'span', { from: 0, to: 100, kinds: ['standby'] });
  expect(standby.map(({ value }) => value)).toEqual(['Off', 'Standby']);
  const warm = await recordsWithin(database, 'measurement', { from: 0, to: 100, sensors: ['temperature'] });
  expect(warm.map(({ value }) => value)).toEqual([21]);
});

test('what is under way is asked for by itself', async () => {
  const { database } = temporary;
  expect((await openCalls(database)).map((call) => [call.device_id, call.state])).toEqual([
    [1, 'Connected'],
    [2, 'Ringing'],
  ]);
  expect(await openCalls(database, 1)).toHaveLength(1);
  expect((await openBookings(database, 2)).map(({ state }) => state)).toEqual(['running']);
  expect((await openSpans(database, { kinds: ['in-use'] })).map(({ value }) => value)).toEqual(['yes']);
  expect(await openSpans(database, { deviceId: 1 })).toHaveLength(1);
});

test('pages go from the newest on and end', async () => {
  const { database } = temporary;
  const page = (after: Parameters<typeof recordsPage>[2]['after']) =>
    recordsPage(database, 'call', { from: 0, to: 100, limit: 2, after });
  const first = await page(null);
  expect(first.map((call) => call.started_at)).toEqual([40, 30]);
  const [, last] = first;
  const second = await page(last === undefined ? null : placeOf('call', last));
  expect(second.map((call) => call.started_at)).toEqual([10]);
});
