import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import type { DeviceAddress } from '../../src/xapi/device.ts';
import { StoredLoginGate } from '../../src/xapi/login-gate.ts';
import { memoryLoginGateStore } from '../../src/xapi/login-record.ts';
import { PathError } from '../../src/xapi/path.ts';
import { createDevicePool } from '../../src/xapi/pool.ts';
import {
  addressOf,
  MemoryLedger,
  newPool,
  record,
  shortTimes,
  startDevices,
  type TestPool,
  until,
  untilUp,
} from './support.ts';

const EXPRESSIONS = ['/Status/Standby'];
let simulator: Simulator | null = null;
let own: TestPool | null = null;

afterEach(async () => {
  await own?.pool.stop();
  await simulator?.stop();
  own = null;
  simulator = null;
});

async function ready() {
  simulator = await startDevices(1);
  own = newPool();
  return { sim: simulator.device('sim-1'), pool: own.pool, ledger: own.ledger };
}

const inUse = (): number =>
  process.getActiveResourcesInfo().filter((kind) => /TCPSocketWrap|TLSWrap|Timeout/.test(kind)).length;

describe('the pool', () => {
  it('keeps the session when the address is bound to what was met', async () => {
    const { sim, pool } = await ready();
    const fresh = addressOf(sim, { tls: { mode: 'pin', fingerprint256: null } });
    const device = pool.device(fresh, EXPRESSIONS);
    await pool.start(AbortSignal.timeout(60_000));
    await untilUp(device);
    const bound: DeviceAddress = {
      ...fresh,
      password: new Secret(fresh.password.reveal()),
      serial: sim.serial,
      tls: { mode: 'pin', fingerprint256: sim.fingerprint256 },
    };
    expect(pool.device(bound, EXPRESSIONS)).toBe(device);
    expect(device.address.serial).toBe(sim.serial);
    expect(device.session().state).toBe('up');
  });

  it.each<[string, Partial<DeviceAddress>]>([
    ['password', { password: new Secret('other') }],
    ['serial number', { serial: 'NOT MET' }],
    ['certificate', { tls: { mode: 'pin', fingerprint256: 'AA:BB' } }],
    ['user name', { username: 'someone' }],
  ])('starts over for another %s', async (_what, change) => {
    const { sim, pool } = await ready();
    const device = pool.device(addressOf(sim), EXPRESSIONS);
    expect(pool.device(addressOf(sim, change), EXPRESSIONS)).not.toBe(device);
  });

  it('refuses expressions that no device should be given', async () => {
    const { sim, pool } = await ready();
    for (const bad of ['/Status', 'Status', '/Command/Dial', '', '/Event', '/Status/Call[x]'])
      expect(() => pool.device(addressOf(sim), [bad])).toThrow(PathError);
    expect(() => pool.device(addressOf(sim), ['/status/Standby', '/Configuration'])).not.toThrow();
  });

  it('tells a listener where things stand, and a failing listener disturbs no other', async () => {
    const { sim, pool } = await ready();
    const device = pool.device(addressOf(sim), EXPRESSIONS);
    device.subscribe(() => {
      if (device.session().state !== 'idle') throw new Error('a listener fails');
    });
    const news = record(device);
    expect(news).toMatchObject([{ type: 'status', status: { state: 'idle' } }]);
    await pool.start(AbortSignal.timeout(60_000));
    await untilUp(device);
    expect(news.some(({ type }) => type === 'snapshot')).toBe(true);
  });

  it('wakes a keeper that waits', async () => {
    simulator = await startDevices(1, {}, { offline: true });
    own = newPool({ reconnectBackoff: { firstMs: 60_000, mostMs: 60_000 } });
    const sim = simulator.device('sim-1');
    const device = own.pool.device(addressOf(sim), EXPRESSIONS);
    await own.pool.start(AbortSignal.timeout(60_000));
    await until('it waits', () => device.session().state === 'waiting');
    sim.clearFault('offline');
    await until('it is woken', () => {
      own?.pool.wake(device.address.id);
      return device.session().state === 'up';
    });
    expect(device.session().reason).toBeNull();
  });

  it('ends a web session that a crash left open, and no other', async () => {
    const { sim, pool, ledger } = await ready();
    const left = sim.state.sessions.open('admin');
    sim.state.sessions.open('someone else');
    const cookie = `SessionId=${left?.cookie}`;
    ledger.open.add(cookie);
    await pool.endLeftover(addressOf(sim), cookie);
    expect(sim.state.sessions.list().map(({ user }) => user)).toEqual(['someone else']);
    expect(ledger.open.size).toBe(0);
  });

  it('refuses a value that XML cannot carry, and sends the rest', async () => {
    const { sim, pool } = await ready();
    const answers = await pool.oneShot(addressOf(sim)).writeConfiguration([
      { path: 'SystemUnit.Name', value: 'bell\u0007' },
      { path: 'Standby.Delay', value: '21' },
    ]);
    expect(answers).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('U+0007') },
      { outcome: 'accepted' },
    ]);
    expect(sim.state.configuration('Standby.Delay')).toBe('21');
  });

  it('stops promptly in every state, twice if need be', async () => {
    simulator = await startDevices(3, { latencyMs: 300 });
    own = newPool();
    const devices = simulator.devices.map((sim) => own?.pool.device(addressOf(sim), EXPRESSIONS));
    await own.pool.start(AbortSignal.timeout(60_000));
    const startedAt = performance.now();
    await Promise.all([own.pool.stop(), own.pool.stop()]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(devices.map((device) => device?.session().state)).toEqual(['stopped', 'stopped', 'stopped']);
    await until('no socket is left', () => simulator?.devices.every(({ sockets }) => sockets === 0) === true);
  });

  it('leaves no socket and no timer of its own behind', async () => {
    simulator = await startDevices(2);
    const before = inUse();
    const { pool } = newPool({ heartbeatMs: 60_000, webSessionIdleMs: 60_000 });
    const devices = simulator.devices.map((sim) => pool.device(addressOf(sim), EXPRESSIONS));
    await pool.start(AbortSignal.timeout(60_000));
    await Promise.all(devices.map((device) => device.readConfiguration()));
    await pool.stop();
    await until('everything is given back', () => inUse() <= before);
    expect(simulator.devices.map((sim) => sim.state.sessions.list().length)).toEqual([0, 0]);
  });

  it('counts sessions by state and frames that cannot be used', async () => {
    simulator = await startDevices(1);
    const clock = systemClock();
    const registry = newRegistry();
    const gate = new StoredLoginGate({ fingerprintKey: 'k' }, { store: memoryLoginGateStore(), clock });
    const pool = createDevicePool(shortTimes, {
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      gate,
      ledger: new MemoryLedger(),
      registry,
    });
    try {
      const sim = simulator.device('sim-1');
      const device = pool.device(addressOf(sim), EXPRESSIONS);
      await pool.start(AbortSignal.timeout(60_000));
      await untilUp(device);
      sim.fault('garbage', 1);
      await device.readStatus('Standby');
      const shown = await registry.metrics();
      expect(shown).toContain('roomd_sessions{state="up"} 1');
      expect(shown).toMatch(/roomd_session_stray_frames_total [1-9]/);
    } finally {
      await pool.stop();
    }
  });
});
