import { afterEach, beforeEach, expect, it } from 'vitest';
import { packVendorFile } from '../../../src/fleet/knowledge/vendor-volumes.ts';
import { XapiError } from '../../../src/xapi/errors.ts';
import { fileText, integer, ON_OFF, setting } from '../lint/vendor.ts';
import { bent, FleetWorld } from '../world.ts';

let world: FleetWorld;

beforeEach(async () => {
  world = await FleetWorld.open([{ name: 'room-1' }, { name: 'room-2' }]);
  // Neither tells its value spaces.
  world.bend = (device) =>
    bent(device, { readValueSpaces: () => Promise.reject(new XapiError('unknown-path', 'no such address')) });
  await world.wish({ 'room-1': { 'Standby.Delay': '900' }, 'room-2': { 'Standby.Delay': '900' } });
});

afterEach(() => world.close());

async function importFile(name: string, ...objects: object[]): Promise<void> {
  await world.knowledge.importVendor(packVendorFile(name, fileText(...objects), null), name);
}

const DELAY = setting('Standby Delay', integer(1, 480), { fallback: '10' });

it('a plan learns what a silent device takes from the schema of exactly its software', async () => {
  await importFile('11.27.2.json', DELAY);
  await importFile('26.4.1.json', setting('Standby Delay', integer(1, 480), { products: ['octavio'] }));
  expect(await world.plan('room-1')).toMatchObject({
    changes: [{ path: 'Standby.Delay' }],
    problems: [],
    hints: expect.arrayContaining([
      expect.stringContaining("roomd schema import FILE with the vendor's schema of 26.4.1 may tell"),
    ]),
  });
  await importFile('26.4.1.json', DELAY);
  const planned = await world.plan('room-1');
  expect(planned.problems.map(({ message }) => message)).toEqual([
    'the device refuses "900": expected an integer from 1 to 480 (by the vendor\'s schema 26.4.1).',
  ]);
  expect(planned).toMatchObject({ state: 'drift', changes: [] });
  expect(planned.hints.join()).not.toContain('not known');
});

it('an apply writes nothing that the schema refuses, and the rest', async () => {
  await importFile('26.4.1.json', DELAY, setting('Standby Control', ON_OFF));
  await world.wish({ 'room-1': { 'Standby.Delay': '900', 'Standby.Control': 'Off' } });
  const applied = await world.applyOne('room-1', { force: true });
  expect(applied.results.map(({ change, outcome }) => [change.path, outcome])).toEqual([
    ['Standby.Control', 'accepted'],
  ]);
  expect(applied.problems).toHaveLength(1);
  expect([world.held('room-1', 'Standby.Delay'), world.held('room-1', 'Standby.Control')]).toEqual([
    '10',
    'Off',
  ]);
});

it('the schema is read once for a product and its software, whatever number of devices', async () => {
  await importFile('26.4.1.json', DELAY);
  const { database } = world.temporary;
  const reads: string[] = [];
  const read = database.read.bind(database);
  database.read = (query, options) => {
    if (query.compile().sql.includes('product_schema')) reads.push(query.compile().sql);
    return read(query, options);
  };
  for (const name of ['room-1', 'room-2', 'room-1'])
    expect((await world.plan(name)).problems).toHaveLength(1);
  // The list of what there is, and the one that fits.
  expect(reads).toHaveLength(2);
});
