import { EventEmitter, once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { planDevice, planFleet, type Target } from '../../src/fleet/plan.ts';
import type { AnyResource } from '../../src/fleet/resource.ts';
import { makeSmallModel } from '../support/small-model.ts';
import { FleetWorld } from './world.ts';

let world: FleetWorld;

afterEach(() => world.close());

const targets = (...names: string[]): Target[] => names.flatMap((name) => world.target(name) ?? []);

const planning = (resource: AnyResource, signal?: AbortSignal) => (target: Target) =>
  planDevice(target, { resources: [resource], signal });

/** How often all devices together served that. */
const requests = (kind: string): number =>
  world.simulator.devices.reduce((sum, { counters }) => sum + (counters.requests.get(kind) ?? 0), 0);

describe('planning a fleet', () => {
  it('plans each device at most so many at a time, tells of each, and keeps the order', async () => {
    const names = Array.from({ length: 6 }, (_, at) => `room-${at + 1}`);
    world = await FleetWorld.open(names.map((name) => ({ name })));
    await world.wish(Object.fromEntries(names.map((name) => [name, { 'Standby.Delay': '30' }])));
    let [now, most] = [0, 0];
    const twoAtOnce = new EventEmitter();
    const areTwo = once(twoAtOnce, 'reached');
    const counting: AnyResource = {
      kind: 'configuration',
      diff: (desired, observed) => world.configuration.diff(desired, observed as never),
      apply: () => Promise.resolve([]),
      async observe(...args) {
        now += 1;
        most = Math.max(most, now);
        if (most === 2) twoAtOnce.emit('reached');
        await areTwo;
        const observed = await world.configuration.observe(...args);
        now -= 1;
        return observed;
      },
    };
    const told: string[] = [];
    const plan = await planFleet(targets(...names), {
      plan: planning(counting),
      limit: 2,
      onDevice: ({ name }) => told.push(name),
    });
    expect(most).toBe(2);
    expect(told.toSorted()).toEqual(names);
    expect(plan.devices.map(({ name }) => name)).toEqual(names);
    expect(plan.summary).toEqual({
      devices: 6,
      inSync: 0,
      drift: 6,
      failed: 0,
      changes: 6,
      untouched: 0,
      problems: 0,
    });
    expect([requests('GET /configuration.xml'), requests('POST /putxml')]).toEqual([6, 0]);
  });

  it('makes a row of each device that is away, refuses the login, shows another certificate or serial', async () => {
    world = await FleetWorld.open([
      { name: 'away', offline: true },
      { name: 'refuses', wrongPassword: true },
      { name: 'renewed' },
      { name: 'swapped' },
      { name: 'garbled', faults: [{ kind: 'malformed', seconds: null }] },
      { name: 'fine' },
    ]);
    const wishes = Object.fromEntries(world.simulator.devices.map(({ name }) => [name, {}]));
    await world.wish(wishes, {
      renewed: { tls: { mode: 'pin', fingerprint256: 'AA:BB' } },
    });
    const rows = await world.store.all();
    const id = rows.find(({ name }) => name === 'swapped')?.id ?? 0;
    await world.store.met(id, { serial: 'ANOTHER', product: '', software: '' });
    await world.wish(wishes, { renewed: { tls: { mode: 'pin', fingerprint256: 'AA:BB' } } });
    const plan = await planFleet(targets(...Object.keys(wishes)), {
      plan: planning(world.configuration),
      limit: 8,
    });
    expect(plan.devices.map(({ name, state, reason }) => [name, state, reason === null])).toEqual([
      ['away', 'unreachable', false],
      ['refuses', 'login-refused', false],
      ['renewed', 'certificate-changed', false],
      ['swapped', 'swapped', false],
      ['garbled', 'failed', false],
      ['fine', 'in-sync', true],
    ]);
    expect(plan.summary).toMatchObject({ devices: 6, inSync: 1, drift: 0, failed: 5 });
  });

  it('rejects when the person calls it off, and when the database fails', async () => {
    world = await FleetWorld.open([{ name: 'room-1' }]);
    await world.wish({ 'room-1': {} });
    const signal = AbortSignal.abort(new Error('called off'));
    await expect(
      planFleet(targets('room-1'), { plan: planning(world.configuration, signal), limit: 2 }),
    ).rejects.toThrow('called off');
    const broken: AnyResource = {
      kind: 'broken',
      observe: () => Promise.reject(new Error('the disk is full')),
      diff: () => ({ changes: [], untouched: 0, problems: [], hints: [] }),
      apply: () => Promise.resolve([]),
    };
    await expect(planFleet(targets('room-1'), { plan: planning(broken), limit: 2 })).rejects.toThrow('disk');
  });

  it('learns value spaces once for each product and software', async () => {
    const old = makeSmallModel('ce9.15.17.4');
    world = await FleetWorld.open([{ name: 'a' }, { name: 'b' }, { name: 'c', model: old }]);
    await world.wish({
      a: { 'Standby.Delay': '0' },
      b: { 'Standby.Delay': '0' },
      c: { 'Standby.Delay': '0' },
    });
    const plan = await planFleet(targets('a', 'b', 'c'), { plan: planning(world.configuration), limit: 8 });
    expect(plan.summary).toMatchObject({ changes: 0, problems: 3 });
    expect(requests('GET /valuespace.xml')).toBe(2);
  });
});
