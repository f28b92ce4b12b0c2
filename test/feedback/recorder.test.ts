import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Live } from '../../src/feedback/live.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { Recorder } from '../../src/feedback/recorder.ts';
import { Sweeper } from '../../src/feedback/sweeper.ts';
import { ManualClock, systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { readEvents } from '../../src/storage/events.ts';
import { getFact, setFact } from '../../src/storage/facts.ts';
import type { Delta } from '../../src/xapi/device.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices, presenceRows, ToldDevice } from './support.ts';

const START = 1_000_000;
const MINUTE = 60_000;
const EXPRESSIONS = ['/Status/RoomAnalytics', '/Status/Standby'];

let temporary: TemporaryDatabase;
let clock: ManualClock;
let live: Live;
let device: ToldDevice;
let recorder: Recorder;
let sweeper: Sweeper;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 2);
  clock = new ManualClock(START);
  device = new ToldDevice(1);
  await launch();
});

afterEach(async () => {
  await sweeper.stop();
  await recorder.stop();
  await temporary.close();
});

describe('over a session alone', () => {
  test('the first reading begins presence, what the device tells goes on from it', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    await clock.advance(MINUTE);
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['no 0-1', 'yes 1-']);
    expect(live.get(1)).toMatchObject({ presence: 'yes', source: 'session' });
  });

  test('a gap opens at the moment the session is lost and ends with the next reading', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(MINUTE);
    device.becomes('waiting', 'the cable was pulled');
    expect(live.get(1)?.presence).toBe('unknown');
    await clock.advance(2 * MINUTE);
    device.becomes('connecting');
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-3', 'yes 3-']);
    expect(await kinds()).toEqual(['session', 'snapshot', 'session', 'gap', 'session', 'snapshot']);
  });

  test('attempts that fail again and again are not recorded one by one', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      device.becomes('connecting');
      device.becomes('waiting', 'refused');
    }
    await recorder.flushed();
    expect(await kinds()).toEqual(['session']);
  });

  test('names of people do not reach the database', async () => {
    device.connects({
      'RoomAnalytics.PeoplePresence': 'Yes',
      'Call[8].DisplayName': 'Anna',
      'Call[8].Status': 'Connected',
    });
    device.tells({ 'Call[8].RemoteNumber': 'anna@example.com', 'Call[8].AnswerState': 'Answered' });
    await recorder.flushed();
    const log = JSON.stringify(await events());
    expect(log).toContain('Answered');
    expect(log).not.toMatch(/anna/i);
  });
});

describe('with a healthy slot', () => {
  beforeEach(() => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    recorder.slotSeen(1, true);
  });

  test('the webhook counts, and what the session says of the same is not recorded twice', async () => {
    await clock.advance(MINUTE);
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    device.tells({ 'Audio.Volume': '50' });
    await recorder.flushed();
    expect((await events()).map(({ kind, path, source }) => `${kind} ${path} ${source}`)).toEqual([
      'session null roomd',
      'snapshot null session',
      'slot null roomd',
      'status RoomAnalytics.PeoplePresence webhook',
      'status Audio.Volume session',
    ]);
  });

  test('a session that ends is no gap', async () => {
    await clock.advance(MINUTE);
    device.becomes('waiting');
    await clock.advance(MINUTE);
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['no 0-2', 'yes 2-']);
  });

  test('when the slot fails too, nothing is known since it was last confirmed', async () => {
    await clock.advance(MINUTE);
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    device.becomes('waiting');
    await clock.advance(3 * MINUTE);
    recorder.slotSeen(1, false);
    expect(await spans()).toEqual(['no 0-1', 'unknown 1-']);
  });

  test('trust in it ends when nothing confirms it and no session is up', async () => {
    await clock.advance(MINUTE);
    recorder.slotSeen(1, true);
    device.becomes('waiting');
    await pass(9 * MINUTE);
    expect(await spans()).toEqual(['no 0-']);
    await pass(2 * MINUTE);
    expect(await spans()).toEqual(['no 0-1', 'unknown 1-']);
    expect(live.get(1)?.presence).toBe('unknown');
  });

  test('what is unknown then begins where the session ended, up to which it would have told', async () => {
    await clock.advance(8 * MINUTE);
    device.becomes('waiting');
    await pass(11 * MINUTE);
    expect(await spans()).toEqual(['no 0-8', 'unknown 8-']);
  });

  test('a slot that fails beside a session makes the state be read, and a contradiction is a gap since the last agreement', async () => {
    await clock.advance(5 * MINUTE);
    device.status.set('RoomAnalytics.PeoplePresence', 'Yes');
    recorder.slotSeen(1, false);
    await clock.advance(MINUTE);
    expect(await spans()).toEqual(['unknown 0-5', 'yes 5-']);
  });

  test('after a reconnect a post under way is waited for before anything is called a contradiction', async () => {
    await clock.advance(2 * MINUTE);
    device.becomes('waiting');
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(MINUTE);
    expect(await spans()).toEqual(['no 0-2', 'yes 2-']);
  });
});

