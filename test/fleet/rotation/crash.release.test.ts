import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WriteLedger } from '../../../src/fleet/apply.ts';
import type { DesiredDevice } from '../../../src/fleet/fleet.ts';
import type { RotationLogins } from '../../../src/fleet/rotation/hand.ts';
import type { Rotation, RotationStep } from '../../../src/fleet/rotation/rotation.ts';
import { rotationStep } from '../../../src/fleet/rotation/steps.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { Simulator } from '../../../src/simulator/server.ts';
import { loginWith } from '../../../src/xapi/address.ts';
import { StoredLoginGate } from '../../../src/xapi/login-gate.ts';
import { type LoginGateStore, memoryLoginGateStore } from '../../../src/xapi/login-record.ts';
import { createDevicePool, type DevicePool } from '../../../src/xapi/pool.ts';
import { addressOf, MemoryLedger, PASSWORD, shortTimes, startDevices, USERNAME } from '../../xapi/support.ts';

const NEXT = 'a brand new passphrase';
const clock = systemClock();
const DEVICES = 28;

/** Everything that roomd writes down passes by here; at the n-th it dies, before or after writing, and nothing is written any more. */
class Life {
  #left: number;
  readonly #diesBefore: boolean;
  isOver = false;

  constructor(writes: number, { diesBefore }: { diesBefore: boolean }) {
    this.#left = writes;
    this.#diesBefore = diesBefore;
  }

  async write(work: () => Promise<void>): Promise<void> {
    this.#left -= 1;
    if (this.isOver || (this.#left === 0 && this.#diesBefore)) this.#die();
    await work();
    if (this.#left === 0) this.#die();
  }

  #die(): never {
    this.isOver = true;
    throw new Error('killed');
  }
}

interface Process {
  readonly gate: StoredLoginGate;
  readonly pool: DevicePool;
  step(isDoubtful: boolean): Promise<RotationStep>;
}

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startDevices(DEVICES);
});
afterAll(() => simulator.stop());

function processOn(device: Simulator['devices'][number], store: LoginGateStore, life: Life): Process {
  const gate = new StoredLoginGate(
    { fingerprintKey: 'key' },
    {
      store: { get: (key) => store.get(key), put: (key, record) => life.write(() => store.put(key, record)) },
      clock,
    },
  );
  const pool = createDevicePool(shortTimes, {
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    gate,
    ledger: new MemoryLedger(),
  });
  const address = { ...addressOf(device), next: new Secret(NEXT) };
  const kept = pool.oneShot(address);
  const desired = { ...address, name: device.name } as unknown as DesiredDevice;
  const book: WriteLedger = {
    intend: async () => {
      await life.write(async () => undefined);
      return ['id'];
    },
    settle: () => life.write(async () => undefined),
  };
  const logins: RotationLogins = {
    standing: async (_device, secret) => (await gate.recordOf(loginWith(address, secret))).state,
    async inHand(_device, work) {
      const taken = await gate.takeInHand(address);
      try {
        return await work({
          logIn: (secret, inside) =>
            pool.once(
              loginWith(address, secret),
              async (session) => {
                await session.identify();
                return inside(session);
              },
              taken,
            ),
          doubt: (secret) => taken.doubt(loginWith(address, secret)),
          retire: (secret) => taken.retire(loginWith(address, secret), 'replaced'),
        });
      } finally {
        taken.release();
      }
    },
  };
  return {
    gate,
    pool,
    step: (isDoubtful) =>
      rotationStep(
        { credential: 'roomd', nextFingerprint: NEXT } as Rotation,
        {
          id: address.id,
          name: device.name,
          ring: 0,
          state: 'setting',
          reason: null,
          isDoubtful,
          acceptedAt: null,
          nextAt: 0,
        },
        {
          modules: {
            target: () => ({ desired, device: kept }),
            forbids: () => null,
            logins,
            ledger: () => book,
            fingerprint: (secret) => secret.reveal(),
            clock,
          },
          retryMs: 1,
          maySet: true,
          signal: new AbortController().signal,
        },
      ),
  };
}

const PAST_THE_END = 1_000;

describe('A roomd that dies at any write while it changes a passphrase', () => {
  test('finds the device again, sets it once, and has no secret refused more than once', async () => {
    let died = 0;
    for (const [at, device] of simulator.devices.entries()) {
      const store = memoryLoginGateStore();
      const first = processOn(device, store, new Life(PAST_THE_END, { diesBefore: true }));
      await first.pool.oneShot(addressOf(device)).identify();
      await first.pool.stop();

      const life = new Life(Math.floor(at / 2) + 1, { diesBefore: at % 2 === 0 });
      const killed = processOn(device, store, life);
      const step = await killed.step(false).catch(() => null);
      await killed.pool.stop();
      died += Number(life.isOver);
      expect([at, life.isOver || step?.state]).toEqual([at, life.isOver || 'accepted']);

      const last = processOn(device, store, new Life(PAST_THE_END, { diesBefore: true }));
      // What anybody else asks of the device after the start, before the rotation has its turn.
      if (at % 3 === 0) await last.pool.oneShot({ ...addressOf(device), next: new Secret(NEXT) }).identify();
      expect([at, await last.step(true)]).toMatchObject([at, { state: 'accepted' }]);
      await last.pool.stop();
      expect([at, device.state.passphrases.isRight(USERNAME, NEXT)]).toEqual([at, true]);
      expect([at, device.failedLogins]).toEqual([at, Math.min(device.failedLogins, 1)]);
    }
    // The list is long enough to hold the last write, too.
    expect(died).toBeGreaterThan(10);
    expect(died).toBeLessThan(DEVICES);
    expect(simulator.devices.some(({ state }) => state.passphrases.isRight(USERNAME, PASSWORD))).toBe(false);
  }, 60_000);
});
