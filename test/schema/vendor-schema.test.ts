import { describe, expect, it } from 'vitest';
import { concreteSettings, settingIndex } from '../../src/schema/path-index.ts';
import { formatPattern } from '../../src/schema/path-pattern.ts';
import type { ProductSchema } from '../../src/schema/product-schema.ts';
import { readVendorSchema } from '../../src/schema/vendor-schema.ts';
import { liesWithin } from './lies-within.ts';
import { hasFixtures, VERSIONS, vendorSchema, vendorText } from './vendor-files.ts';

const OFF_ON = { type: 'Literal', Values: ['Off', 'On'], description: {} };

function configuration(path: string, attributes: object, products = ['barents']): object {
  return {
    type: 'Configuration',
    path,
    products,
    attributes: { valuespace: OFF_ON, default: 'Off', role: ['Admin'], ...attributes },
  };
}

function product(...objects: object[]): ProductSchema {
  return readVendorSchema(JSON.stringify({ objects }), { software: '26.4.1' }).product('barents');
}

function defaultsOf(path: string, list: string): Record<string, string | null> {
  const schema = product(
    configuration(path, { default: list, valuespace: { type: 'String', MinLength: '0', MaxLength: '9' } }),
  );
  return Object.fromEntries(concreteSettings(schema, 1).map((one) => [one.path, one.default]));
}

function integerOf(Min: string, Max: string, Step: string): unknown {
  const valuespace = { type: 'Integer', Min, Max, Step };
  return product(configuration('A', { default: Max, valuespace })).settings[0]?.valueSpace;
}

describe('A vendor schema file', () => {
  it('gives each product its own value space and default of the same path', () => {
    const schema = readVendorSchema(
      JSON.stringify({
        objects: [
          configuration('Audio Mode', {}, ['barents', 'felix_55']),
          configuration('Audio Level', { valuespace: { type: 'Integer', Min: '0', Max: '9', Step: '9' } }),
          configuration('Audio Level', { valuespace: OFF_ON, default: 'On' }, ['felix_55']),
        ],
      }),
    );
    expect(schema.products).toEqual(['barents', 'felix_55']);
    expect(schema.product('barents').settings[1]?.valueSpace.type).toBe('Integer');
    expect(schema.product('felix_55').settings[1]).toMatchObject({ defaults: { all: 'On', byIndex: {} } });
    expect(schema.product('felix_55')).toMatchObject({ product: 'felix_55', software: null });
  });

  it('reads a list of defaults by wire id, and leaves out those beyond the range', () => {
    expect(defaultsOf('A[1..2] B', '[1]: x; [2]: PC 1 (HDMI); ')).toEqual({
      'A[1].B': 'x',
      'A[2].B': 'PC 1 (HDMI)',
    });
    expect(defaultsOf('A[1] B', '[1]: x; [2]: y; [3]: y; ')).toEqual({ 'A[1].B': 'x' });
    expect(defaultsOf('A[1..2] B[1..2]', '[1][1]: a; [1][2]: b; [2][1]: c; [2][2]: d; ')).toEqual({
      'A[1].B[1]': 'a',
      'A[1].B[2]': 'b',
      'A[2].B[1]': 'c',
      'A[2].B[2]': 'd',
    });
  });

  it('reads a list as long as a range that begins later by position', () => {
    expect(defaultsOf('A[2..4] B', '[1]: x; [2]: y; [3]: z; ')).toEqual({
      'A[2].B': 'x',
      'A[3].B': 'y',
      'A[4].B': 'z',
    });
  });

  it('takes a step that is the maximum or leads out of the range for none', () => {
    expect(integerOf('-24', '0', '0')).toMatchObject({ min: -24, max: 0, step: null });
    expect(integerOf('0', '100', '100')).toMatchObject({ step: null });
    expect(integerOf('90', '100', '50')).toMatchObject({ step: null });
    expect(integerOf('0', '100', '1')).toMatchObject({ step: null });
    expect(integerOf('0', '100', '5')).toMatchObject({ step: 5 });
  });

  it('reads hidden values, repeated arguments, multiline commands, plain statuses and events', () => {
    const schema = product(
      configuration('SIP Password', { hide_value: 'True' }),
      {
        type: 'Command',
        path: 'HttpFeedback Register',
        products: ['barents'],
        attributes: {
          role: ['Admin'],
          multiline: 'True',
          params: [
            {
              name: 'Expression',
              required: false,
              valuespace: { type: 'StringArray', MinLength: '1', MaxLength: '255', multiple: '50' },
            },
            {
              name: 'CallId',
              required: true,
              default: '-1',
              valuespace: { type: 'Integer', Min: '0', Max: '65534', Step: '1' },
            },
          ],
        },
      },
      {
        type: 'Status',
        path: 'Call[n] Duration',
        products: ['barents'],
        attributes: { valuespace: { type: 'Integer' } },
      },
      { type: 'Event', path: 'Bookings Updated', products: ['barents'], attributes: {} },
    );
    expect(schema.settings[0]?.hidden).toBe(true);
    expect(schema.commands[0]).toEqual({
      path: ['HttpFeedback', 'Register'],
      roles: ['Admin'],
      multiline: true,
      params: [
        {
          name: 'Expression',
          required: false,
          default: null,
          repeat: 50,
          valueSpace: { type: 'String', minLength: 1, maxLength: 255 },
        },
        {
          name: 'CallId',
          required: true,
          default: '-1',
          repeat: null,
          valueSpace: { type: 'Integer', min: 0, max: 65534, step: null },
        },
      ],
    });
    expect(schema.statuses[0]?.valueSpace).toEqual({ type: 'Integer', min: null, max: null, step: null });
    expect(schema.events).toEqual([{ path: ['Bookings', 'Updated'] }]);
  });

  it.each([
    ['no JSON', 'This is no vendor schema file'],
    ['[]', 'it lacks the list "objects"'],
    ['{"objects":[]}', 'at objects'],
    [
      JSON.stringify({ objects: [configuration('A', { valuespace: { type: 'Float' } })] }),
      'at objects[0].attributes.valuespace.type',
    ],
    [JSON.stringify({ objects: [{ type: 'Status', path: 'A' }] }), 'at objects[0].products'],
  ])('refuses %s and says where', (text, where) => {
    expect(() => readVendorSchema(text)).toThrow(expect.objectContaining({ code: 'schema-unreadable' }));
    expect(() => readVendorSchema(text)).toThrow(where);
  });

  it('refuses an unknown product and says which was probably meant', () => {
    const schema = readVendorSchema(JSON.stringify({ objects: [configuration('A', {}, ['barents_70d'])] }));
    expect(() => schema.product('barents_70')).toThrow('Did you mean "barents');
    expect(() => schema.product('xyz')).toThrow('It has barents_70d');
  });
});

