import { afterEach, describe, expect, it } from 'vitest';
import { InventoryDesk } from '../../../src/daemon/inventory/desk.ts';
import { InventoryWatch } from '../../../src/daemon/inventory/watch.ts';
import { WebexDesk } from '../../../src/daemon/systems/webex-desk.ts';
import type { Fleet } from '../../../src/fleet/fleet.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import type { CucmStandIn } from '../../../src/simulator/cloud/cucm.ts';
import { loadText } from '../../fleet/load-text.ts';
import { CUCM_LOGIN, cucmWorld } from '../../support/cucm.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';

const world = cucmWorld();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const MINUTE = 60_000;
const STEP_MS = 15_000;

async function fleetFor(
  standIn: CucmStandIn,
  { password = CUCM_LOGIN.password, inventory = '{}' }: { password?: string; inventory?: string } = {},
) {
  const text = `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd }
systems:
  cucm: { url: "${standIn.url}", tls: insecure, username: ${CUCM_LOGIN.username}, password: "\${env:CUCM}" }
inventory: { cucm: ${inventory} }
devices: []`;
  const env = { PW: 'pw', ...(password === '' ? {} : { CUCM: password }) };
  const { fleet } = await loadText(text, { env, missingServiceSecrets: 'warning' });
  if (fleet === null) throw new Error('the fleet did not load');
  return fleet;
}

async function watching(standIn: CucmStandIn, first: Fleet) {
  const clock = new ManualClock(Date.UTC(2026, 10, 23));
  const { database, close } = await temporaryDatabase();
  closing.push(close);
  const now = { fleet: first };
  const webex = new WebexDesk({ fleet: () => now.fleet }, { database, clock, logger: silentLogger });
  closing.push(
    () => webex.close(),
    () => desk.close(),
  );
  const desk = new InventoryDesk(
    { fleet: () => now.fleet, fingerprintKey: 'key' },
    { database, webex, clock, random: seededRandom(1), logger: silentLogger },
  );
  const watch = new InventoryWatch(
    { source: 'cucm', retryFirstMs: MINUTE },
    { desk, clock, random: seededRandom(1), logger: silentLogger },
  );
  closing.push(() => watch.stop());
  await watch.start();
  const asked = () => standIn.requests().length;
  /** Both wait behind what is under way: one for its turn with the source, the other with the database. */
  const settled = async (): Promise<void> => {
    await desk.forget('cucm', 'nobody');
    await desk.standing('cucm');
  };
  return {
    desk,
    now,
    asked,
    /** Lets time pass in steps, each pull that falls due coming to its end. */
    pass: async (ms: number): Promise<void> => {
      await settled();
      for (let left = ms; left > 0; left -= STEP_MS) {
        await clock.advance(Math.min(STEP_MS, left));
        await settled();
      }
    },
  };
}

describe('the daemon’s watch over the inventory', () => {
  it('pulls at the start, on its interval, and when the section changes', async () => {
    const standIn = await world.standIn();
    const { desk, now, asked, pass } = await watching(
      standIn,
      await fleetFor(standIn, { inventory: '{ every: 2m }' }),
    );
    await pass(STEP_MS);
    expect(await desk.devices()).toHaveLength(20);
    const once = asked();
    await pass(MINUTE);
    expect(asked()).toBe(once);
    await pass(MINUTE);
    expect(asked()).toBe(2 * once);
    now.fleet = await fleetFor(standIn, { inventory: '{ every: 2m, select: { models: [Cisco*] } }' });
    await pass(2 * STEP_MS);
    expect(await desk.devices()).toHaveLength(25);
  }, 30_000);

  it('tries again sooner after a failure that may pass, and says since when it fails', async () => {
    const standIn = await world.standIn();
    standIn.trouble({ kind: 'unavailable', times: 2 });
    const { desk, asked, pass } = await watching(standIn, await fleetFor(standIn));
    await pass(STEP_MS);
    expect(desk.trouble()).toBe(
      'Unified CM cannot be pulled since 2026-11-23T00:00:00.000Z: listPhone was answered with 503: the service is busy or not running; it is tried again later',
    );
    await pass(3 * MINUTE);
    expect([asked() > 2, desk.trouble(), (await desk.devices()).length]).toEqual([true, null, 20]);
  }, 30_000);

  it('asks once with a password that is refused, and again when there is another', async () => {
    const standIn = await world.standIn();
    const { desk, now, asked, pass } = await watching(standIn, await fleetFor(standIn, { password: 'old' }));
    await pass(STEP_MS);
    await expect(desk.pull('cucm', {})).rejects.toMatchObject({ code: 'unauthorized' });
    now.fleet = await fleetFor(standIn, { password: 'old', inventory: '{ every: 2h }' });
    await pass(MINUTE);
    expect([asked(), desk.trouble()]).toEqual([
      1,
      expect.stringContaining('refuses the user or its password'),
    ]);
    now.fleet = await fleetFor(standIn);
    await pass(2 * STEP_MS);
    expect([desk.trouble(), (await desk.devices()).length]).toEqual([null, 20]);
  }, 30_000);

  it('asks nothing without a password', async () => {
    const standIn = await world.standIn();
    const { desk, asked, pass } = await watching(standIn, await fleetFor(standIn, { password: '' }));
    await pass(STEP_MS);
    expect([asked(), desk.trouble()]).toEqual([0, expect.stringContaining('is not to be had here')]);
  });
});
