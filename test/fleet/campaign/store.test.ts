import { expect, test } from 'vitest';
import { rolloutStore } from '../../../src/fleet/rollout/store.ts';
import { rotationStore } from '../../../src/fleet/rotation/store.ts';
import type { Database } from '../../../src/storage/database.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { deviceOf, rolloutOf } from '../rollout/rollouts.ts';

async function onDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const { database, close } = await temporaryDatabase();
  try {
    const device = { host: 'h', serial: null, fingerprint256: null, product: null, software: null };
    const times = { first_seen_at: null, last_seen_at: null, removed_at: null, created_at: 0 };
    await database.write(
      [1, 2].map((id) =>
        database.query.insertInto('device').values({ id, name: `d${id}`, ...device, ...times }),
      ),
    );
    await work(database);
  } finally {
    await close();
  }
}

test('a campaign comes back as it was kept, and the last one where none is named', () =>
  onDatabase(async (database) => {
    const store = rolloutStore({ database });
    expect(await store.find()).toBeNull();
    const first = rolloutOf({ id: 'r1', commit: { id: 'c'.repeat(40), isDirty: true } });
    const devices = [deviceOf(1, { after: { 'Audio.Volume': { value: '50' } } }), deviceOf(2)];
    await store.insert({ campaign: first, devices }, null);
    const second = rolloutOf({ id: 'r2' });
    await store.insert({ campaign: second, devices: [] }, { ...first, state: 'done', endedAt: 7 });
    expect(await store.find()).toEqual({ campaign: second, devices: [] });
    expect(await store.find('r1')).toEqual({ campaign: { ...first, state: 'done', endedAt: 7 }, devices });
    expect(await rotationStore({ database }).find()).toBeNull();
  }));

test('of a device what goes on is kept, and what was to be written stays as it was', () =>
  onDatabase(async (database) => {
    const store = rolloutStore({ database });
    const campaign = rolloutOf();
    const device = deviceOf(1, { before: {}, after: { 'Audio.Volume': { value: '50' } } });
    await store.insert({ campaign, devices: [device, deviceOf(2)] }, null);
    const soaking = { ...device, state: 'soaking', writtenAt: 5, knownErrors: ['Heat'], strikes: 1 } as const;
    await store.save({ ...campaign, ring: 1 }, [{ ...soaking, after: {} }]);
    expect(await store.find()).toEqual({
      campaign: { ...campaign, ring: 1 },
      devices: [soaking, deviceOf(2)],
    });
  }));
