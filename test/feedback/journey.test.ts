import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Live } from '../../src/feedback/live.ts';
import { presenceNow } from '../../src/feedback/presence-store.ts';
import { Projector } from '../../src/feedback/projector.ts';
import { Receiver } from '../../src/feedback/receiver.ts';
import { Recorder } from '../../src/feedback/recorder.ts';
import { slotResource } from '../../src/feedback/slot-resource.ts';
import { ensureSlotTokens, randomToken } from '../../src/feedback/slot-token.ts';
import type { Change } from '../../src/fleet/change.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { oneWay, otherWay, quick } from '../../src/simulator/settings.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { Device, DeviceAddress, DeviceIdentity } from '../../src/xapi/device.ts';
import { createDevicePool, type DevicePool } from '../../src/xapi/pool.ts';
import { smallModel } from '../support/small-model.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices, desiredRoom, presenceRows, until } from './support.ts';

const clock = systemClock();
const IDENTITY: DeviceIdentity = { serial: 'SIM00000001', product: '', software: '', systemName: null };
const EXPRESSIONS = [
  '/Status/RoomAnalytics',
  '/Status/Call',
  '/Event/UserInterface/Extensions/Panel/Clicked',
];

let temporary: TemporaryDatabase;
let simulator: Simulator;
let simulated: SimulatedDevice;
let pool: DevicePool;
let device: Device;
let recorder: Recorder;
let receiver: Receiver;
let projector: Projector;
let token: string;

describe.each([
  ['one way', oneWay],
  ['the other way', otherWay],
])('a room with all unknowns of its device %s', (_name, settings) => {
  beforeEach(() => begin({ ...settings, ...quick }));
  afterEach(end);

  test.each(['XML', 'JSON'] as const)(
    'people come and go, and the database holds the interval (%s)',
    async (format) => {
      const slots = resource();
      await bring(slots, desired({ format }));
      expect(simulated.state.slots.list()).toMatchObject([
        { slot: 1, format, status: 'OK', expressions: EXPRESSIONS },
      ]);
      await until('the session', () => device.session().state === 'up');
      simulated.state.presence.set(3);
      await until('yes', () => presenceIs('yes'));
      simulated.state.presence.set(0);
      await until('no', () => presenceIs('no'));
      const rows = await presenceRows(temporary.database, 1);
      expect(rows.map((row) => row.split(' ')[0])).toEqual(['no', 'yes', 'no']);
      expect(rows[1]).toMatch(/webhook$/);
    },
  );

  test('a slot that failed is enabled again, and posts come in anew', async () => {
    const slots = resource();
    await bring(slots, desired());
    const port = receiver.address()?.port;
    await receiver.stop();
    simulated.state.presence.set(1);
    await until('the slot to fail', () => simulated.state.slots.get(1)?.status === 'Failed');
    await listen(`127.0.0.1:${port}`);
    const plan = await diff(slots, desired());
    expect(plan.changes.map(({ path, from, to }) => [path, from, to])).toEqual([
      ['HttpFeedback[1]', 'Failed', 'enabled'],
    ]);
    await slots.apply(device, plan.changes, {});
    expect(simulated.state.slots.get(1)?.status).toBe('OK');
    expect((await diff(slots, desired())).changes).toEqual([]);
    simulated.state.presence.set(0);
    await until('no', () => presenceIs('no'));
  });

  test('slots of others are left as they are, and ours in excess are given back', async () => {
    occupy(1, 'https://other.example.com/hook');
    occupy(3, 'http://tms.example.com/tms/public/feedback/code.aspx');
    occupy(4, `${prefix()}of-another-time`);
    const slots = resource();
    await bring(slots, desired({ slot: 2 }));
    expect(simulated.state.slots.list().map(({ slot, url }) => [slot, url])).toEqual([
      [1, 'https://other.example.com/hook'],
      [2, `${prefix()}${token}`],
      [3, 'http://tms.example.com/tms/public/feedback/code.aspx'],
    ]);
  });

  test('are two where the file says so, each with its part of the expressions', async () => {
    occupy(2, 'https://other.example.com/hook');
    const slots = resource();
    await bring(slots, desired({ slots: 2 }));
    const url = `${prefix()}${token}`;
    expect(simulated.state.slots.list()).toMatchObject([
      { slot: 1, url, expressions: EXPRESSIONS.slice(0, 2) },
      { slot: 2, url: 'https://other.example.com/hook' },
      { slot: 4, url, expressions: EXPRESSIONS.slice(2) },
    ]);
    await bring(slots, desired());
    expect(simulated.state.slots.list().map(({ slot }) => slot)).toEqual([1, 2]);
  });

  test('are not registered with more expressions than the device takes', async () => {
    const many = Array.from({ length: 16 }, (_, n) => `/Status/A${n}`);
    const { changes, problems } = await diff(resource(), desired({ expressions: many }));
    expect(changes).toEqual([]);
    expect(problems[0]?.message).toContain('at most 15 expressions, here are 16');
  });

  test('changed expressions and a changed token are registered in the same slot', async () => {
    const slots = resource();
    await bring(slots, desired());
    await bring(slots, desired({ expressions: ['/Status/RoomAnalytics'] }));
    expect(simulated.state.slots.list()).toMatchObject([{ slot: 1, expressions: ['/Status/RoomAnalytics'] }]);
    const other = slotResource({ urlFor: () => ({ url: `${prefix()}new` }), isSelfSigned: false });
    await bring(other, desired());
    expect(simulated.state.slots.list()).toMatchObject([{ slot: 1, url: `${prefix()}new` }]);
  });
});