describe('a webhook whose posts do not come while the session is up', () => {
  const GRACE = 20_000;

  beforeEach(() => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    recorder.slotSeen(1, true);
  });

  test('loses nothing that the session heard: it is recorded with its own time, and the session counts from then on', async () => {
    await clock.advance(MINUTE);
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    device.tells({ 'RoomAnalytics.AmbientTemperature': '30.0' });
    await clock.advance(GRACE);
    expect(recorder.track(1)?.slot).toMatchObject({ isHealthy: false, isSeenWell: true });
    device.tells({ 'RoomAnalytics.PeoplePresence': 'No' });
    expect(await spans()).toEqual(['no 0-1', 'yes 1-1', 'no 1-']);
    const told = (await events()).filter(({ kind }) => kind === 'status');
    expect(told.map(({ path, source, receivedAt }) => [path, source, receivedAt - START])).toEqual([
      ['RoomAnalytics.PeoplePresence', 'session', MINUTE],
      ['RoomAnalytics.AmbientTemperature', 'session', MINUTE],
      ['RoomAnalytics.PeoplePresence', 'session', MINUTE + GRACE],
    ]);
  });

  test('is not believed again because the device says that its slot is on, but once a post comes', async () => {
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(GRACE);
    recorder.slotSeen(1, true);
    expect(recorder.track(1)?.slot).toMatchObject({ isHealthy: false, doubt: /no post brought/ });
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(recorder.track(1)?.slot).toMatchObject({ isHealthy: true, doubt: null });
    await recorder.flushed();
    const slots = (await events()).filter(({ kind }) => kind === 'slot');
    expect(slots.map(({ payload }) => payload)).toEqual([
      { healthy: true },
      { healthy: false },
      { healthy: true },
    ]);
  });

  test('that the device gave up needs a look that finds it well, and then a post', async () => {
    recorder.slotSeen(1, false, { doubt: 'the device gave up' });
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(recorder.track(1)?.slot.isHealthy).toBe(false);
    recorder.slotSeen(1, true);
    expect(recorder.track(1)?.slot.isHealthy).toBe(false);
    await post({ 'RoomAnalytics.PeoplePresence': 'No' });
    expect(recorder.track(1)?.slot.isHealthy).toBe(true);
  });

  test('is trusted where the post was quicker than the session, and where any post comes after', async () => {
    await post({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(MINUTE);
    device.tells({ 'RoomAnalytics.PeopleCount.Current': '3' });
    await clock.advance(GRACE / 2);
    await post({ 'RoomAnalytics.PeopleCount.Current': '4' });
    await clock.advance(MINUTE);
    expect(recorder.track(1)?.slot.isHealthy).toBe(true);
    expect((await kinds()).filter((kind) => kind === 'status')).toHaveLength(2);
  });

  test('what is waited for is recorded when the session ends, and says nothing of the webhook', async () => {
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    device.becomes('waiting', 'the device restarts');
    expect(await spans()).toEqual(['yes 0-']);
    expect(recorder.track(1)?.slot).toMatchObject({ isHealthy: true, doubt: null });
  });
});

describe('a break in which neither a session nor a post was there', () => {
  beforeEach(async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    recorder.slotSeen(1, true);
    await clock.advance(MINUTE);
    device.becomes('waiting', 'the device restarts');
  });

  test('is unknown, however short, although the slot was healthy and the room is as it was', async () => {
    await clock.advance(MINUTE);
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-2', 'yes 2-']);
    expect((await events()).filter(({ kind }) => kind === 'gap')).toMatchObject([
      { payload: { reason: 'no post came while there was no session: the device restarts' } },
    ]);
  });

  test('is as long as nothing came: a post within it ends what was unknown before', async () => {
    await clock.advance(MINUTE);
    await post({ 'RoomAnalytics.PeoplePresence': 'No' });
    await clock.advance(MINUTE);
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    expect(await spans()).toEqual(['yes 0-2', 'unknown 2-3', 'no 3-']);
  });

  test('is unknown from its beginning on where roomd stops within it', async () => {
    await clock.advance(3 * MINUTE);
    await recorder.stop();
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-']);
  });

  test('is unknown from its beginning on where roomd is killed within it', async () => {
    await pass(3 * MINUTE);
    clock = new ManualClock(clock.now() + 10 * MINUTE);
    device = new ToldDevice(1);
    await launch();
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-']);
  });

  test('is none where the device merely connected again at once', async () => {
    await clock.advance(2_000);
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['yes 0-']);
  });
});

