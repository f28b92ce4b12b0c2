import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobStore } from '../../src/fleet/blob-store.ts';
import { DeviceStore } from '../../src/fleet/device-store.ts';
import type { DesiredDevice, Fleet } from '../../src/fleet/fleet.ts';
import type { Target } from '../../src/fleet/plan.ts';
import { RevisionStore } from '../../src/fleet/revision.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { ToldDevice } from '../feedback/support.ts';
import { sampleDevice, sampleFleet } from '../macros/sample-fleet.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { settingsOf, type Wishes } from './world.ts';

let temporary: TemporaryDatabase;
let devices: DeviceStore;
let count = 9;
const clock = new ManualClock(1_000);

beforeEach(async () => {
  temporary = await temporaryDatabase();
  devices = new DeviceStore({ database: temporary.database, clock });
});

afterEach(() => temporary.close());

/** As after a start; ids fall, as those of one millisecond may. */
const newStore = (): RevisionStore =>
  new RevisionStore(
    { fingerprintKey: 'key' },
    {
      database: temporary.database,
      blobs: new BlobStore({ database: temporary.database, clock }),
      clock,
      newId: () => {
        count -= 1;
        return `id-${count}`;
      },
    },
  );

async function fleetOf(
  wishes: Readonly<Record<string, Wishes>>,
  changes: Partial<DesiredDevice> = {},
): Promise<Fleet> {
  const fleet = sampleFleet({
    devices: Object.entries(wishes).map(([name, settings]) =>
      sampleDevice(name, { configuration: settingsOf(settings), ...changes }),
    ),
  });
  await devices.follow(fleet.devices);
  return fleet;
}

function approvedIn(store: RevisionStore, fleet: Fleet, id: number) {
  return async (): Promise<Record<string, string> | null> => {
    const desired = fleet.devices[id - 1];
    if (desired === undefined) throw new Error('no such device');
    const target: Target = { desired, device: new ToldDevice(id) };
    const state = await store.approvedState(target, await store.latest());
    return state === null
      ? null
      : Object.fromEntries(
          [...state.desired.configuration].map(([path, { value }]) => [path, String(value)]),
        );
  };
}

describe('an approval', () => {
  it('is the last one made, also of two in the same millisecond and after a restart', async () => {
    const store = newStore();
    await store.approve(await fleetOf({ a: { X: '1' } }), new Set(['a']), 'anna');
    const second = await store.approve(await fleetOf({ a: { X: '2' } }), new Set(['a']), 'anna');
    expect(await store.latest()).toEqual(second);
    expect(await newStore().latest()).toEqual(second);
  });

  it('of what is approved already is the same revision', async () => {
    const store = newStore();
    const first = await store.approve(await fleetOf({ a: { X: '1', Y: '2' } }), new Set(['a']), 'anna');
    const again = await store.approve(await fleetOf({ a: { Y: '2', X: '1' } }), new Set(['a']), 'bert');
    expect(again.id).toBe(first.id);
  });

  it('of some devices keeps what was approved for the others', async () => {
    const store = newStore();
    await store.approve(await fleetOf({ a: { X: '1' }, b: { X: '1' } }), new Set(['a', 'b']), 'anna');
    const fleet = await fleetOf({ a: { X: '2' }, b: { X: '2' } });
    await store.approve(fleet, new Set(['b']), 'anna');
    expect(await approvedIn(store, fleet, 1)()).toEqual({ X: '1' });
    expect(await approvedIn(store, fleet, 2)()).toEqual({ X: '2' });
    expect(await store.isPending(fleet)).toBe(true);
    await store.approve(fleet, new Set(['a']), 'anna');
    expect(await store.isPending(fleet)).toBe(false);
  });

  it('and another at the same moment both stand', async () => {
    const store = newStore();
    const fleet = await fleetOf({ a: { X: '1' }, b: { X: '1' } });
    await Promise.all(['a', 'b'].map((name) => store.approve(fleet, new Set([name]), name)));
    expect(await store.isPending(fleet)).toBe(false);
  });

  it('follows a device to its new name and is not left for a newcomer under the old one', async () => {
    const store = newStore();
    await store.approve(await fleetOf({ a: { X: '1' } }), new Set(['a']), 'anna');
    const renamed = await fleetOf({ b: { X: '1' } }, { formerly: 'a' });
    expect(await approvedIn(store, renamed, 1)()).toEqual({ X: '1' });
    expect(await store.isPending(renamed)).toBe(false);
    const newcomer = await fleetOf({ b: { X: '1' }, a: { X: '1' } });
    expect(await approvedIn(store, newcomer, 2)()).toBeNull();
  });

  it('stands for a setting that the file no longer has, and knows nothing of one that it has since', async () => {
    const store = newStore();
    await store.approve(await fleetOf({ a: { X: '1', Y: '1' } }), new Set(['a']), 'anna');
    const fleet = await fleetOf({ a: { y: '2', Z: '3' } });
    expect(await approvedIn(store, fleet, 1)()).toEqual({ X: '1', Y: '1' });
  });

  it('holds a secret as a fingerprint and finds it in the file while it is the same', async () => {
    const store = newStore();
    await store.approve(await fleetOf({ a: { 'SIP.Password': new Secret('s') } }), new Set(['a']), 'anna');
    const { query } = temporary.database;
    const rows = await temporary.database.read(query.selectFrom('revision').selectAll());
    expect(rows[0]?.desired_json).toMatch(/^\{"1":\{"SIP.Password":\{"fingerprint":"[0-9a-f]{16}"\}\}\}$/);
    const same = await fleetOf({ a: { 'sip.password': new Secret('s') } });
    expect(await approvedIn(store, same, 1)()).toEqual({ 'SIP.Password': '[secret]' });
    const other = await fleetOf({ a: { 'SIP.Password': new Secret('t') } });
    expect(await approvedIn(store, other, 1)()).toEqual({});
  });
});
