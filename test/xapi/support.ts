import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import type { DeviceAddress, LoginGate, SessionNews, WebSessionLedger } from '../../src/xapi/device.ts';
import { StoredLoginGate } from '../../src/xapi/login-gate.ts';
import { type LoginGateStore, memoryLoginGateStore } from '../../src/xapi/login-record.ts';
import { createDevicePool, type DevicePool } from '../../src/xapi/pool.ts';
import type { RemoteDevice } from '../../src/xapi/remote-device.ts';
import type { XapiSettings } from '../../src/xapi/settings.ts';

export const USERNAME = 'admin';
export const PASSWORD = 'correct-horse-9';

/** Times short enough for tests; each stays well above a scheduling hiccup. */
export const shortTimes: Partial<XapiSettings> = {
  requestDeadlineMs: 3_000,
  documentDeadlineMs: 3_000,
  commandDeadlineMs: 3_000,
  readDeadlineMs: 3_000,
  heartbeatMs: 200,
  heartbeatDeadlineMs: 200,
  webSessionIdleMs: 100,
  basicRate: 1_000,
  sessionRate: 1_000,
  busyBackoff: { firstMs: 20, mostMs: 100 },
  reconnectBackoff: { firstMs: 20, mostMs: 100 },
  pollMs: 50,
  websocketRetryMs: 200,
};

export function startDevices(
  count: number,
  settings: Partial<SimulatorSettings> = {},
  spec: Partial<SimulatedDeviceSpec> = {},
): Promise<Simulator> {
  const model = builtInModels.room;
  const devices = Array.from({ length: count }, (_, at) => ({ name: `sim-${at + 1}`, model, ...spec }));
  return startSimulator({
    devices,
    username: USERNAME,
    password: PASSWORD,
    settings: { ...quick, ...settings },
  });
}

export function addressOf(
  device: { name: string; port: number },
  changes: Partial<DeviceAddress> = {},
): DeviceAddress {
  return {
    id: Number(device.name.replace(/\D/g, '')) || 1,
    name: device.name,
    host: '127.0.0.1',
    port: device.port,
    credential: 'roomd',
    username: USERNAME,
    password: new Secret(PASSWORD),
    tls: { mode: 'insecure' },
    serial: null,
    ...changes,
  };
}

/** What is held of open web sessions, as `WebSessionLedger`. */
export class MemoryLedger implements WebSessionLedger {
  readonly open = new Set<string>();
  async opened(_deviceId: number, cookie: string): Promise<void> {
    this.open.add(cookie);
  }
  async closed(_deviceId: number, cookie: string): Promise<void> {
    this.open.delete(cookie);
  }
}

export interface TestPool {
  readonly pool: DevicePool;
  readonly gate: StoredLoginGate;
  readonly ledger: MemoryLedger;
}

export function newPool(
  settings: Partial<XapiSettings> = {},
  parts: { store?: LoginGateStore; gate?: LoginGate; ledger?: MemoryLedger } = {},
): TestPool {
  const clock = systemClock();
  const store = parts.store ?? memoryLoginGateStore();
  const gate = new StoredLoginGate({ fingerprintKey: 'key' }, { store, clock });
  const ledger = parts.ledger ?? new MemoryLedger();
  const pool = createDevicePool(
    { ...shortTimes, ...settings },
    { clock, random: seededRandom(7), logger: silentLogger, gate: parts.gate ?? gate, ledger },
  );
  return { pool, gate, ledger };
}

/** Polls until the condition holds; fails with what was expected after 5 s. */
export async function until(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`after ${withinMs} ms still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The news of a device as it comes. */
export function record(device: RemoteDevice): SessionNews[] {
  const news: SessionNews[] = [];
  device.subscribe((one) => news.push(one));
  return news;
}

export async function untilUp(device: RemoteDevice): Promise<void> {
  await until(`the session is up (${device.session().state})`, () => device.session().state === 'up');
}

/** The error a promise rejects with. */
export async function failure(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
