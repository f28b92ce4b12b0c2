import { expect, onTestFinished, test } from 'vitest';
import { Live } from '../../src/feedback/live.ts';
import { presenceNow } from '../../src/feedback/presence-store.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { Recorder } from '../../src/feedback/recorder.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { readEvents } from '../../src/storage/events.ts';
import { smallModel } from '../support/small-model.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { addressOf, newPool, startDevices, until } from '../xapi/support.ts';
import { addDevices } from './support.ts';

const DEVICES = 300;
const HANDSHAKES = 8;
const FIRST_WAIT_MS = 1_000;
const PATIENCE_MS = 60_000;

test('three hundred devices that fall at once come back spread and under the cap, subscribed, read again, with their gaps closed', async () => {
  const clock = systemClock();
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, DEVICES);
  const simulator = await startDevices(DEVICES, {}, { model: smallModel });
  onTestFinished(() => simulator.stop());
  const { pool } = newPool({
    maxHandshakes: HANDSHAKES,
    reconnectBackoff: { firstMs: FIRST_WAIT_MS, mostMs: 5_000 },
    heartbeatMs: 30_000,
    heartbeatDeadlineMs: 15_000,
    readDeadlineMs: 30_000,
  });
  onTestFinished(() => pool.stop());
  const recorder = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database, clock, live: new Live(), logger: silentLogger },
  );
  const projector = new Projector({ roundMs: 1 }, { database, clock, logger: silentLogger });
  await projector.start();
  onTestFinished(() => projector.stop());
  await recorder.start();
  onTestFinished(() => recorder.stop());
  const heard = new Map<number, { snapshots: number; upAt: number; people: number }>();
  const devices = simulator.devices.map((sim) => pool.device(addressOf(sim), ['/Status/RoomAnalytics']));
  for (const device of devices) {
    const { id } = device.address;
    const one = { snapshots: 0, upAt: 0, people: 0 };
    heard.set(id, one);
    recorder.watch(device, []);
    device.subscribe((news) => {
      if (news.type === 'snapshot')
        Object.assign(one, { snapshots: one.snapshots + 1, upAt: clock.monotonic() });
      if (news.type === 'delta' && news.delta.leaves.get('RoomAnalytics.PeoplePresence') === 'Yes')
        one.people += 1;
    });
  }
  const all = [...heard.values()];
  await pool.start(AbortSignal.timeout(120_000));
  await until('all are up', () => all.every(({ snapshots }) => snapshots === 1), PATIENCE_MS);

  const droppedAt = clock.monotonic();
  for (const sim of simulator.devices) sim.fault('drop', 0);
  await until(
    'all are back and read again',
    () => all.every(({ snapshots }) => snapshots === 2),
    PATIENCE_MS,
  );
  const waits = all.map(({ upAt }) => upAt - droppedAt).toSorted((a, b) => a - b);
  // The first wait is random within its upper half; nobody comes before it, and not all at once.
  expect(waits[0]).toBeGreaterThan(FIRST_WAIT_MS / 2 - 50);
  expect((waits.at(-1) ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(FIRST_WAIT_MS / 3);
  expect(simulator.counters.handshakes.most).toBeLessThanOrEqual(HANDSHAKES);
  expect(simulator.devices.map(({ sockets }) => sockets)).toEqual(simulator.devices.map(() => 1));

  for (const sim of simulator.devices) sim.state.people(2);
  await until('every subscription tells again', () => all.every(({ people }) => people === 1), PATIENCE_MS);
  await recorder.flushed();
  const gaps = await database.read(
    database.query.selectFrom('event').select('device_id').where('kind', '=', 'gap').distinct(),
  );
  expect(gaps).toHaveLength(DEVICES);
  const last = (await readEvents(database, { afterSeq: 0, limit: 1, kinds: ['gap'] }))[0];
  expect(last?.payload).toMatchObject({ to: null });
  let now = await presenceNow(database);
  for (
    const end = clock.monotonic() + PATIENCE_MS;
    clock.monotonic() < end;
    now = await presenceNow(database)
  )
    if (now.filter(({ state }) => state === 'yes').length === DEVICES) break;
  expect(now.filter(({ state }) => state !== 'yes')).toEqual([]);
}, 180_000);
