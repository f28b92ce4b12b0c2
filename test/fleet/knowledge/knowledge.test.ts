import { afterAll, describe, expect, it } from 'vitest';
import { settingsOfDevice } from '../../../src/fleet/knowledge/from-device.ts';
import { type Known, Library, type Volume } from '../../../src/fleet/knowledge/library.ts';
import { ProductKnowledge } from '../../../src/fleet/knowledge/product-knowledge.ts';
import { KnowledgeStore } from '../../../src/fleet/knowledge/store.ts';
import { type PackedProduct, packVendorFile } from '../../../src/fleet/knowledge/vendor-volumes.ts';
import { ManualClock } from '../../../src/lib/clock.ts';
import type { AcceptedSetting } from '../../../src/schema/accepted-setting.ts';
import { unpackSettings } from '../../../src/schema/packed-settings.ts';
import { concreteSettings } from '../../../src/schema/path-index.ts';
import { formatPattern } from '../../../src/schema/path-pattern.ts';
import { builtInModels } from '../../../src/simulator/models/built-in.ts';
import type { DeviceValueSpace } from '../../../src/xapi/device.ts';
import { temporaryDatabase } from '../../support/temporary-database.ts';
import { addressOf, newPool, startDevices } from '../../xapi/support.ts';
import { fileText, integer, ON_OFF, setting, text, volumes } from '../lint/vendor.ts';

const SOFTWARE = 'ce26.4.1.0.5100d00000a';
const SERIAL = 'FOC1';
const SPACES: ReadonlyMap<string, DeviceValueSpace> = new Map([
  ['INT_0_60', { space: { type: 'Integer', min: 0, max: 60, step: null }, hidden: false }],
  ['STR', { space: { type: 'String', minLength: 0, maxLength: 9 }, hidden: true }],
]);

function document(paths: Record<string, string>) {
  return {
    leaves: new Map(Object.keys(paths).map((path) => [path, ''])),
    valueSpaceRefs: new Map(Object.entries(paths)),
  };
}

function modesUpTo(max: number, modes: string[]): ReadonlyMap<string, DeviceValueSpace> {
  return new Map<string, DeviceValueSpace>([
    ...SPACES,
    ['INT_0_60', { space: { type: 'Integer', min: 0, max, step: null }, hidden: false }],
    ['MODES', { space: { type: 'Literal', values: modes }, hidden: false }],
  ]);
}

function only(known: Known): ProductKnowledge {
  if (!known.known) throw new Error(known.why);
  const [first] = known.variants;
  if (first === undefined || known.variants.length > 1) throw new Error('several variants');
  return first;
}

const temporary = await temporaryDatabase();
afterAll(() => temporary.close());

/** A store over an empty table. */
async function emptyStore(): Promise<KnowledgeStore> {
  const { database } = temporary;
  await database.write([database.query.deleteFrom('product_schema')]);
  return newStore();
}

function newStore(): KnowledgeStore {
  return new KnowledgeStore({ database: temporary.database, clock: new ManualClock(1_000) });
}

describe('What a device accepts', () => {
  it('is read from its documents, neighbours of a list as one range', () => {
    const settings = settingsOfDevice(
      document({
        'Audio.Input[1].Level': 'INT_0_60',
        'Audio.Input[2].Level': 'INT_0_60',
        'Audio.Input[4].Level': 'INT_0_60',
        'A[1].B[1]': 'INT_0_60',
        'A[1].B[2]': 'INT_0_60',
        'A[2].B[1]': 'INT_0_60',
        'SIP.Password': 'STR',
        'Odd.One': 'UNHEARD_OF',
      }),
      SPACES,
    );
    expect(
      settings.map(({ path, space, hidden }) => [formatPattern(path), space?.type ?? null, hidden]),
    ).toEqual([
      ['Audio.Input[1..2].Level', 'Integer', false],
      ['Audio.Input[4].Level', 'Integer', false],
      ['A[1].B[1..2]', 'Integer', false],
      ['A[2].B[1]', 'Integer', false],
      ['SIP.Password', 'String', true],
      ['Odd.One', null, false],
    ]);
  });

  it('is found with what the vendor knows beside it, and not where only the vendor has it', () => {
    const vendor = packed(
      setting('Audio Volume', integer(0, 100), { fallback: '50' }),
      setting('Extra Thing', ON_OFF),
    );
    const device = settingsOfDevice(document({ 'Audio.Volume': 'INT_0_60', 'Own.Thing': 'X' }), SPACES);
    const knowledge = new ProductKnowledge(
      { source: 'device', product: 'P', software: SOFTWARE },
      device,
      vendor,
    );
    expect(knowledge.find('audio.VOLUME')).toEqual({
      known: true,
      path: 'Audio.Volume',
      pattern: 'Audio.Volume',
      space: { type: 'Integer', min: 0, max: 60, step: null },
      hidden: false,
      default: '50',
      roles: ['Admin', 'Integrator'],
    });
    expect(knowledge.find('Own.Thing')).toMatchObject({
      known: true,
      space: null,
      default: null,
      roles: null,
    });
    expect(knowledge.find('Extra.Thing')).toMatchObject({ known: false, why: 'not-on-device' });
    expect(knowledge.find('Audio.Volumes')).toEqual({
      known: false,
      why: 'unknown-name',
      candidates: ['Audio.Volume'],
    });
    expect(knowledge.find('Audio.Volume[1]')).toMatchObject({ known: false, why: 'index-out-of-range' });
  });
});

