import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredDevice } from '../../src/fleet/fleet.ts';
import { normalizeValue } from '../../src/fleet/value-check.ts';
import { settingIndex } from '../../src/schema/path-index.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import { fc } from '../feedback/fast-check.ts';
import { lines, loadText } from '../fleet/load-text.ts';
import { FleetWorld } from '../fleet/world.ts';
import { hasFixtures, vendorSchema } from '../schema/vendor-files.ts';
import { smallModel } from '../support/small-model.ts';
import { type AnySetting, anySetting, writable } from './settings.ts';

const NAMES = ['one', 'two', 'three'];
const PROFILES = ['p', 'q'];
const SELECTORS = ['all', 'site=oslo', 'site=oslo & !name=two', 'name=three', 'kind=room'];

interface AnyLayer {
  readonly settings: readonly AnySetting[];
  /** Locks its first setting. */
  readonly locks: boolean;
}

/** What a person may write down for three rooms. */
interface AnyFleet {
  readonly defaults: AnyLayer;
  readonly layers: readonly (AnyLayer & { readonly selector: string })[];
  readonly profiles: readonly AnyLayer[];
  readonly devices: readonly {
    readonly profiles: readonly string[];
    readonly isOslo: boolean;
    readonly settings: readonly AnySetting[];
  }[];
}

function anyFleet(model: DeviceModel): fc.Arbitrary<AnyFleet> {
  const settings = fc.array(anySetting(writable(model)), { maxLength: 5 });
  const layer = fc.record({ settings, locks: fc.boolean() });
  return fc.record({
    defaults: layer,
    layers: fc.array(
      fc.tuple(layer, fc.constantFrom(...SELECTORS)).map(([one, selector]) => ({ ...one, selector })),
      { maxLength: 2 },
    ),
    profiles: fc.tuple(layer, layer),
    devices: fc.tuple(
      ...NAMES.map(() =>
        fc.record({ profiles: fc.shuffledSubarray(PROFILES), isOslo: fc.boolean(), settings }),
      ),
    ),
  });
}

/** JSON is YAML. Hidden values stand there as references. */
function textOf(fleet: AnyFleet, { withLocks }: { withLocks: boolean }) {
  const env: Record<string, string> = { PW: 'x' };
  const configuration = (settings: readonly AnySetting[]) =>
    Object.fromEntries(
      settings.map(({ path, value, hidden }) => {
        // A reference to nothing is a mistake; an empty secret is written as it is.
        if (!hidden || value === '') return [path, value];
        const name = `S${Object.keys(env).length}`;
        env[name] = value;
        return [path, `\${env:${name}}`];
      }),
    );
  const layerOf = ({ settings, locks }: AnyLayer) => {
    const [first] = settings;
    return {
      configuration: configuration(settings),
      ...(withLocks && locks && first !== undefined ? { lock: [first.path] } : {}),
    };
  };
  const text = JSON.stringify({
    version: 1,
    credentials: { roomd: { username: 'admin', password: '${env:PW}' } },
    defaults: { credentials: 'roomd', ...layerOf(fleet.defaults) },
    layers: fleet.layers.map((layer, at) => ({ name: `l${at}`, devices: layer.selector, ...layerOf(layer) })),
    profiles: Object.fromEntries(fleet.profiles.map((layer, at) => [PROFILES[at], layerOf(layer)])),
    devices: fleet.devices.map(({ profiles, isOslo, settings }, at) => ({
      name: NAMES[at],
      host: `10.0.0.${at + 1}`,
      kind: 'room',
      tags: { site: isOslo ? 'oslo' : 'bergen' },
      profiles,
      configuration: configuration(settings),
    })),
  });
  return { text, env };
}

