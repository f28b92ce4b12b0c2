import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import type { SettingSpec } from '../../src/schema/product-schema.ts';
import { fc } from '../feedback/fast-check.ts';
import { FleetWorld } from '../fleet/world.ts';
import { smallModel } from '../support/small-model.ts';

const WAYS = [
  { name: 'one-way', settings: {} },
  { name: 'other-way', settings: { settingErrorShape: 'bare', hiddenValue: '' } },
] as const;

let world: FleetWorld;

beforeAll(async () => {
  world = await FleetWorld.open(WAYS.map((way) => ({ ...way })));
});

beforeEach(() => {
  for (const { state } of world.simulator.devices) state.people(0);
});

afterAll(() => world.close());

/** Settings that a device takes without cutting itself off from the one who writes them. */
const WRITABLE = smallModel.schema.settings.filter(
  ({ path }) => !['NetworkServices', 'Security'].includes(path[0]?.name ?? ''),
);

const setting = fc.constantFrom(...WRITABLE).chain((spec) => fc.tuple(pathOf(spec), valueOf(spec)));
const wishes = fc.array(setting, { maxLength: 12 }).map((settings) => Object.fromEntries(settings));
const held = fc.array(setting, { maxLength: 6 });

function pathOf({ path }: SettingSpec): fc.Arbitrary<string> {
  const names = path.map(({ name, index }) =>
    index === null
      ? fc.constant(name)
      : fc.integer({ min: index.first ?? 1, max: index.last ?? 3 }).map((id) => `${name}[${id}]`),
  );
  return fc.tuple(...names).map((segments) => segments.join('.'));
}

/** Values that the device accepts; a hidden one as the secret that the file has there. */
function valueOf({ valueSpace, hidden }: SettingSpec): fc.Arbitrary<string | Secret> {
  switch (valueSpace.type) {
    case 'Literal':
      return fc.constantFrom(...valueSpace.values);
    case 'Integer': {
      const { min, max } = valueSpace;
      const numbers = fc.integer({ min: min ?? 0, max: max ?? 1_000 });
      return fc.tuple(numbers, fc.constantFrom('', '0')).map(([number, zero]) => `${zero}${number}`);
    }
    case 'String': {
      const most = valueSpace.maxLength ?? 100;
      const texts = fc
        .string({
          unit: fc.constantFrom('a', 'Z', ' ', '&', '<', '"', "'", ']]>', 'å', '€', '😀', '*'),
          maxLength: 12,
        })
        .filter((text) => Buffer.byteLength(text) <= most);
      return hidden ? texts.map((text) => new Secret(text)) : texts;
    }
    default:
      return valueSpace satisfies never;
  }
}

it('leaves an empty plan for any settings that the device accepts, whatever it held', async () => {
  await fc.assert(
    fc.asyncProperty(wishes, held, async (wanted, before) => {
      for (const { state } of world.simulator.devices)
        for (const [path, value] of before)
          state.turnKnob(path, value instanceof Secret ? value.reveal() : value);
      await world.wish(Object.fromEntries(WAYS.map(({ name }) => [name, wanted])));
      for (const { name } of WAYS) {
        const applied = await world.applyOne(name, { force: true });
        expect(applied.problems).toEqual([]);
        expect(applied.results.filter(({ outcome }) => !outcome.startsWith('accepted'))).toEqual([]);
        expect(await world.plan(name)).toMatchObject({
          state: 'in-sync',
          changes: [],
          untouched: Object.keys(wanted).length,
        });
      }
    }),
    { numRuns: 40 },
  );
});