function packed(...objects: object[]): AcceptedSetting[] {
  return packVendorFile('26.4.1.json', fileText(...objects), null).flatMap(({ content }) =>
    unpackSettings(content),
  );
}

function from(software: string, max: number): Volume {
  return {
    source: 'device',
    product: 'Cisco Codec Pro',
    software,
    digest: software,
    load: () => Promise.resolve(packed(setting('Audio Volume', integer(0, max)))),
  };
}

describe('The library', () => {
  it('asks the device first, the very same build before another, then the vendor, then nobody', async () => {
    const vendor = volumes('26.4.1', setting('Audio Volume', integer(0, 100), { fallback: '7' }));
    const library = new Library([...vendor, from('ce26.4.1.0.aaa', 1), from('ce26.4.1.0.bbb', 2)]);
    const max = async (product: string, software: string): Promise<unknown> =>
      only(await library.of(product, software)).find('Audio.Volume');
    expect(await max('Cisco Codec Pro', 'ce26.4.1.0.bbb')).toMatchObject({
      space: { max: 2 },
      default: 'Off',
    });
    expect(await max('Codec Pro', '26.4.1')).toMatchObject({ space: { max: 1 } });
    expect(await max('barents', '26.4.1')).toMatchObject({ space: { max: 100 }, default: '7' });
    expect(await library.of('Codec Pro', '26.4.2')).toEqual({
      known: false,
      why: 'roomd does not know what Codec Pro accepts on 26.4.2, only on 26.4.1',
      remedy: expect.stringContaining('roomd schema import'),
    });
    expect(await library.of('Desk Pro', '26.4.1')).toMatchObject({
      known: false,
      why: expect.stringContaining('does not describe Desk Pro'),
    });
  });

  it('takes variants that accept the same for one', async () => {
    const same = { products: ['felix_55', 'felix_75'] };
    const library = new Library(volumes('26.4.1', setting('Audio Mode', ON_OFF, same)));
    expect(only(await library.of('Cisco Board Pro G2', '26.4.1')).product).toBe('felix_55');
    expect(await library.productsWith('audio.mode', '26.4.1')).toEqual(['felix_55', 'felix_75']);
  });
});

function file(max: number): PackedProduct[] {
  return packVendorFile('26.4.1.json', fileText(setting('A', text(0, max))), null);
}

function shaped(shape: string | null, path: string) {
  return { ...document({ [path]: 'INT_0_60' }), shape };
}

