import { array, assert, boolean, constantFrom, dictionary, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FactorDevice, type Factored, factorSettings } from '../../src/fleet/adopt-factor.ts';

describe('what devices have in common is written once', () => {
  test('a value that nearly all hold stands in defaults, and the one that differs says so itself', () => {
    const devices = ['a', 'b', 'c', 'd'].map((name) =>
      device(name, { Volume: name === 'd' ? '70' : '50', [`Name`]: name }),
    );
    const { defaults, profiles, devices: own } = factorSettings(devices);
    expect(Object.fromEntries(defaults)).toEqual({ Volume: '50' });
    expect(profiles).toEqual([]);
    expect(Object.fromEntries(own.get('a')?.settings ?? [])).toEqual({ Name: 'a' });
    expect(Object.fromEntries(own.get('d')?.settings ?? [])).toEqual({ Name: 'd', Volume: '70' });
  });

  test('a setting that only one product has stands in the profile of that product', () => {
    const boards = ['a', 'b', 'c', 'd'].map((name) =>
      device(
        name,
        { 'Board.Pen': 'On', 'Board.Snap': 'Off', 'Board.Ink': 'Red', 'Board.Grid': '3', Volume: '50' },
        'board',
      ),
    );
    const desks = ['x', 'y'].map((name) => device(name, { Volume: '50' }, 'desk'));
    const { defaults, profiles, devices } = factorSettings([...desks, ...boards]);
    expect(Object.fromEntries(defaults)).toEqual({ Volume: '50' });
    expect(profiles.map(({ name, members }) => [name, members])).toEqual([['board', ['a', 'b', 'c', 'd']]]);
    expect(devices.get('a')).toEqual({ profiles: ['board'], settings: new Map() });
    expect(devices.get('x')).toEqual({ profiles: [], settings: new Map() });
  });

  test('a setting that equals the default on one device is not forced upon it', () => {
    const loud = ['a', 'b', 'c'].map((name) => device(name, { Volume: '80' }));
    const quiet: FactorDevice = { ...device('q', { Volume: '50' }), kept: new Set() };
    const factored = factorSettings([...loud, quiet]);
    expect(Object.fromEntries(factored.defaults)).toEqual({ Volume: '80' });
    expect(Object.fromEntries(factored.devices.get('q')?.settings ?? [])).toEqual({ Volume: '50' });
  });

  test('one device alone has everything on itself', () => {
    const { defaults, profiles, devices } = factorSettings([device('only', { A: '1', B: '2' })]);
    expect([defaults.size, profiles.length, devices.get('only')?.settings.size]).toEqual([0, 0, 2]);
  });
});

describe('for any devices', () => {
  const paths = ['A', 'B', 'C.D', 'E[1].F', 'E[2].F', 'E[10].F', 'G'];
  const anyDevice = record({
    product: constantFrom('board', 'desk', 'room'),
    values: dictionary(constantFrom(...paths), constantFrom('On', 'Off', '7'), { noNullPrototype: true }),
    keeps: array(boolean(), { minLength: 7, maxLength: 7 }),
  });
  const anyFleet = array(anyDevice, { minLength: 1, maxLength: 12 }).map((specs) =>
    specs.map(({ product, values, keeps }, at): FactorDevice => {
      const all = device(`d${at}`, values, product);
      return { ...all, kept: new Set([...all.values.keys()].filter((path) => keeps[paths.indexOf(path)])) };
    }),
  );

  test('the layers give each device its kept settings, and nothing that it does not hold', () => {
    assert(
      property(anyFleet, (fleet) => {
        const factored = factorSettings(fleet);
        for (const { name, values, kept } of fleet) {
          const given = laidOver(factored, name);
          for (const [path, value] of given) expect([path, value]).toEqual([path, values.get(path)]);
          for (const path of kept) expect(given.get(path)).toBe(values.get(path));
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  test('the same devices in another order give the same layers', () => {
    assert(
      property(anyFleet, (fleet) => {
        expect(factorSettings(fleet.toReversed())).toEqual(factorSettings(fleet));
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  test('the file never gets longer by it', () => {
    assert(
      property(anyFleet, (fleet) => {
        const flat = fleet.reduce((sum, { kept }) => sum + kept.size, 0);
        expect(linesOf(factorSettings(fleet))).toBeLessThanOrEqual(flat);
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

function device(name: string, values: Readonly<Record<string, string>>, group = 'room'): FactorDevice {
  const map = new Map(Object.entries(values));
  return { name, groups: [group], values: map, kept: new Set(map.keys()) };
}

function laidOver({ defaults, profiles, devices }: Factored, name: string): Map<string, string> {
  const own = devices.get(name);
  const named = (own?.profiles ?? []).map(
    (profile) => profiles.find((one) => one.name === profile)?.settings ?? [],
  );
  return new Map([defaults, ...named, own?.settings ?? []].flatMap((layer) => [...layer]));
}

function linesOf({ defaults, profiles, devices }: Factored): number {
  const ofProfiles = profiles.reduce(
    (sum, { settings, members }) => sum + settings.size + members.length + 2,
    0,
  );
  return (
    defaults.size + ofProfiles + [...devices.values()].reduce((sum, { settings }) => sum + settings.size, 0)
  );
}
