import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FeedbackEvent } from '../../src/feedback/event.ts';
import type { RecordTable } from '../../src/feedback/projection.ts';
import { begun } from '../../src/feedback/projection-store.ts';
import { projections } from '../../src/feedback/projections/all.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { SHAPES } from '../../src/feedback/record-tables.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { appendEvents } from '../../src/storage/events.ts';
import { deleteBefore } from '../../src/storage/retention.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { fc } from './fast-check.ts';
import { rowsAfter, type Told } from './projections/support.ts';
import { addDevices } from './support.ts';

/** Everything that can be told of two devices, minutes apart; reboots and gaps as often as calls. */
const event: fc.Arbitrary<FeedbackEvent> = fc.oneof(
  fc
    .record({
      id: fc.integer({ min: 1, max: 3 }),
      word: fc.constantFrom(
        'Dialling',
        'Ringing',
        'Connecting',
        'Connected',
        'OnHold',
        'Disconnecting',
        'Idle',
      ),
    })
    .map(({ id, word }) => status({ [`Call[${id}].Status`]: word })),
  fc.integer({ min: 1, max: 3 }).map((id) => status({}, [`Call[${id}]`])),
  fc
    .record({ id: fc.integer({ min: 1, max: 3 }), seconds: fc.integer({ min: 0, max: 300 }) })
    .map(({ id, seconds }) =>
      happening('CallDisconnect', { CallId: String(id), CauseType: 'RemoteBusy', Duration: String(seconds) }),
    ),
  fc.constantFrom('Yes', 'No', 'Unknown').map((word) => status({ 'RoomAnalytics.PeoplePresence': word })),
  fc.constantFrom('True', 'False').map((word) => status({ 'RoomAnalytics.RoomInUse': word })),
  fc.constantFrom('Off', 'Halfwake', 'Standby').map((word) => status({ 'Standby.State': word })),
  fc
    .integer({ min: 15, max: 30 })
    .map((value) => status({ 'RoomAnalytics.AmbientTemperature': String(value) })),
  fc
    .constantFrom('Connected', 'LostConnection')
    .map((word) => status({ 'Peripherals.ConnectedDevice[1001].Status': word })),
  fc
    .constantFrom('up', 'waiting', 'connecting')
    .map(
      (state) =>
        ({ kind: 'session', path: null, payload: { state, reason: null, errorCode: null } }) as const,
    ),
  fc
    .constantFrom('1', '2')
    .chain((id) => fc.constantFrom('Start', 'End').map((word) => happening(`Bookings.${word}`, { Id: id }))),
  fc
    .integer({ min: 60, max: 4_000 })
    .map((seconds) => happening('Bookings.TimeRemaining', { Id: '1', Seconds: String(seconds) })),
  fc.constant(happening('BootEvent', { Action: 'Restart' })),
  fc
    .integer({ min: 0, max: 600_000 })
    .map((ago) => ({ kind: 'gap', path: null, payload: { from: -ago, to: null, reason: 'test' } }) as const),
  fc
    .subarray([
      'Call[1].Status=Connected',
      'Standby.State=Off',
      'RoomAnalytics.PeoplePresence=Yes',
      'RoomAnalytics.AmbientTemperature=21',
      'SystemUnit.Uptime=100',
    ])
    .map(
      (leaves) =>
        ({
          kind: 'snapshot',
          path: null,
          payload: { leaves: Object.fromEntries(leaves.map((leaf) => leaf.split('=') as [string, string])) },
        }) as const,
    ),
);

const history = fc.array(
  fc.record({
    device: fc.integer({ min: 1, max: 2 }),
    afterMs: fc.integer({ min: 0, max: 900_000 }),
    event,
    isCut: fc.boolean(),
  }),
  { minLength: 5, maxLength: 60 },
);

type History = readonly { device: number; afterMs: number; event: FeedbackEvent; isCut: boolean }[];

let temporary: TemporaryDatabase;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 2);
}, 60_000);

afterEach(() => temporary.close());