describe('The store', () => {
  it('learns a product from a device once, and later only what no other of its kind showed', async () => {
    const store = await emptyStore();
    const identity = { product: 'Cisco Codec Pro', software: SOFTWARE, serial: SERIAL };
    await store.learn(identity, document({ 'Audio.Volume': 'INT_0_60' }), SPACES);
    await store.learn(identity, document({ 'Audio.Volume': 'INT_0_60' }), SPACES);
    expect(await store.list()).toEqual([
      {
        source: 'device',
        product: 'Cisco Codec Pro',
        software: SOFTWARE,
        origin: SERIAL,
        settings: 1,
        at: 1_000,
      },
    ]);
    // Another process later, and two at a time.
    const later = newStore();
    await Promise.all([
      later.learn(identity, document({ 'Audio.Volume': 'INT_0_60', 'Camera[1].Pan': 'INT_0_60' }), SPACES),
      later.learn(identity, document({ 'Camera[2].Pan': 'INT_0_60' }), SPACES),
    ]);
    const knowledge = only(await (await later.library()).of('Cisco Codec Pro', SOFTWARE));
    expect(
      ['Audio.Volume', 'Camera[1].Pan', 'Camera[2].Pan'].map((path) => knowledge.find(path).known),
    ).toEqual([true, true, true]);
    expect((await later.list())[0]?.settings).toBe(3);
  });

  it('does not look again into documents of a shape that it has learnt', async () => {
    const store = await emptyStore();
    const identity = { product: 'P', software: SOFTWARE, serial: SERIAL };
    await store.learn(identity, shaped('1:7', 'A'), SPACES);
    await store.learn(identity, shaped('1:7', 'B'), SPACES);
    expect((await store.list())[0]?.settings).toBe(1);
    await store.learn(identity, shaped('1:8', 'B'), SPACES);
    await store.learn({ ...identity, software: 'ce27' }, shaped('1:7', 'A'), SPACES);
    await store.learn(identity, shaped(null, 'C'), SPACES);
    expect((await store.list()).map(({ settings }) => settings)).toEqual([3, 1]);
  });

  it('keeps the widest of what variants of one name take, and nothing where they cannot be compared', async () => {
    const store = await emptyStore();
    const identity = { product: 'Cisco Codec Pro', software: SOFTWARE, serial: SERIAL };
    const all = {
      'Audio.Volume': 'INT_0_60',
      'Camera[1].Mode': 'MODES',
      'Camera[2].Mode': 'MODES',
      Odd: 'STR',
    };
    await store.learn(identity, document(all), modesUpTo(60, ['Auto']));
    await store.learn(
      identity,
      document({ ...all, 'Camera[1].Mode': 'UNHEARD_OF' }),
      modesUpTo(80, ['Auto', 'On']),
    );
    await newStore().learn(identity, document({ 'Audio.Volume': 'INT_0_60' }), modesUpTo(70, []));
    const knowledge = only(await (await newStore().library()).of('Cisco Codec Pro', SOFTWARE));
    const spaceOf = (path: string) => {
      const found = knowledge.find(path);
      return found.known ? found.space : found.why;
    };
    expect(spaceOf('Audio.Volume')).toMatchObject({ min: 0, max: 80 });
    expect(spaceOf('Camera[1].Mode')).toBeNull();
    expect(spaceOf('Camera[2].Mode')).toEqual({ type: 'Literal', values: ['Auto', 'On'] });
    expect(spaceOf('Odd')).toMatchObject({ type: 'String', maxLength: 9 });
  });

  it('learns nothing from a device that serves no value spaces', async () => {
    const store = await emptyStore();
    const identity = { product: 'P', software: SOFTWARE, serial: SERIAL };
    await store.learn(identity, document({ A: 'INT_0_60' }), new Map());
    expect(await store.list()).toEqual([]);
  });

  it("imports a vendor's file and replaces what it held before", async () => {
    const store = await emptyStore();
    await store.importVendor(file(5), 'first.json');
    await store.importVendor(file(6), '26.4.1.json');
    const found = only(await (await store.library()).of('barents', SOFTWARE)).find('A');
    expect(found).toMatchObject({ known: true, space: { maxLength: 6 } });
    expect(await store.list()).toMatchObject([
      { source: 'vendor', origin: '26.4.1.json', software: '26.4.1' },
    ]);
  });

  it('reads a whole simulated device over the wire, so that every setting it has is known', async () => {
    const store = await emptyStore();
    const simulator = await startDevices(1);
    const { pool } = newPool();
    try {
      const [one] = simulator.devices;
      if (one === undefined) throw new Error('no device');
      const device = pool.oneShot(addressOf(one));
      const identity = await device.identify();
      await store.learn(identity, await device.readConfiguration(), await device.readValueSpaces());
      const library = await store.library();
      const knowledge = only(await library.of(identity.product, identity.software));
      const { schema } = builtInModels.room;
      const wrong = concreteSettings(schema, 1).filter(({ path, setting: { valueSpace } }) => {
        const found = knowledge.find(path);
        return !found.known || JSON.stringify(found.space) !== JSON.stringify(valueSpace);
      });
      expect(wrong.map(({ path }) => path)).toEqual([]);
    } finally {
      await pool.stop();
      await simulator.stop();
    }
  });
});

describe('A file to import', () => {
  it.each([
    ['26.4.1.json', '{"objects":[]}', null, 'schema-unreadable'],
    ['26.4.1.json', 'no JSON', null, 'schema-unreadable'],
    ['schema.json', fileText(setting('A', ON_OFF)), null, 'software-unknown'],
    ['schema.json', fileText(setting('A', ON_OFF)), '26', 'software-unknown'],
  ])('%s with %s and software %s is refused: %s', (name, content, software, code) => {
    expect(() => packVendorFile(name, content, software)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(name) }),
    );
  });

  it('says its software by its name, or somebody does', () => {
    const content = fileText(setting('A', ON_OFF));
    expect(packVendorFile('11.27.2.0.json', content, null)[0]?.software).toBe('11.27.2.0');
    expect(packVendorFile('schema.json', content, '26.4.1')[0]?.software).toBe('26.4.1');
  });
});
