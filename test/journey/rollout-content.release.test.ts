import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { diffAt } from '../../src/actions/diff-at.ts';
import { revertRollout, rolloutStatus, type ShownRollout, startRollout } from '../../src/actions/rollout.ts';
import { newKeyPair, selfSign } from '../../src/simulator/certificate.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import {
  eventually,
  fleetText,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

const NAMES = Array.from({ length: 6 }, (_, at) => `room-${at + 1}`);
const VOLUME = 'Audio.DefaultVolume';
const PICTURES = { one: Buffer.from('89504e470d0a1a0a01', 'hex'), foreign: Buffer.from('ffd8ff02', 'hex') };

/** What the second canary holds before roomd comes: a panel, a macro and a picture of other people. */
const FOREIGN = {
  panel: '<Extensions><Panel><PanelId>help</PanelId><Name>Janitor</Name></Panel></Extensions>',
  macro: 'janitor();',
  background: PICTURES.foreign.toString('base64'),
};

interface Content {
  readonly panel: string;
  readonly macro: string;
  readonly extra?: string;
  readonly volume?: string;
  readonly more?: string;
}

/** A folder with the files, and a fleet file that names them. */
function fleet(
  folder: string,
  simulator: Simulator,
  { panel, macro, extra = '', volume = '70', more }: Content,
) {
  mkdirSync(join(folder, 'files'), { recursive: true });
  const xml = `<Extensions><Panel><PanelId>help</PanelId><Name>${panel}</Name></Panel></Extensions>`;
  writeFileSync(join(folder, 'files/help.xml'), xml);
  writeFileSync(join(folder, 'files/light.js'), macro);
  writeFileSync(join(folder, 'files/background.png'), PICTURES.one);
  const text = fleetText({
    devices: simulator.devices,
    configuration: { [VOLUME]: volume, 'Macros.Mode': 'On' },
    more:
      more ??
      `rollout:
  canary: "room-1 | room-2"
  rings: ["room-3 | room-4"]
  soak: 300ms
  failureBudget: 0
  allowCutOff: [Security.Certificates.CA]
`,
  });
  const layer = `defaults:
  panels: [files/help.xml]
  deviceMacros: [files/light.js]
  branding: { background: files/background.png }
${extra}`;
  const written = text.replace('defaults:\n', layer);
  writeFileSync(join(folder, 'fleet.yaml'), written);
  return written;
}

function rooms() {
  return simulated(
    NAMES.map((name) => ({ name, configuration: { 'Macros.Mode': 'On' } })),
    { settings: { latencyMs: 2 } },
  );
}

function byHand(device: SimulatedDevice, path: string, args: Record<string, string>, body: string): void {
  const outcome = device.state.command(path, args, { body });
  if (outcome.kind !== 'ok') throw new Error(`${path}: ${JSON.stringify(outcome)}`);
}

function makeForeign(device: SimulatedDevice): void {
  byHand(device, 'UserInterface.Extensions.Panel.Save', { PanelId: 'help' }, FOREIGN.panel);
  byHand(device, 'Macros.Macro.Save', { Name: 'light', Overwrite: 'True' }, FOREIGN.macro);
  byHand(device, 'Macros.Macro.Activate', { Name: 'light' }, '');
  byHand(device, 'UserInterface.Branding.Upload', { Type: 'Background' }, FOREIGN.background);
}

/** What a device truly holds, in short. */
function held({ state }: SimulatedDevice) {
  const macro = state.content.macros.get('light');
  return {
    volume: state.configuration(VOLUME),
    panel: /<Name>(\w+)</.exec(state.content.panels.get('help')?.xml ?? '')?.[1] ?? null,
    macro: macro === undefined ? null : `${macro.source} ${macro.active ? 'active' : 'inactive'}`,
    background: state.content.branding.get('Background') ?? null,
  };
}

const nothing = (rooms: number) =>
  Array.from({ length: rooms }, () => ({ volume: '50', panel: null, macro: null, background: null }));
const written = (panel: string, macro: string, volume = '70') => ({
  volume,
  panel,
  macro: `${macro} active`,
  background: PICTURES.one.toString('base64'),
});

function states({ rings }: ShownRollout): Record<string, string> {
  return Object.fromEntries(rings.flatMap(({ devices }) => devices.map(({ name, state }) => [name, state])));
}

async function ended(daemon: RunningDaemon, state: string): Promise<ShownRollout> {
  return eventually(async () => {
    const shown = await daemon.act(rolloutStatus);
    expect(shown.state).toBe(state);
    return shown;
  }, 40_000);
}

test('Drift repair puts approved content back also when the file has moved on', async () => {
  const simulator = await rooms();
  const folder = temporaryFolder();
  const enforce = (content: Content) => {
    const text = fleet(folder, simulator, content).replace('mode: observe', 'mode: enforce');
    writeFileSync(join(folder, 'fleet.yaml'), text);
    return text;
  };
  const daemon = await runDaemon(enforce({ panel: 'First', macro: 'first();' }), { folder });
  await daemon.act(apply);
  enforce({ panel: 'Second', macro: 'second();', volume: '60' });
  const problems = await daemon.daemon.reload();
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [room] = simulator.devices;
  room?.state.content.removePanel('help');
  room?.state.content.macros.delete('light');
  await eventually(
    () => expect(simulator.devices.map(held)).toEqual(Array(6).fill(written('First', 'first();'))),
    20_000,
  );
}, 60_000);

