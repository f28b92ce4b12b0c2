import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateOf, type DeviceRow, DeviceStore } from '../../src/fleet/device-store.ts';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { readEvents } from '../../src/storage/events.ts';
import { sampleDevice } from '../macros/sample-fleet.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';

let temporary: TemporaryDatabase;
let store: DeviceStore;

beforeEach(async () => {
  temporary = await temporaryDatabase();
  store = new DeviceStore({ database: temporary.database, clock: new ManualClock(1_000) });
});

afterEach(() => temporary.close());

/** `name` or `name<former`, each at a host of its own unless one is given: `name@host`. */
function device(text: string): DesiredDevice {
  const [, name = '', formerly = null, host = `${name}.example.com`] =
    /^([^<@]+)(?:<([^@]+))?(?:@(.+))?$/.exec(text) ?? [];
  return sampleDevice(name, { formerly, host });
}

/** The ids by name, after the file has these devices. */
async function follow(...texts: string[]): Promise<Record<string, number>> {
  const rows = await store.follow(texts.map(device));
  return Object.fromEntries([...rows].map(([name, { id }]) => [name, id]));
}

describe('the devices of the file', () => {
  it('get ids that stay, whatever happens to their addresses and their order', async () => {
    expect(await follow('a', 'b')).toEqual({ a: 1, b: 2 });
    expect(await follow('b@10.0.0.1', 'a', 'c')).toEqual({ a: 1, b: 2, c: 3 });
    expect((await store.all()).find(({ id }) => id === 2)?.host).toBe('10.0.0.1:443');
  });

  it('keep their id when the file says what they were called, once or for ever', async () => {
    await follow('a', 'b');
    expect(await follow('lobby<a', 'b')).toEqual({ lobby: 1, b: 2 });
    expect(await follow('lobby<a', 'b')).toEqual({ lobby: 1, b: 2 });
    expect(await follow('lobby', 'b')).toEqual({ lobby: 1, b: 2 });
  });

  it('keep their id when only the case of the name changes', async () => {
    await follow('lobby');
    expect(await follow('Lobby')).toEqual({ Lobby: 1 });
  });

  it('keep their id when they leave the file and come back, and what they were bound to', async () => {
    await follow('a', 'b');
    await store.met(1, { serial: 'FOC1', product: 'Codec', software: 'ce26' });
    expect(await follow('b')).toEqual({ b: 2 });
    expect((await store.all()).find(({ id }) => id === 1)?.removed_at).toBe(1_000);
    expect(await follow('a', 'b')).toEqual({ a: 1, b: 2 });
    expect((await store.all()).find(({ id }) => id === 1)).toMatchObject({
      removed_at: null,
      serial: 'FOC1',
    });
  });

  it('may take the name of a device that is long gone: its row steps aside', async () => {
    await follow('a', 'b');
    await follow('a');
    expect(await follow('b<a')).toEqual({ b: 1 });
    expect((await store.all()).map(({ id, name }) => [id, name])).toEqual([
      [1, 'b'],
      [2, 'b (removed, id 2)'],
    ]);
    expect(await follow('b')).toEqual({ b: 1 });
  });

  it('may take over from a device that left earlier', async () => {
    await follow('a');
    await follow();
    expect(await follow('b<a')).toEqual({ b: 1 });
  });

  it('are new under the former name of another, once that line is gone', async () => {
    await follow('a');
    await follow('b<a');
    expect(await follow('b', 'a')).toEqual({ b: 1, a: 2 });
  });

  it('that swap names by hand keep their ids: nothing says that they moved', async () => {
    await follow('a', 'b');
    expect(await follow('a@b.example.com', 'b@a.example.com')).toEqual({ a: 1, b: 2 });
    expect(await follow('a<b', 'b<a')).toEqual({ a: 1, b: 2 });
  });
});

describe('what a device is bound to', () => {
  const SEEN = { subject: 'CN=FOC1', issuer: 'CN=FOC1', validFrom: 0, validTo: 9_000, key: 'EC P-256' };

  it('is the first serial number and certificate met, until a person vouches', async () => {
    await follow('a');
    await store.met(1, { serial: 'FOC1', product: 'Codec', software: 'ce25' });
    await store.pinned(1, 'AA:BB');
    await store.met(1, { serial: 'FOC2', product: 'Codec', software: 'ce26' });
    await store.pinned(1, 'CC:DD');
    expect((await store.all())[0]).toMatchObject({
      serial: 'FOC1',
      software: 'ce26',
      fingerprint256: 'AA:BB',
    });
    const row = async () => theFirst(await store.all());
    await store.pin(await row(), { ...SEEN, fingerprint256: 'CC:DD' }, 'cli:anna');
    expect(await row()).toMatchObject({ serial: 'FOC1', fingerprint256: 'CC:DD' });
    expect(certificateOf(await row())).toEqual({ ...SEEN, fingerprint256: 'CC:DD' });
    await store.bind(await row(), { serial: 'FOC2', product: 'Codec', software: 'ce26' }, 'cli:anna');
    expect(await row()).toMatchObject({ serial: 'FOC2' });
    const events = await readEvents(temporary.database, { afterSeq: 0, limit: 10, kinds: ['trust'] });
    expect(events.map(({ deviceId, payload }) => [deviceId, payload])).toEqual([
      [1, { what: 'certificate', from: 'AA:BB', to: 'CC:DD', actor: 'cli:anna' }],
      [1, { what: 'serial', from: 'FOC1', to: 'FOC2', actor: 'cli:anna' }],
    ]);
  });
});

function theFirst([row]: readonly DeviceRow[]): DeviceRow {
  if (row === undefined) throw new Error('the device has no row');
  return row;
}
