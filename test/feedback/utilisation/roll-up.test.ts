import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { utilisationEraseStatements } from '../../../src/feedback/utilisation/store.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import type { NewEvent } from '../../../src/storage/events.ts';
import { openDatabase } from '../../../src/storage/open-database.ts';
import { deleteBefore } from '../../../src/storage/retention.ts';
import { startChild } from '../../storage/child.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { addDevices } from '../support.ts';
import {
  asked,
  DAY,
  figuresFor,
  gapEvent,
  HOUR,
  MINUTE,
  people,
  utilisationWorld,
  worldOn,
} from './support.ts';

const DEVICES = 20;
const START = Date.UTC(2026, 5, 1);

describe('rolling up', () => {
  it('tells occupied, empty and unknown time apart, with people and coverage', async () => {
    const { database, tell, catchUp } = await utilisationWorld();
    await tell(people(1, START, 'No', 0), people(1, START + HOUR, 'Yes', 3));
    await tell(people(1, START + 90 * MINUTE, 'Yes', 6), people(1, START + 2 * HOUR, 'No', 0));
    await tell(gapEvent(1, START + 3 * HOUR, START + 150 * MINUTE));
    await catchUp(START + 4 * HOUR);
    const [row] = await figuresFor(database, [{ capacity: 12 }], asked(START, START + 4 * HOUR, 'day'));
    expect(row).toMatchObject({
      occupiedMs: HOUR,
      emptyMs: 90 * MINUTE,
      unknownMs: 90 * MINUTE,
      devices: 1,
      heardDevices: 1,
      peak: 6,
      peakShare: 0.5,
      countedMs: HOUR,
      peopleMs: 4.5 * HOUR,
      seatMs: 12 * HOUR,
    });
  });

  it('counts a device from the moment at which it was known, and a row to where it is rolled up', async () => {
    const { database, tell, catchUp } = await utilisationWorld({ devices: 2 });
    const known = sql`UPDATE device SET created_at = ${START + 13 * MINUTE} WHERE id = 1`;
    await database.write([{ compile: () => known.compile(database.query) }]);
    await tell(people(1, START + 14 * MINUTE, 'No', 0));
    await catchUp(START + 30 * MINUTE);
    const until = START + 34 * MINUTE;
    const rows = await figuresFor(database, [{}, { id: 2, group: 'room-2' }], asked(START, until, 'hour'));
    expect(rows).toMatchObject([
      { from: START, to: START + 30 * MINUTE, emptyMs: 16 * MINUTE, unknownMs: MINUTE, devices: 1 },
      { from: START, to: START + 30 * MINUTE, emptyMs: 0, unknownMs: 30 * MINUTE, devices: 1 },
    ]);
    const [first] = await figuresFor(database, [{}], asked(START, START + 15 * MINUTE, 'hour'));
    expect(first).toMatchObject({ emptyMs: MINUTE, unknownMs: MINUTE });
  });

  it('says the same rolled up quarter by quarter, at once, and again from the records', async () => {
    const some = await utilisationWorld({ devices: 2 });
    const once = await utilisationWorld({ devices: 2 });
    const random = seededRandom(11);
    const all: NewEvent[] = [];
    for (let at = START; at < START + 6 * HOUR; at += 15 * MINUTE) {
      const events = [1, 2].map((id) => {
        const moment = at + Math.floor(random() * 14 * MINUTE);
        return random() < 0.15
          ? gapEvent(id, moment, moment - Math.floor(random() * 3 * HOUR))
          : people(id, moment, random() < 0.5 ? 'Yes' : 'No', Math.floor(random() * 9));
      });
      all.push(...events);
      await some.tell(...events);
      await some.catchUp(at + 15 * MINUTE);
    }
    await once.tell(...all);
    await once.catchUp(START + 6 * HOUR);
    const cells = await some.cells();
    expect(cells.length).toBeGreaterThan(20);
    expect(await once.cells()).toEqual(cells);
    await some.projector.rebuild();
    await some.catchUp(START + 6 * HOUR);
    expect(await some.cells()).toEqual(cells);
  }, 60_000);

  it('heeds a gap that reaches back into hours that were rolled up', async () => {
    const { database, tell, catchUp } = await utilisationWorld();
    await tell(people(1, START, 'No'));
    await catchUp(START + 6 * HOUR);
    await tell(gapEvent(1, START + 6 * HOUR + MINUTE, START + 2 * HOUR));
    await catchUp(START + 6 * HOUR);
    const [row] = await figuresFor(database, [{}], asked(START, START + 6 * HOUR, 'day'));
    expect(row).toMatchObject({ emptyMs: 2 * HOUR, unknownMs: 4 * HOUR, occupiedMs: 0 });
  });

  it('leaves what stands alone where records are deleted by age', async () => {
    const { database, tell, catchUp, cells } = await utilisationWorld();
    await tell(
      people(1, START, 'Yes', 2),
      people(1, START + HOUR, 'No', 0),
      people(1, START + DAY, 'Yes', 2),
    );
    await catchUp(START + 2 * DAY);
    const before = await cells();
    await deleteBefore(database, 'presence', 'to_at', START + 2 * HOUR);
    await deleteBefore(database, 'people_count', 'to_at', START + 2 * HOUR);
    await catchUp(START + 2 * DAY, START + 2 * HOUR);
    expect(await cells()).toEqual(before);
  });

  it('forgets what is erased, and what stands beside it stays', async () => {
    const { database, tell, catchUp } = await utilisationWorld();
    await tell(people(1, START, 'No'));
    await catchUp(START + 6 * HOUR);
    const from = START + 2 * HOUR;
    const to = START + 3 * HOUR;
    // As an erasure does: the records of the time go, and the figures with them.
    await database.write([
      database.query.updateTable('presence').set({ to_at: from }).where('device_id', '=', 1),
      database.query.insertInto('presence').values({
        device_id: 1,
        state: 'no',
        max_count: null,
        last_count: null,
        source: 'session',
        from_at: to,
        to_at: null,
      }),
      ...utilisationEraseStatements(database, { deviceId: 1, from, to }),
    ]);
    await catchUp(START + 6 * HOUR);
    const rows = await figuresFor(database, [{}], asked(START, START + 6 * HOUR, 'hour'));
    expect(rows.map(({ emptyMs }) => emptyMs / HOUR)).toEqual([1, 1, 0, 1, 1, 1]);
    await database.write([
      database.query.deleteFrom('presence').where('device_id', '=', 1),
      ...utilisationEraseStatements(database, { deviceId: 1, from: null, to: null }),
    ]);
    await catchUp(START + 6 * HOUR);
    expect(await worldOn(database).cells()).toEqual([]);
  });

  it('goes on after a kill half-way as if nothing had been', async () => {
    const { path, close, database } = await temporaryDatabase();
    onTestFinished(close);
    await addDevices(database, DEVICES);
    const { tell } = worldOn(database);
    for (let day = 0; day < 8; day += 1)
      await tell(
        ...Array.from({ length: DEVICES }, (_, device) => [
          people(device + 1, START + day * DAY + device * MINUTE, 'Yes', 3),
          people(device + 1, START + day * DAY + 8 * HOUR + device * MINUTE, 'No', 0),
        ]).flat(),
      );
    await database.close();
    const until = START + 8 * DAY;
    const child = startChild('../../feedback/children/rolls-up', path, String(until));
    await child.saidLines(2);
    await child.kill();
    const reopened = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
    onTestFinished(() => reopened.close());
    const world = worldOn(reopened);
    const [cursor] = await reopened.read(reopened.query.selectFrom('utilisation_cursor').selectAll());
    expect(cursor?.until_at).toBeGreaterThan(START);
    expect(cursor?.until_at).toBeLessThan(until);
    await world.catchUp(until);
    const [row] = await figuresFor(
      reopened,
      Array.from({ length: DEVICES }, (_, device) => ({ id: device + 1, group: 'fleet' })),
      asked(START, until, 'month'),
    );
    expect(row).toMatchObject({
      devices: DEVICES,
      occupiedMs: DEVICES * 8 * 8 * HOUR,
      peopleMs: DEVICES * 8 * 24 * HOUR,
    });
    // Unknown before each was first heard, at its minute.
    expect(row?.unknownMs).toBe(((DEVICES * (DEVICES - 1)) / 2) * MINUTE);
  }, 60_000);
});

