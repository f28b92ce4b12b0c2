import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/lib/random.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import { line } from '../cli/command-line.ts';
import { hasFixtures, vendorSchema } from '../schema/vendor-files.ts';
import { startRoomd } from '../support/roomd-process.ts';
import { smallModel } from '../support/small-model.ts';
import { eventually, fleetText, PASSWORD, simulated, temporaryFolder } from '../support/world.ts';

const KILLS = 20;
/** A daemon lives until it has looked at the devices' settings and panels, or written them, at most so often, however slow the machine is. */
const LIFE_TOUCHES = 30;
const TOUCHES = [
  'GET /configuration.xml',
  'POST /putxml',
  ...['Export', 'Panel/Save'].map((verb) => `xCommand/UserInterface/Extensions/${verb}`),
];
const DEVICES = 8;
const DELAY = 'Standby.Delay';

/** Full trees of as many products as take panels, in turn; small devices without the vendor's files. */
function models(): DeviceModel[] {
  if (!hasFixtures) return Array(DEVICES).fill(smallModel);
  const vendor = vendorSchema('26.4.1');
  const some = ['barents', 'davinci', 'octavio'].map((name) => modelFromSchema(vendor.product(name)));
  return Array.from({ length: DEVICES }, (_, at) => some[at % some.length] ?? smallModel);
}

test(`A rollout of a setting and a panel comes to its end over ${KILLS} kills; no write is lost, and none is made unread`, async () => {
  const simulator = await simulated(
    models().map((model) => ({ model })),
    // Slow enough that a kill falls between any two requests.
    { settings: { latencyMs: 10 } },
  );
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'help.xml'),
    '<Extensions><Panel><PanelId>help</PanelId><Name>Help</Name></Panel></Extensions>',
  );
  const text = fleetText({
    devices: simulator.devices,
    configuration: { [DELAY]: '30' },
    mode: 'enforce',
    timing:
      '{ sweep: 60s, drift: 1s, slotCheck: 60s, connect: 5s, request: 10s, ping: 5s, retryFirst: 100ms, retryMost: 400ms }',
    more: 'rollout: { soak: 200ms }\n',
  });
  writeFileSync(join(folder, 'fleet.yaml'), text.replace('defaults:\n', 'defaults:\n  panels: [help.xml]\n'));
  const random = seededRandom(20);
  const run = async () => {
    const daemon = startRoomd(['run'], { cwd: folder, env: { ROOM_PASSWORD: PASSWORD } });
    await daemon.line((said) => said.includes('roomd runs'));
    return daemon;
  };
  let daemon = await run();
  const started = await line(['rollout', 'start', '--yes', '--parallel', '1', '--json'], { cwd: folder });
  expect([started.code, started.err]).toEqual([0, '']);
  const written = (): number =>
    simulator.devices.filter(({ state }) => state.configuration(DELAY) === '30').length;
  const heard = (): number =>
    simulator.devices.reduce(
      (sum, { counters }) => TOUCHES.reduce((all, kind) => all + (counters.requests.get(kind) ?? 0), sum),
      0,
    );
  const atKill: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const last = heard() + 1 + Math.floor(random() * LIFE_TOUCHES);
    const end = performance.now() + 10_000;
    while (heard() < last && performance.now() < end) await sleep(2);
    await daemon.kill('SIGKILL');
    atKill.push(written());
    daemon = await run();
  }
  // The kills fell all along the way, not before it or behind it.
  expect(new Set(atKill).size).toBeGreaterThan(2);
  await eventually(async () => {
    const { out } = await line(['rollout', 'status', '--json'], { cwd: folder });
    expect(JSON.parse(out)).toMatchObject({ state: 'done' });
  }, 60_000);
  for (const { state, counters } of simulator.devices) {
    expect(state.configuration(DELAY)).toBe('30');
    expect([...state.content.panels.keys()]).toEqual(['help']);
    // A write that was cut off is found on the device by reading, and is not made again.
    expect(counters.written.get('settings')).toBe(1);
    // Whether a panel is roomd's own shows only on record, so a cut-off put is made once more.
    expect(counters.written.get('panels')).toBeGreaterThanOrEqual(1);
    expect([...counters.unread]).toEqual([]);
  }
  expect(simulator.counters.writes.most).toBe(1);
}, 400_000);
