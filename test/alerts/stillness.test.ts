import { expect, onTestFinished, test } from 'vitest';
import { Stillness } from '../../src/alerts/stillness.ts';
import { addDevices, statusEvent } from '../feedback/support.ts';
import { gapEvent, worldOn } from '../feedback/utilisation/support.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { room } from './sample.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const DAY = Date.parse('2026-03-02T08:00:00Z');

async function world() {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 1);
  return { still: new Stillness({ database }), ...worldOn(database) };
}

const told = (at: number, leaves: Record<string, string>) => statusEvent(1, at, leaves);
const presence = (at: number, word: string) => told(at, { 'RoomAnalytics.PeoplePresence': word });
const counted = (at: number, count: string) => told(at, { 'RoomAnalytics.PeopleCount.Current': count });

test('a room is still over sessions that come and go at night, but not over what moved or was long unknown', async () => {
  const { still, tell } = await world();
  await tell(presence(DAY - HOUR, 'No'), presence(DAY, 'Yes'), counted(DAY + 1, '2'));
  // The device reconnects at night, and is as before.
  await tell(gapEvent(1, DAY + 15 * HOUR, DAY + 15 * HOUR));
  const back = DAY + 15 * HOUR + MINUTE;
  await tell(presence(back, 'Yes'), counted(back, '2'));
  const now = DAY + 20 * HOUR;
  const live = room({ presence: 'yes', since: back });
  expect(still.since(1, live)).toBe(null);
  await still.follow(new Map([[1, live]]), now);
  expect(still.since(1, live)).toBe(DAY);

  // Somebody moves: what was asked before counts no longer.
  const moved = room({ presence: 'yes', since: now + MINUTE });
  expect(still.since(1, moved)).toBe(null);
  await tell(counted(now + MINUTE, '3'));
  await still.follow(new Map([[1, moved]]), now + 10 * MINUTE);
  expect(still.since(1, moved)).toBe(now + MINUTE);

  await tell(gapEvent(1, now + 2 * HOUR, now + HOUR), presence(now + 2 * HOUR, 'Yes'));
  const after = room({ presence: 'yes', since: now + 2 * HOUR });
  await still.follow(new Map([[1, after]]), now + 3 * HOUR);
  expect(still.since(1, after)).toBe(now + 2 * HOUR);
});