/** Locks that another layer breaks make no fleet; then it is taken without any. */
async function load(fleet: AnyFleet): Promise<readonly DesiredDevice[]> {
  for (const withLocks of [true, false]) {
    const { text, env } = textOf(fleet, { withLocks });
    const loaded = await loadText(text, { env });
    if (loaded.fleet !== null) return loaded.fleet.devices;
    if (!withLocks || !lines(loaded).every((line) => /is locked by|warning/.test(line)))
      throw new Error(lines(loaded).join('\n'));
  }
  return [];
}

function property(name: string, model: () => DeviceModel, { numRuns }: { numRuns: number }): void {
  describe(`any two fleets, ${name}`, () => {
    let world: FleetWorld;
    beforeAll(async () => {
      const ways = [{}, { settingErrorShape: 'bare', hiddenValue: '' }, { missingItem: 'first' }] as const;
      world = await FleetWorld.open(
        NAMES.map((device, at) => ({ name: device, model: model(), settings: ways[at] ?? {} })),
        { xapi: { connectTimeoutMs: 10_000, requestDeadlineMs: 10_000 } },
      );
    }, 60_000);
    afterAll(() => world.close());

    it('leave an empty plan when applied one after the other, and what neither names as it was', async () => {
      await fc.assert(
        fc.asyncProperty(anyFleet(model()), anyFleet(model()), async (first, second) => {
          const before = holdings(world);
          for (const devices of [await load(first), await load(second)]) {
            await bring(world, devices);
            for (const device of devices) follow(before, device);
          }
          expect(differences(before, holdings(world), model())).toEqual([]);
        }),
        { numRuns },
      );
    }, 120_000);
  });
}

/** Everything that the devices truly hold. */
function holdings(world: FleetWorld): Record<string, Record<string, string>> {
  return Object.fromEntries(
    world.simulator.devices.map(({ name, state }) => [name, state.core.configuration.dump()]),
  );
}

/** Where the devices hold other values than expected; an integer is the same however it is written. */
function differences(
  expected: Record<string, Record<string, string>>,
  held: Record<string, Record<string, string>>,
  { schema }: DeviceModel,
): string[] {
  const index = settingIndex(schema);
  return Object.entries(held).flatMap(([device, settings]) =>
    Object.entries(settings).flatMap(([path, value]) => {
      const found = index.find(path);
      const space = found.outcome === 'found' ? found.spec.valueSpace : null;
      const wanted = expected[device]?.[path] ?? '';
      return normalizeValue(value, space) === normalizeValue(wanted, space)
        ? []
        : [`${device} holds ${path}: "${value}" where "${wanted}" was expected`];
    }),
  );
}

/** What a device is to hold after an apply: what the file names, and for the rest what it held. */
function follow(
  expected: Record<string, Record<string, string>>,
  { name, configuration }: DesiredDevice,
): void {
  const held = expected[name] ?? {};
  for (const { path, value } of configuration.values())
    held[path] = typeof value === 'string' ? value : value.reveal();
}

/** Applies the fleet and finds nothing left to do. */
async function bring(world: FleetWorld, devices: readonly DesiredDevice[]): Promise<void> {
  await world.wish(
    Object.fromEntries(NAMES.map((name) => [name, {}])),
    Object.fromEntries(devices.map(({ name, configuration }) => [name, { configuration }])),
  );
  for (const applied of await world.apply(NAMES, { force: true })) {
    expect(applied.problems).toEqual([]);
    expect(applied.results.filter(({ outcome }) => !outcome.startsWith('accepted'))).toEqual([]);
  }
  const plans = await Promise.all(devices.map(({ name }) => world.plan(name)));
  for (const [at, { configuration }] of devices.entries())
    expect(plans[at]).toMatchObject({
      state: 'in-sync',
      changes: [],
      problems: [],
      untouched: configuration.size,
    });
}

property('of a small model', () => smallModel, { numRuns: 8 });
if (hasFixtures) {
  const whole = modelFromSchema(vendorSchema('26.4.1').product('brooklyn'));
  property('of a whole product', () => whole, { numRuns: 3 });
}