describe('asking', () => {
  it('counts local days across clock changes and zones that are half an hour off', async () => {
    const { database, tell, catchUp } = await utilisationWorld();
    const spring = Date.UTC(2026, 2, 27, 12);
    await tell(people(1, spring, 'No'), people(1, Date.UTC(2026, 2, 29, 10), 'Yes', 1));
    await tell(people(1, Date.UTC(2026, 2, 29, 11, 20), 'No', 0));
    await catchUp(Date.UTC(2026, 2, 31));
    const question = (zone: string) =>
      figuresFor(database, [{ timezone: zone }], {
        from: wallDay(29),
        to: wallDay(30),
        size: 'day',
        hours: null,
      });
    const [oslo] = await question('Europe/Oslo');
    expect(oslo).toMatchObject({ occupiedMs: 80 * MINUTE, emptyMs: 23 * HOUR - 80 * MINUTE, unknownMs: 0 });
    const [kolkata] = await question('Asia/Kolkata');
    expect(kolkata).toMatchObject({ occupiedMs: 80 * MINUTE, emptyMs: DAY - 80 * MINUTE, unknownMs: 0 });
  });

  it('adds up hours, days and the whole to the same, in any zone', async () => {
    const { database, tell, catchUp } = await utilisationWorld({ devices: 2 });
    const random = seededRandom(5);
    for (let at = START; at < START + 4 * DAY; at += Math.floor(random() * 5 * HOUR))
      await tell(people(1, at, random() < 0.5 ? 'Yes' : 'No', Math.floor(random() * 6)));
    await catchUp(START + 5 * DAY);
    for (const zone of ['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns']) {
      const totals: unknown[] = [];
      for (const size of ['hour', 'day', 'week', 'month'] as const) {
        const rows = await figuresFor(database, twoIn(zone), asked(START, START + 5 * DAY, size));
        const sum = (pick: (row: (typeof rows)[number]) => number) =>
          rows.reduce((total, row) => total + pick(row), 0);
        totals.push({
          occupied: sum(({ occupiedMs }) => occupiedMs),
          empty: sum(({ emptyMs }) => emptyMs),
          unknown: sum(({ unknownMs }) => unknownMs),
          people: sum(({ peopleMs }) => peopleMs),
          seats: sum(({ seatMs }) => seatMs),
          length: sum(({ occupiedMs, emptyMs, unknownMs }) => occupiedMs + emptyMs + unknownMs),
        });
      }
      expect(totals[0]).toMatchObject({ length: 2 * 5 * DAY });
      for (const total of totals) expect(total).toEqual(totals[0]);
    }
  });

  it('counts no time before roomd knew of a device, and none that is not rolled up yet', async () => {
    const { database, tell, catchUp } = await utilisationWorld({ devices: 2 });
    const created = sql`UPDATE device SET created_at = ${START + 2 * HOUR} WHERE id = 2`;
    await database.write([{ compile: () => created.compile(database.query) }]);
    await tell(people(1, START, 'No'), people(2, START + 3 * HOUR, 'No'));
    await catchUp(START + 4 * HOUR);
    const devices = [
      { id: 1, group: 'fleet' },
      { id: 2, group: 'fleet' },
    ];
    const rows = await figuresFor(database, devices, asked(START, START + 8 * HOUR, 'hour'));
    expect(
      rows.map((row) => [row.devices, row.heardDevices, row.emptyMs / HOUR, row.unknownMs / HOUR]),
    ).toEqual([
      [1, 1, 1, 0],
      [1, 1, 1, 0],
      [2, 1, 1, 1],
      [2, 2, 2, 0],
    ]);
  });
});

function wallDay(day: number) {
  return { kind: 'wall', wall: Date.UTC(2026, 2, day) } as const;
}

function twoIn(timezone: string) {
  return [
    { id: 1, group: 'fleet', timezone, capacity: 6 },
    { id: 2, group: 'fleet', timezone },
  ];
}