describe('records', () => {
  test('are the same in whatever portions the log is read, in however many processes', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        await tell(steps, { inPortions: false });
        const atOnce = await everything();
        await tell(steps, { inPortions: true });
        expect(await everything()).toEqual(atOnce);
      }),
      { numRuns: 15 },
    );
  });

  test('are the same after a rebuild from whatever is kept of the log, or from a time within it', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.double({ min: 0, max: 1, noNaN: true }), async (steps, part) => {
        const end = await tell(steps, { inPortions: false });
        const before = await everything();
        const projector = newProjector();
        await projector.rebuild();
        expect(await everything()).toEqual(before);
        await projector.rebuild({ since: Math.round(end * part) });
        expect(await everything()).toEqual(before);
        await projector.detach(Math.round(end * part));
        await deleteBefore(temporary.database, 'event', 'received_at', Math.round(end * part));
        await newProjector().rebuild();
        expect(await everything()).toEqual(before);
      }),
      { numRuns: 15 },
    );
  });

  test('that a kill left half made are made good at the next start', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        await tell(steps, { inPortions: false });
        const before = await everything();
        const { query } = temporary.database;
        await temporary.database.write([
          begun(1),
          ...tables.map((table) => query.deleteFrom(table).where('device_id', '=', 1).where('seq', '>', 3)),
        ]);
        await newProjector().projectAll();
        expect(await everything()).toEqual(before);
      }),
      { numRuns: 8 },
    );
  });

  test('are the same when every post comes twice', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const told = timed(steps.filter(({ device }) => device === 1));
        const twice = told.flatMap((one) => [one, one]);
        for (const projection of projections) {
          for (const table of projection.tables) {
            const [once, again] = [told, twice].map((all) =>
              rowsAfter(projection, table, all).map((row) => ({ ...row, seq: 0 })),
            );
            expect({ table, rows: again }).toEqual({ table, rows: once });
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of a kind that is new are made from the events that an older roomd left', async () => {
    await append(1, 1_000, status({ 'Standby.State': 'Off', 'RoomAnalytics.PeoplePresence': 'Yes' }));
    await newProjector().projectAll();
    const before = await everything();
    const { query } = temporary.database;
    await temporary.database.write([
      query.deleteFrom('span'),
      query.deleteFrom('projection').where('name', '=', 'spans'),
      query.deleteFrom('projector').where('name', '=', 'version:spans'),
    ]);
    await newProjector().projectAll();
    expect(await everything()).toEqual(before);
  });

  test('stand open at most once, do not overlap and never end before they begin', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        await tell(steps, { inPortions: false });
        const spans = await temporary.database.read(
          temporary.database.query.selectFrom('span').selectAll().orderBy('from_at').orderBy('seq'),
        );
        const ends = new Map<string, number>();
        for (const { device_id, kind, key, from_at, to_at } of spans) {
          if (kind === 'reboot') continue;
          const id = `${device_id}/${kind}/${key}`;
          expect(from_at).toBeGreaterThanOrEqual(ends.get(id) ?? Number.NEGATIVE_INFINITY);
          expect(to_at ?? from_at + 1).toBeGreaterThan(from_at);
          ends.set(id, to_at ?? Number.POSITIVE_INFINITY);
        }
        const calls = await temporary.database.read(temporary.database.query.selectFrom('call').selectAll());
        for (const { started_at, ended_at } of calls)
          expect(ended_at ?? started_at).toBeGreaterThanOrEqual(started_at);
      }),
      { numRuns: 15 },
    );
  });
});

const tables = Object.keys(SHAPES) as RecordTable[];

/** @returns the time of the last event */
async function tell(steps: History, { inPortions }: { inPortions: boolean }): Promise<number> {
  const { query } = temporary.database;
  await temporary.database.write([
    ...tables.map((table) => query.deleteFrom(table)),
    query.deleteFrom('projection'),
    query.deleteFrom('projector'),
    query.deleteFrom('event'),
    // The numbers of the events are part of what is compared.
    {
      compile: () => ({
        ...query.deleteFrom('event').compile(),
        sql: "DELETE FROM sqlite_sequence WHERE name = 'event'",
      }),
    },
  ]);
  let at = 1_700_000_000_000;
  let projector = newProjector();
  for (const step of steps) {
    at += step.afterMs;
    await append(step.device, at, step.event);
    if (!inPortions || !step.isCut) continue;
    await projector.projectAll();
    projector = newProjector();
  }
  await projector.projectAll();
  return at;
}

function append(deviceId: number, at: number, told: FeedbackEvent) {
  const stored = { deviceId, ...placed(told, at), source: 'webhook', receivedAt: at, deviceAt: null };
  return appendEvents(temporary.database, [stored]);
}

async function everything(): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of tables) {
    const rows = await temporary.database.read(temporary.database.query.selectFrom(table).selectAll());
    all[table] = rows.map((row) => JSON.stringify({ ...row, id: 0 })).toSorted();
  }
  const states = await temporary.database.read(
    temporary.database.query.selectFrom('projection').select(['name', 'device_id', 'state_json']),
  );
  all['states'] = states
    .filter(({ state_json }) => state_json !== 'null')
    .map((row) => JSON.stringify(row))
    .toSorted();
  return all;
}

function timed(steps: History): Told[] {
  let at = 1_700_000_000_000;
  return steps.map(({ afterMs, event: told }) => {
    at += afterMs;
    return { at, event: placed(told, at) };
  });
}

/** Gaps are written as how long ago they began. */
function placed(told: FeedbackEvent, at: number): FeedbackEvent {
  return told.kind === 'gap' ? { ...told, payload: { ...told.payload, from: at + told.payload.from } } : told;
}

function newProjector(): Projector {
  return new Projector(
    { roundMs: 1 },
    { database: temporary.database, clock: systemClock(), logger: silentLogger },
  );
}

function status(leaves: Record<string, string>, gone: readonly string[] = []): FeedbackEvent {
  return { kind: 'status', path: Object.keys(leaves)[0] ?? gone[0] ?? '', payload: { leaves, gone } };
}

function happening(path: string, said: Record<string, string>): FeedbackEvent {
  return { kind: 'event', path, payload: { arguments: said, value: null } };
}
