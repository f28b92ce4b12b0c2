import { afterEach, describe, expect, it } from 'vitest';
import type { CucmInventory } from '../../../src/fleet/inventory/inventory-section.ts';
import { InventoryStore, pulledDevices } from '../../../src/fleet/inventory/inventory-store.ts';
import { Puller } from '../../../src/fleet/inventory/puller.ts';
import { CucmSource } from '../../../src/fleet/inventory/sources/cucm.ts';
import { createCucmClient } from '../../../src/integrations/cucm/client.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import { seededRandom } from '../../../src/lib/random.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { CucmStandIn } from '../../../src/simulator/cloud/cucm.ts';
import { CUCM_LOGIN, cucmWorld } from '../../support/cucm.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';

const world = cucmWorld();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const SECTION: CucmInventory = {
  everyMs: 3_600_000,
  select: { models: ['Cisco Webex*'], names: [], descriptions: [], devicePools: [], locations: [] },
  name: '{{description}}',
  tags: {},
  port: 443,
  removeAfterMs: null,
};

async function pulling(standIn: CucmStandIn, section: CucmInventory = SECTION) {
  const clock = new ManualClock(Date.UTC(2026, 10, 23));
  const { database, path, close } = await temporaryDatabase();
  closing.push(close);
  const store = new InventoryStore({ database, clock });
  const client = createCucmClient(
    {
      url: standIn.url,
      version: '14.0',
      username: CUCM_LOGIN.username,
      password: new Secret(CUCM_LOGIN.password),
      tls: { mode: 'ca', ca: standIn.certificate },
    },
    { clock, random: seededRandom(1) },
  );
  closing.push(() => client.close());
  const puller = new Puller({ store, clock });
  const source = new CucmSource(section, { client: async () => client, clock });
  return { clock, store, path, puller, source, pull: () => puller.pull(source, section, {}) };
}

function videoPhones(standIn: CucmStandIn) {
  return standIn.state.list().filter(({ product }) => product.includes('Webex'));
}

/** Lets time pass until the work has ended; the wire takes what it takes. */
async function passing<T>(work: Promise<T>, clock: ManualClock): Promise<T> {
  const over = work.then(
    () => true,
    () => true,
  );
  const tick = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 5));
  await clock.advance(1_000);
  return (await Promise.race([over, tick])) ? work : passing(work, clock);
}

describe('pulling from Unified CM', () => {
  it('takes the devices that are selected, and where they are registered', async () => {
    const standIn = await world.standIn();
    const { pull, path, store } = await pulling(standIn);
    const { devices } = await pull();
    expect(devices).toHaveLength(20);
    const [held] = videoPhones(standIn);
    const pulled = devices.find(({ facts }) => facts.name === held?.name);
    expect(pulled).toMatchObject({ address: held?.ipAddress, isRegistered: true, software: held?.load });
    expect(await pulledDevices(path)).toEqual(devices);
    expect(await store.standing('cucm')).toMatchObject({ pulledAt: Date.UTC(2026, 10, 23), failing: null });
  });

  it('believes the address of a device that is off for a week, and no longer', async () => {
    const standIn = await world.standIn();
    const [one, other] = videoPhones(standIn);
    if (one === undefined || other === undefined) throw new Error('the cluster is empty');
    const { pull, clock } = await pulling(standIn);
    const day = 86_400;
    const seconds = clock.now() / 1000;
    standIn.state.put({ ...one, status: 'UnRegistered', timeStamp: seconds - 6 * day });
    standIn.state.put({ ...other, status: 'UnRegistered', timeStamp: seconds - 8 * day });
    const { devices } = await pull();
    const addressOf = (name: string) => devices.find(({ facts }) => facts.name === name)?.address;
    expect([addressOf(one.name), addressOf(other.name)]).toEqual([one.ipAddress, null]);
  });

  it('selects by description, device pool and location, too', async () => {
    const standIn = await world.standIn();
    const select = { ...SECTION.select, devicePools: ['DP-Oslo'], locations: ['*-3', '*-4'] };
    const { pull } = await pulling(standIn, { ...SECTION, select });
    const expected = videoPhones(standIn)
      .filter(
        ({ devicePoolName, locationName }) => devicePoolName === 'DP-Oslo' && /-[34]$/.test(locationName),
      )
      .map(({ name }) => name);
    expect((await pull()).devices.map(({ facts }) => facts.name)).toEqual(expected);
  });

  it('keeps nothing of a look, and nothing of a pull that breaks off anywhere', async () => {
    const standIn = await world.standIn();
    const { pull, puller, source, path, store } = await pulling(standIn);
    expect((await puller.look(source, SECTION, {})).changes).toHaveLength(20);
    expect(await pulledDevices(path)).toEqual([]);
    const { devices } = await pull();
    for (const operation of ['listPhone', 'listRegistrationDynamic', 'selectCmDeviceExt']) {
      standIn.state.remove(videoPhones(standIn)[0]?.name ?? '');
      standIn.trouble({ kind: 'cut', operation, times: 1 });
      await expect(pull()).rejects.toMatchObject({ code: 'malformed' });
    }
    expect(await pulledDevices(path)).toEqual(devices);
    const { failing } = await store.standing('cucm');
    expect(failing).toMatchObject({
      failures: 3,
      reason: expect.stringContaining('not answered with what Unified CM'),
    });
    expect((await pull()).changes.filter(({ kind }) => kind === 'gone')).toHaveLength(3);
    expect((await store.standing('cucm')).failing).toBeNull();
  });

  it('concludes nothing from an answer without any device', async () => {
    const standIn = await world.standIn();
    const { pull, path } = await pulling(standIn);
    await pull();
    for (const { name } of standIn.state.list()) standIn.state.remove(name);
    await expect(pull()).rejects.toMatchObject({ code: 'found-nothing' });
    expect(await pulledDevices(path)).toHaveLength(20);
  });

  it('waits out a throttle, and tells of one that lasts in a sentence', async () => {
    const standIn = await world.standIn();
    const { pull, clock, store } = await pulling(standIn);
    standIn.trouble({ kind: 'memory', operation: 'listPhone', times: 2 });
    standIn.trouble({ kind: 'rate', times: 1 });
    expect((await passing(pull(), clock)).devices).toHaveLength(20);
    standIn.trouble({ kind: 'memory', operation: 'listRegistrationDynamic', times: 6 });
    await expect(passing(pull(), clock)).rejects.toMatchObject({ code: 'throttled' });
    const { failing } = await store.standing('cucm');
    expect(failing?.reason).toBe(
      'Unified CM refused listRegistrationDynamic: Maximum AXL Memory Allocation Consumed. Please retry once requests in progress have completed',
    );
  }, 30_000);

  it('lets a device go by hand only when Unified CM no longer has it', async () => {
    const standIn = await world.standIn();
    const { pull, puller, path } = await pulling(standIn);
    const [first] = (await pull()).devices;
    const mac = first?.mac ?? '';
    expect(await puller.forget('cucm', mac)).toContain('would bring it back');
    standIn.state.remove(first?.facts.name ?? '');
    await pull();
    expect(await puller.forget('cucm', mac)).toBeNull();
    expect(await pulledDevices(path)).toHaveLength(19);
  });
});
