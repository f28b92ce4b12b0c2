import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { fc } from '../feedback/fast-check.ts';
import { FleetWorld } from '../fleet/world.ts';
import { smallModel } from '../support/small-model.ts';
import { anySetting, writable } from './settings.ts';

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

/** A hidden value as the secret that the file has there. */
const setting = anySetting(writable(smallModel)).map(({ path, value, hidden }): [string, string | Secret] => [
  path,
  hidden ? new Secret(value) : value,
]);
const wishes = fc.array(setting, { maxLength: 12 }).map((settings) => Object.fromEntries(settings));
const held = fc.array(setting, { maxLength: 6 });

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