describe('a plan for a slot', () => {
  beforeEach(() => begin(quick));
  afterEach(end);

  test('shows where posts go and never the token', async () => {
    const { changes, untouched } = await diff(resource(), desired());
    expect(untouched).toBe(0);
    expect(changes).toMatchObject([
      { kind: 'feedback-slot', path: 'HttpFeedback[1]', from: null, noticeable: false },
    ]);
    expect(changes[0]?.to).toContain(`${prefix()}[secret]`);
    expect(JSON.stringify(changes)).not.toContain(token);
  });

  test('is a problem where no slot is free, and a hint where no public URL is set', async () => {
    for (const slot of [1, 2, 4]) occupy(slot, 'https://other.example.com/hook');
    expect(await diff(resource(), desired())).toMatchObject({
      changes: [],
      problems: [
        { path: 'HttpFeedback', message: expect.stringContaining('belongs to another system') as string },
      ],
    });
    const homeless = slotResource({ urlFor: () => null, isSelfSigned: false });
    expect(await diff(homeless, desired())).toMatchObject({
      changes: [],
      hints: [expect.stringContaining('daemon.feedback.publicUrl') as string],
    });
    expect((await diff(homeless, desired({ expressions: [] }))).hints).toEqual([]);
  });

  test('hints at certificates that the device would refuse', async () => {
    const secure = slotResource({
      urlFor: () => ({ url: 'https://127.0.0.1:1/feedback/t' }),
      isSelfSigned: true,
    });
    expect((await diff(secure, desired())).hints).toEqual([
      expect.stringContaining('HttpFeedback.TlsVerify') as string,
    ]);
    await device.writeConfiguration([{ path: 'HttpFeedback.TlsVerify', value: 'Off' }]);
    expect((await diff(secure, desired())).hints).toEqual([]);
  });

  test('tells a refusal of the device as its word on that change', async () => {
    const { changes } = await diff(resource(), desired({ expressions: ['/Nonsense/Tree'] }));
    expect(await resource().apply(device, changes, {})).toMatchObject([
      { path: 'HttpFeedback[1]', outcome: 'refused' },
    ]);
  });
});