describe.skipIf(!hasFixtures)("The vendor's own schema files", () => {
  it.each(VERSIONS)('give every product of %s a whole tree that finds its own paths', (version) => {
    const schema = vendorSchema(version);
    expect(schema.products).toHaveLength({ '26.4.1': 16, '11.27.2.0': 28, '9.15.17.4': 22 }[version]);
    for (const name of schema.products) {
      const built = schema.product(name);
      const concrete = concreteSettings(built, 1);
      const index = settingIndex(built);
      const lost = concrete.filter(({ path, setting }) => {
        const match = index.find(path);
        return match.outcome !== 'found' || match.spec !== setting || match.path !== path;
      });
      expect(lost.map(({ path }) => path)).toEqual([]);
      expect(concrete.length).toBeGreaterThanOrEqual(built.settings.length);
      expect(built.statuses.length).toBeGreaterThan(20);
      expect(built.commands.length).toBeGreaterThanOrEqual(10);
      expect(built.events.length > 0).toBe(version !== '9.15.17.4');
    }
  });

  it.each(VERSIONS)('give every setting of %s a default inside its own value space', (version) => {
    const schema = vendorSchema(version);
    const outside = schema.products.flatMap((name) =>
      concreteSettings(schema.product(name), 1)
        .filter(({ setting, default: value }) => value === null || !liesWithin(setting.valueSpace, value))
        .map(({ path, default: value }) => `${name} ${path} ${value}`),
    );
    expect(outside).toEqual([]);
  });

  it('let no two settings of one product hold the same path', () => {
    for (const version of VERSIONS) {
      const schema = vendorSchema(version);
      for (const name of schema.products) {
        const built = schema.product(name);
        const paths = built.settings.flatMap((one) => concreteSettings({ ...built, settings: [one] }, 1));
        expect(concreteSettings(built, 1)).toHaveLength(paths.length);
      }
    }
  });

  it('read defaults of a range that begins at 2 by position', () => {
    const schema = vendorSchema('26.4.1');
    const path = 'Audio.Input.HDMI[2..5].VideoAssociation.MuteOnInactiveVideo';
    const found = schema.products
      .flatMap((name) => schema.product(name).settings)
      .filter((setting) => formatPattern(setting.path) === path);
    expect(found.length).toBeGreaterThan(0);
    for (const { defaults } of found)
      expect(defaults).toEqual({ all: null, byIndex: { 2: 'Off', 3: 'On', 4: 'On', 5: 'On' } });
  });

  it('are read within a bound', () => {
    const text = vendorText('26.4.1');
    const before = process.cpuUsage();
    readVendorSchema(text).product('barents');
    const spent = process.cpuUsage(before);
    console.log(
      `26.4.1 read and one product built: ${Math.round((spent.user + spent.system) / 1000)} ms of CPU`,
    );
    expect(spent.user + spent.system).toBeLessThan(1_500_000);
  });
});
