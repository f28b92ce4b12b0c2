import { onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/lib/clock.ts';
import { catalogueOf } from '../../../src/simulator/catalogue.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import { oneWay, otherWay } from '../../../src/simulator/settings.ts';
import type { Database } from '../../../src/storage/database.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { addDevices } from '../support.ts';
import { DAY } from '../utilisation/support.ts';
import { ListeningRoomd } from './listening-roomd.ts';
import { type Absence, absencesOf, type RoomLife, roomLife } from './room-life.ts';
import { SimulatedRoom } from './simulated-room.ts';
import type { Span } from './spans.ts';

export interface Played {
  readonly week: Span;
  readonly database: Database;
  readonly rooms: readonly { readonly room: SimulatedRoom; readonly life: RoomLife }[];
  /** When roomd did not run. */
  readonly absences: readonly Absence[];
}

const DETECTS = {
  'RoomAnalytics.PeoplePresenceDetector': 'On',
  'RoomAnalytics.PeopleCountOutOfCall': 'On',
  'Standby.Control': 'On',
  'Standby.Delay': '10',
  'Standby.WakeupOnMotionDetection': 'On',
};

/** Lets rooms live on one virtual clock while roomd listens to them, and ends, and begins again. */
export async function play(
  week: Span,
  { rooms: count, seed, aliveMs }: { rooms: number; seed: number; aliveMs: number },
): Promise<Played> {
  const { database, settled } = await settledDatabase();
  const clock = new ManualClock(week.from, settled);
  await addDevices(database, count);
  const catalogue = catalogueOf(builtInModels.room);
  const rooms = Array.from({ length: count }, (_, at) => {
    const settings = at % 2 === 0 ? oneWay : otherWay;
    const options = { id: at + 1, model: builtInModels.room, catalogue, settings, configuration: DETECTS };
    return { room: new SimulatedRoom(options, { clock }), life: roomLife(week, seed + at) };
  });
  onTestFinished(async () => {
    for (const { room } of rooms) await room.stop();
  });
  const absences = absencesOf(week, seed);
  const at = (time: number, run: () => void): void => {
    if (time >= clock.now()) clock.after(time - clock.now(), run);
  };
  const listen = (): ListeningRoomd =>
    new ListeningRoomd(
      rooms.map(({ room }) => room),
      { aliveMs },
      { database, clock },
    );
  let roomd = listen();
  await roomd.start();
  for (const { room, life } of rooms)
    room.state.bookings.put(
      life.bookings.map(({ from, to }) => ({ title: 'meeting', startAt: from, endAt: to })),
    );
  for (let day = week.from; day < week.to; day += DAY) {
    const isToday = (time: number): boolean => time >= day && time < day + DAY;
    for (const { room, life } of rooms) scheduleDay(room, life, { at, isToday });
    for (const { from, to, isKilled } of absences.filter((absence) => isToday(absence.from))) {
      at(from, () => (isKilled ? roomd.kill() : void roomd.stop()));
      at(to, () => {
        roomd = listen();
        void roomd.start();
      });
    }
    await clock.advance(DAY);
  }
  // Time enough for the last quarter to be settled.
  await clock.advance(30 * 60_000);
  await roomd.stop();
  await settled();
  return { week, database, rooms, absences };
}

function scheduleDay(
  room: SimulatedRoom,
  { visits, outages, reboots }: RoomLife,
  { at, isToday }: { at: (time: number, run: () => void) => void; isToday: (time: number) => boolean },
): void {
  for (const { from, to, people, call } of visits.filter((visit) => isToday(visit.from))) {
    at(from, () => room.people(people));
    at(to, () => room.people(0));
    if (call === null) continue;
    at(call.from, () => {
      if (room.state.isOn) room.state.calls.dial({ number: 'far@example.com' });
    });
    at(call.to, () => room.state.farEndHangsUp());
  }
  for (const outage of outages.filter(({ from }) => isToday(from))) {
    at(outage.from, () => room.begin(outage));
    at(outage.to, () => room.end(outage));
  }
  for (const reboot of reboots.filter(isToday)) at(reboot, () => room.state.reboot());
}

/** A database, and a wait until it has nothing left to do and nobody goes on from what it did. */
async function settledDatabase(): Promise<{ database: Database; settled: () => Promise<void> }> {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  const busy = new Set<Promise<unknown>>();
  const kept = <T>(work: Promise<T>): Promise<T> => {
    const done = work.finally(() => busy.delete(done));
    busy.add(done);
    return done;
  };
  const watched: Database = {
    query: database.query,
    eventFeed: database.eventFeed,
    read: (...asked) => kept(database.read(...asked)),
    write: (...asked) => kept(database.write(...asked)),
    close: () => database.close(),
  };
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = busy.size === 0 ? quiet + 1 : 0;
      if (busy.size > 0) await Promise.allSettled(busy);
    }
  };
  return { database: watched, settled };
}