test('posts come over TLS where the receiver has a certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roomd-tls-'));
  try {
    const keys = newKeyPair();
    const { pem } = selfSign(keys, { commonName: 'rooms.example.com', now: Date.now() });
    const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    writeFileSync(tls.certFile, pem);
    writeFileSync(tls.keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await begin(quick, { tls, configuration: { 'HttpFeedback.TlsVerify': 'Off' } });
    await bring(resource(), desired());
    simulated.state.presence.set(2);
    expect(await until('yes', () => presenceIs('yes'))).toBe(true);
  } finally {
    await end();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function begin(
  settings: Partial<typeof oneWay>,
  options: { tls?: { certFile: string; keyFile: string }; configuration?: Record<string, string> } = {},
): Promise<void> {
  temporary = await temporaryDatabase();
  const { database } = temporary;
  await addDevices(database, 1);
  const { configuration = {} } = options;
  simulator = await startSimulator({
    username: 'admin',
    password: 'secret',
    settings,
    devices: [{ name: 'sim-1', model: smallModel, configuration }],
  });
  simulated = simulator.device('sim-1');
  pool = createDevicePool(
    { reconnectBackoff: { firstMs: 20, mostMs: 100 }, basicRate: 1_000, sessionRate: 1_000 },
    { clock, random: seededRandom(1), logger: silentLogger, gate: OPEN_GATE, ledger: NO_LEDGER },
  );
  device = pool.device(addressOf(simulated), EXPRESSIONS);
  recorder = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database, clock, live: new Live(), logger: silentLogger },
  );
  projector = new Projector({ roundMs: 1 }, { database, clock, logger: silentLogger });
  token = (await ensureSlotTokens(database, [1], { clock, newToken: randomToken })).get(1)?.token ?? '';
  await projector.start();
  await recorder.start();
  await listen('127.0.0.1:0', options.tls);
  recorder.watch(device, EXPRESSIONS);
  await pool.start(new AbortController().signal);
}

async function end(): Promise<void> {
  await pool.stop();
  await receiver.stop();
  await recorder.stop();
  await projector.stop();
  await simulator.stop();
  await temporary.close();
}

async function listen(at: string, tls: { certFile: string; keyFile: string } | null = null): Promise<void> {
  receiver = new Receiver(
    { listen: at, tls },
    {
      sink: recorder,
      serialOf: () => simulated.serial,
      registry: newRegistry(),
      clock,
      logger: silentLogger,
    },
  );
  receiver.reload([{ deviceId: 1, token }]);
  await receiver.start();
  scheme = tls === null ? 'http' : 'https';
}

let scheme = 'http';

function prefix(): string {
  return `${scheme}://127.0.0.1:${receiver.address()?.port}/feedback/`;
}

function resource() {
  return slotResource({
    urlFor: () => ({ url: `${prefix()}${token}` }),
    isSelfSigned: false,
    onSeen: ({ address }, { isHealthy }) => recorder.slotSeen(address.id, isHealthy),
  });
}

type Slots = ReturnType<typeof resource>;

async function diff(slots: Slots, wanted: DesiredDevice) {
  return slots.diff(wanted, await slots.observe(device, wanted, IDENTITY, {}));
}

/** Plan, apply, and the proof that nothing is left to do. */
async function bring(slots: Slots, wanted: DesiredDevice): Promise<readonly Change[]> {
  const { changes } = await diff(slots, wanted);
  const answers = await slots.apply(device, changes, {});
  expect(answers.map(({ outcome }) => outcome)).toEqual(changes.map(() => 'accepted'));
  expect((await diff(slots, wanted)).changes).toEqual([]);
  return changes;
}

function occupy(slot: number, url: string): void {
  const outcome = simulated.state.command('HttpFeedback/Register', {
    FeedbackSlot: String(slot),
    ServerUrl: url,
    Expression: ['/Status/Standby'],
  });
  expect(outcome).toMatchObject({ kind: 'ok' });
}

async function presenceIs(word: string): Promise<boolean> {
  return (await presenceNow(temporary.database))[0]?.state === word;
}

function desired(feedback: Partial<DesiredDevice['feedback']> = {}): DesiredDevice {
  return desiredRoom('sim-1', { expressions: EXPRESSIONS, ...feedback });
}

function addressOf({ port, host }: SimulatedDevice): Device['address'] {
  return {
    id: 1,
    name: 'sim-1',
    host,
    port,
    credential: 'roomd',
    username: 'admin',
    password: new Secret('secret'),
    tls: { mode: 'insecure' },
    serial: null,
  };
}

const OPEN_GATE = {
  enter: async (address: DeviceAddress) => address,
  accepted: async () => undefined,
  refused: async () => undefined,
  abandoned: async () => undefined,
};

const NO_LEDGER = { opened: async () => undefined, closed: async () => undefined };
