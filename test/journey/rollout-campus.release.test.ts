import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lint } from '../../src/actions/lint.ts';
import { plan } from '../../src/actions/plan.ts';
import { rolloutStatus, type ShownRollout, startRollout } from '../../src/actions/rollout.ts';
import { concreteSettings } from '../../src/schema/path-index.ts';
import type { ProductSchema } from '../../src/schema/product-schema.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { hasFixtures, vendorSchema } from '../schema/vendor-files.ts';
import {
  eventually,
  fleetText,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

/** What every product is to have as far as it knows it. */
const WANTED: Readonly<Record<string, string>> = {
  'Audio.DefaultVolume': '65',
  'Standby.Delay': '25',
  'SystemUnit.Name': 'Campus',
};
const TIMING =
  '{ sweep: 60s, drift: 1s, slotCheck: 60s, connect: 10s, request: 20s, ping: 10s, retryFirst: 100ms, retryMost: 400ms }';
const SAVE = 'UserInterface.Extensions.Panel.Save';
const PARALLEL = 4;

function wantedOf(schema: ProductSchema): Record<string, string> {
  const known = new Set(concreteSettings(schema, 1).map(({ path }) => path));
  return Object.fromEntries(Object.entries(WANTED).filter(([path]) => known.has(path)));
}

function takesPanels({ commands }: ProductSchema): boolean {
  return commands.some(({ path }) => path.join('.') === SAVE);
}

/** A fleet file in which each device has what its product knows, and a panel where it takes one. */
function campusText(simulator: Simulator, schemas: readonly ProductSchema[]): string {
  const text = fleetText({
    devices: [],
    timing: TIMING,
    more: `rollout:
  canary: "${schemas
    .slice(0, 2)
    .map(({ product }) => product)
    .join(' | ')}"
  rings: ["${schemas
    .slice(2, 7)
    .map(({ product }) => product)
    .join(' | ')}"]
  soak: 200ms
`,
  });
  const lines = schemas.map((schema) => {
    const configuration = JSON.stringify(wantedOf(schema));
    const panels = takesPanels(schema) ? ', panels: [help.xml]' : '';
    const { port } = simulator.device(schema.product);
    return `  - { name: ${schema.product}, host: "127.0.0.1:${port}", configuration: ${configuration}${panels} }`;
  });
  return text.replace('devices:\n', `devices:\n${lines.join('\n')}\n`);
}

function held({ state }: SimulatedDevice, schema: ProductSchema) {
  return {
    settings: Object.fromEntries(
      Object.keys(wantedOf(schema)).map((path) => [path, state.configuration(path)]),
    ),
    panels: [...state.content.panels.keys()],
  };
}

async function ended({ act }: RunningDaemon, state: string): Promise<ShownRollout> {
  return eventually(async () => {
    const shown = await act(rolloutStatus);
    expect(shown.state).toBe(state);
    return shown;
  }, 60_000);
}

describe.skipIf(!hasFixtures)('A campus with one device of every product of 26.4.1', () => {
  test('is linted, planned and rolled out; a canary that does not hold has everything put back, then it goes to the end', async () => {
    const vendor = vendorSchema('26.4.1');
    const schemas = vendor.products.map((name) => vendor.product(name));
    expect(schemas).toHaveLength(16);
    const simulator = await simulated(
      schemas.map((schema) => ({ name: schema.product, model: modelFromSchema(schema) })),
      { settings: { latencyMs: 3 } },
    );
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'help.xml'),
      '<Extensions><Panel><PanelId>help</PanelId><Name>Help</Name></Panel></Extensions>',
    );
    const daemon = await runDaemon(campusText(simulator, schemas), { folder });
    const all = () => schemas.map((schema) => held(simulator.device(schema.product), schema));
    const before = all();
    const after = schemas.map((schema) => ({
      settings: wantedOf(schema),
      panels: takesPanels(schema) ? ['help'] : [],
    }));

    const planned = await daemon.act(plan);
    expect(planned.summary).toMatchObject({ devices: 16, failed: 0, problems: 0 });
    const linted = await daemon.act(lint);
    expect(linted.summary).toMatchObject({ devices: 16, checked: 16 });
    expect(linted.findings.filter(({ level }) => level === 'error')).toEqual([]);

    const poisoned = simulator.device(schemas[1]?.product ?? '');
    const knob = setInterval(() => {
      if (poisoned.state.configuration('Standby.Delay') === '25')
        poisoned.state.turnKnob('Standby.Delay', '7');
    }, 5);
    await daemon.act(startRollout, { parallel: PARALLEL });
    const stopped = await ended(daemon, 'reverted').finally(() => clearInterval(knob));
    expect(stopped.reason).toMatch(/Standby\.Delay/);
    const [canaries, ring, rest] = stopped.rings;
    expect(canaries?.devices.map(({ state }) => state)).toEqual(['reverted', 'reverted']);
    expect([ring, rest].map((one) => one?.begun)).toEqual([false, false]);
    expect(all()).toEqual(before);

    await daemon.act(startRollout, { parallel: PARALLEL });
    const shown = await ended(daemon, 'done');
    expect(shown.rings.flatMap(({ devices }) => devices.map(({ state }) => state))).toEqual(
      Array(16).fill('passed'),
    );
    expect(all()).toEqual(after);
    expect((await daemon.act(plan)).summary).toMatchObject({ changes: 0, inSync: 16 });
    expect(simulator.counters.writes.most).toBeLessThanOrEqual(PARALLEL);
  }, 180_000);
});