describe('the sweep', () => {
  test('that agrees changes nothing and moves the last agreement on', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    recorder.slotSeen(1, true);
    await clock.advance(16 * MINUTE);
    device.status.set('RoomAnalytics.PeoplePresence', 'Yes');
    await clock.advance(16 * MINUTE);
    expect(await spans()).toEqual(['no 0-15', 'unknown 15-30', 'yes 30-']);
    expect((await events()).filter(({ kind }) => kind === 'gap')).toMatchObject([
      { payload: { from: START + 15 * MINUTE, to: START + 30 * MINUTE + 5_000 }, source: 'sweep' },
    ]);
  });

  test('is not contradicted by what the session told a moment ago and no post has brought yet', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    recorder.slotSeen(1, true);
    await clock.advance(15 * MINUTE - 5_000);
    device.tells({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(MINUTE);
    expect(await spans()).toEqual(['no 0-14', 'yes 14-']);
  });

  test('leaves a device alone that does not answer', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    device.isReachable = false;
    await clock.advance(20 * MINUTE);
    expect(await spans()).toEqual(['no 0-']);
    expect(await sweeper.sweepAll()).toEqual({ read: 0, failed: 1 });
  });

  test('takes a count that was missed without calling presence unknown', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes', 'RoomAnalytics.PeopleCount.Current': '2' });
    device.status.set('RoomAnalytics.PeopleCount.Current', '5');
    await clock.advance(16 * MINUTE);
    expect(await spans()).toEqual(['yes 0-']);
    expect(live.get(1)?.peopleCount).toBe(5);
  });
});

test('a device without websocket is read on a timer: a contradiction is unknown since the last reading', async () => {
  device.becomes('up-https');
  device.isRead({ 'RoomAnalytics.PeoplePresence': 'No' });
  await clock.advance(MINUTE);
  device.isRead({ 'RoomAnalytics.PeoplePresence': 'No' });
  await clock.advance(MINUTE);
  device.isRead({ 'RoomAnalytics.PeoplePresence': 'Yes' });
  expect(await spans()).toEqual(['no 0-1', 'unknown 1-2', 'yes 2-']);
  expect((await kinds()).filter((kind) => kind === 'snapshot')).toHaveLength(2);
});

describe('roomd itself', () => {
  test('that stops leaves a gap from its stop on', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await clock.advance(MINUTE);
    await recorder.stop();
    await clock.advance(5 * MINUTE);
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-']);
    await launch();
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    expect(await spans()).toEqual(['yes 0-1', 'unknown 1-6', 'yes 6-']);
  });

  test('that was killed knows nothing since it last noted that it lives', async () => {
    device.connects({ 'RoomAnalytics.PeoplePresence': 'Yes' });
    await pass(3 * MINUTE);
    const notedAt = Number(await getFact(temporary.database, 'feedback-alive-at'));
    const killedAt = clock.now();
    expect(killedAt - notedAt).toBeLessThanOrEqual(45_000);
    clock = new ManualClock(killedAt + 10 * MINUTE);
    device = new ToldDevice(1);
    await launch();
    device.connects({ 'RoomAnalytics.PeoplePresence': 'No' });
    await recorder.flushed();
    await newProjector().projectAll();
    expect(await presenceRows(temporary.database, 1)).toEqual([
      `yes ${START}-${notedAt} max - last - session`,
      `unknown ${notedAt}-${clock.now()} max - last - roomd`,
      `no ${clock.now()}- max - last - session`,
    ]);
  });
});

async function launch(): Promise<void> {
  const { database } = temporary;
  live = new Live();
  await newProjector().projectAll();
  const reading: Recorder['reading'] = (...args) => recorder.reading(...args);
  sweeper = new Sweeper(
    { sweepMs: 15 * MINUTE },
    { devices: () => [device], reading, clock, logger: silentLogger },
  );
  recorder = new Recorder(
    { slotTrustMs: 10 * MINUTE, gatherMs: 0, onDoubt: (deviceId) => sweeper.doubt(deviceId) },
    { database, clock, live, logger: silentLogger },
  );
  await recorder.start();
  await sweeper.start();
  recorder.watch(device, EXPRESSIONS);
}

function newProjector(): Projector {
  return new Projector({}, { database: temporary.database, clock: systemClock(), logger: silentLogger });
}

async function post(leaves: Record<string, string>): Promise<void> {
  const delta: Delta = { tree: 'Status', leaves: new Map(Object.entries(leaves)), gone: [], bare: new Map() };
  await recorder.accept(1, [delta]);
}

async function events() {
  return readEvents(temporary.database, { afterSeq: 0, limit: 1_000 });
}

async function kinds(): Promise<string[]> {
  await recorder.flushed();
  return (await events()).map(({ kind }) => kind);
}

/** Lets time pass in small steps, each after what was written before is on the disk. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 15_000) {
    await clock.advance(15_000);
    await setFact(temporary.database, 'barrier', String(passed));
  }
}

/** Intervals in minutes since the start. */
async function spans(): Promise<string[]> {
  await recorder.flushed();
  await newProjector().projectAll();
  const rows = await presenceRows(temporary.database, 1);
  return rows.map((row) => {
    const [state, span] = row.split(' ');
    const [from, to] = (span ?? '').split('-');
    return `${state} ${inMinutes(from)}-${inMinutes(to)}`;
  });
}

function inMinutes(at: string | undefined): string {
  return at === undefined || at === '' ? '' : String(Math.floor((Number(at) - START) / MINUTE));
}