describe('A rollout of settings, panels, device macros and pictures', () => {
  test('reaches every room ring by ring, is proven, and on a revert gives each room back what it had', async () => {
    const simulator = await rooms();
    const [, second] = simulator.devices;
    if (second === undefined) throw new Error('no second room');
    makeForeign(second);
    const folder = temporaryFolder();
    const daemon = await runDaemon(fleet(folder, simulator, { panel: 'First', macro: 'first();' }), {
      folder,
    });
    await daemon.act(startRollout, { parallel: 2 });
    await eventually(() => expect(held(second)).toEqual(written('First', 'first();')), 20_000);
    expect(simulator.devices.slice(2).map(held)).toEqual(nothing(4));
    await ended(daemon, 'done');
    expect(simulator.devices.map(held)).toEqual(Array(6).fill(written('First', 'first();')));

    const shown = await (async () => {
      await daemon.act(revertRollout);
      return ended(daemon, 'reverted');
    })();
    expect(new Set(Object.values(states(shown)))).toEqual(new Set(['reverted']));
    const foreign = {
      volume: '50',
      panel: 'Janitor',
      macro: 'janitor(); active',
      background: FOREIGN.background,
    };
    expect(simulator.devices.map(held)).toEqual([...nothing(1), foreign, ...nothing(4)]);
  }, 90_000);

  test('that a canary does not hold is stopped, and puts back the content that was approved before', async () => {
    const simulator = await rooms();
    const folder = temporaryFolder();
    const daemon = await runDaemon(fleet(folder, simulator, { panel: 'First', macro: 'first();' }), {
      folder,
    });
    await daemon.act(startRollout);
    await ended(daemon, 'done');
    fleet(folder, simulator, { panel: 'Second', macro: 'second();', volume: '60' });
    const problems = await daemon.daemon.reload();
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [, poisoned] = simulator.devices;
    const janitor = setInterval(() => {
      const { panels } = poisoned?.state.content ?? { panels: new Map() };
      if (panels.get('help')?.xml.includes('Second')) panels.delete('help');
    }, 5);
    await daemon.act(startRollout);
    const shown = await ended(daemon, 'reverted').finally(() => clearInterval(janitor));
    expect(shown.reason).toMatch(/room-2 \(Panel\[help\]/);
    expect(simulator.devices.map(held)).toEqual(Array(6).fill(written('First', 'first();')));
    expect(states(shown)).toMatchObject({ 'room-1': 'reverted', 'room-2': 'reverted', 'room-3': 'pending' });
    const diff = await daemon.act(diffAt, { name: 'room-1', at: '1h' });
    expect(diff.changed.map(({ path }) => path)).toContain('Panel[help]');
  }, 90_000);

  test('keeps to its limit of rooms at every moment', async () => {
    const simulator = await simulated(
      NAMES.map((name) => ({ name, configuration: { 'Macros.Mode': 'On' } })),
      { settings: { latencyMs: 15 } },
    );
    const folder = temporaryFolder();
    const more = 'rollout: { soak: 50ms }\n';
    const daemon = await runDaemon(fleet(folder, simulator, { panel: 'First', macro: 'first();', more }), {
      folder,
    });
    await daemon.act(startRollout, { parallel: 3 });
    await ended(daemon, 'done');
    expect(simulator.devices.map(held)).toEqual(Array(6).fill(written('First', 'first();')));
    expect(simulator.counters.writes.most).toBe(3);
  }, 90_000);

  test('refuses authorities that the file does not name, then gives them to one room after another', async () => {
    const simulator = await rooms();
    const folder = temporaryFolder();
    const { pem } = selfSign(newKeyPair(), { commonName: 'authority', now: Date.now() });
    mkdirSync(join(folder, 'files'), { recursive: true });
    writeFileSync(join(folder, 'files/ca.pem'), pem);
    const content = { panel: 'First', macro: 'first();', extra: '  certificates: { ca: [files/ca.pem] }\n' };
    const refusing = 'rollout: { canary: 1, soak: 100ms }\n';
    const daemon = await runDaemon(fleet(folder, simulator, { ...content, more: refusing }), { folder });
    await expect(daemon.act(startRollout)).rejects.toThrow(
      /Certificate\[ca .*can cut roomd off .* name Security\.Certificates\.CA under rollout\.allowCutOff/,
    );
    fleet(folder, simulator, content);
    const problems = await daemon.daemon.reload();
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const begun = await daemon.act(startRollout);
    expect(begun.rings.every(({ devices }) => devices.every(({ alone }) => alone))).toBe(true);
    await ended(daemon, 'done');
    expect(simulator.devices.map(({ state }) => state.content.certificateAuthorities.length)).toEqual(
      Array(6).fill(1),
    );
  }, 90_000);
});
