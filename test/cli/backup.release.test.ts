import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { DeviceState } from '../../src/simulator/device-state.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { oneWay, otherWay, quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { type CliWorld, cliWorld } from './cli-world.ts';

const PASSWORD = 'correct-horse-9';
const PAGES = '<Name>Help &amp; more</Name><Page><Name>First page</Name><Row><Name>Row</Name></Row></Page>';
const PNG = Buffer.from('iVBORw0KGgo=', 'base64');

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

describe('backup', () => {
  test('writes settings, panels, macros and branding as a readable tree without hidden values', async () => {
    const { world, simulator } = await start([
      {
        name: 'sim-1',
        model: builtInModels.room,
        configuration: { 'Macros.Mode': 'On', 'SystemUnit.Name': 'null' },
      },
    ]);
    const { state } = simulator.device('sim-1');
    state.setConfiguration('SIP.Authentication.Password', 'sesame-open');
    savePanel(state, 'help/me', PAGES);
    state.content.macros.set('lights', { name: 'lights', source: 'const a = 1 < 2;\n', active: true });
    state.content.branding.set('Background', PNG.toString('base64'));
    const { code, out } = await world.roomd('backup', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      devices: [{ name: 'sim-1', state: 'new', reason: null, kept: [] }],
    });
    const at = (path: string): string => join(world.folder, 'backups/sim-1', path);
    const configuration = await readFile(at('configuration.yaml'), 'utf8');
    expect(configuration).toContain('  SystemUnit.Name: "null"\n');
    expect(configuration).toMatch(/hidden:\n(?: {2}- .*\n)*? {2}- SIP\.Authentication\.Password\n/);
    expect(configuration).not.toContain('sesame-open');
    const panel = await readFile(at('panels/help%2Fme.xml'), 'utf8');
    expect(panel).toContain('    <Name>Help &amp; more</Name>\n');
    expect(panel).toContain('      <Name>First page</Name>\n');
    expect(await readFile(at('macros/lights.js'), 'utf8')).toBe('const a = 1 < 2;\n');
    expect(await readFile(at('macros/active.yaml'), 'utf8')).toBe('"lights": true\n');
    expect(await readFile(at('branding/Background.png'))).toEqual(PNG);
    const about = await readFile(at('about.yaml'), 'utf8');
    expect(about).toContain(`serial: ${state.serial}`);
    expect(about).toContain('kept: []\n');
  });

  test('stands where the file says, and is looked for there', async () => {
    const { world } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    const file = join(world.folder, 'fleet.yaml');
    await appendFile(file, 'backups: { to: kept/trees, schedule: "30 3 * * *" }\n');
    const { out } = await world.roomd('backup', '--json');
    expect(JSON.parse(out)).toMatchObject({ folder: join(world.folder, 'kept/trees') });
    expect((await world.roomd('restore', 'sim-1', '--yes')).code).toBe(0);
    expect(await readdir(world.folder)).not.toContain('backups');
  });

  test('touches nothing where nothing differs, and writes only the device that does', async () => {
    const { world, simulator } = await start([
      { name: 'sim-1', model: builtInModels.desk },
      { name: 'sim-2', model: builtInModels.board },
    ]);
    await world.roomd('backup', '--to', 'tree');
    const before = await readFile(join(world.folder, 'tree/sim-1/about.yaml'), 'utf8');
    simulator.device('sim-2').state.setConfiguration('Audio.DefaultVolume', '13');
    const { out } = await world.roomd('backup', '--to', 'tree', '--json');
    expect(states(out)).toEqual({ 'sim-1': 'unchanged', 'sim-2': 'changed' });
    expect(await readFile(join(world.folder, 'tree/sim-1/about.yaml'), 'utf8')).toBe(before);
    expect(await readFile(join(world.folder, 'tree/sim-2/configuration.yaml'), 'utf8')).toContain(
      'Audio.DefaultVolume: 13',
    );
  });

  test('of a device that cannot be read is the one before, and of what it no longer tells as well', async () => {
    const { world, simulator } = await start([
      { name: 'sim-1', model: builtInModels.room, configuration: { 'Macros.Mode': 'On' } },
      { name: 'sim-2', model: builtInModels.room },
    ]);
    const { state } = simulator.device('sim-1');
    state.content.macros.set('lights', { name: 'lights', source: '// on', active: false });
    expect((await world.roomd('backup')).code).toBe(0);
    state.setConfiguration('Macros.Mode', 'Off');
    simulator.device('sim-2').faults.strike('offline', null);
    const { code, out } = await world.roomd('backup', '--json');
    expect(code).toBe(1);
    expect(states(out)).toEqual({ 'sim-1': 'changed', 'sim-2': 'failed' });
    expect(JSON.parse(out)).toMatchObject({
      devices: [{ kept: [{ part: 'macros', why: expect.stringContaining('Macros are disabled') }] }, {}],
    });
    expect(await readFile(join(world.folder, 'backups/sim-1/macros/lights.js'), 'utf8')).toBe('// on');
    expect(await readFile(join(world.folder, 'backups/sim-2/configuration.yaml'), 'utf8')).toContain(
      'Audio.',
    );
  });

  test('never replaces a folder that is no backup, and finishes the others', async () => {
    const { world } = await start([
      { name: 'sim-1', model: builtInModels.desk },
      { name: 'sim-2', model: builtInModels.desk },
    ]);
    await mkdir(join(world.folder, 'backups/sim-1'), { recursive: true });
    await writeFile(join(world.folder, 'backups/sim-1/thesis.txt'), 'mine');
    const { code, out } = await world.roomd('backup', '--json');
    expect([code, states(out)]).toEqual([1, { 'sim-1': 'failed', 'sim-2': 'new' }]);
    expect(await readdir(join(world.folder, 'backups/sim-1'))).toEqual(['thesis.txt']);
  });

  test('a crash between the two renames is mended by the next run', async () => {
    const { world } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    await world.roomd('backup');
    const folder = join(world.folder, 'backups');
    await rename(join(folder, 'sim-1'), join(folder, '.sim-1.old'));
    await mkdir(join(folder, '.sim-1.new'));
    const { out } = await world.roomd('backup', '--json');
    expect(states(out)).toEqual({ 'sim-1': 'unchanged' });
    expect(await readdir(folder)).toContain('sim-1');
  });

  test('is a commit for each device that differs, of its folder alone, where there is a repository', async () => {
    const { world, simulator } = await start([
      { name: 'sim-1', model: builtInModels.desk },
      { name: 'sim-2', model: builtInModels.desk },
    ]);
    const folder = join(world.folder, 'repository/rooms');
    await mkdir(folder, { recursive: true });
    await git(world, 'repository', 'init', '--quiet');
    await writeFile(join(world.folder, 'repository/staged.txt'), 'not mine to commit');
    await git(world, 'repository', 'add', 'staged.txt');
    const first = await world.roomd('backup', '--to', 'repository/rooms', '--json');
    expect(first.code).toBe(0);
    simulator.device('sim-2').state.setConfiguration('Audio.DefaultVolume', '13');
    const second = await world.roomd('backup', '--to', 'repository/rooms', '--json');
    const { devices } = JSON.parse(second.out) as { devices: { commit: string | null }[] };
    expect(devices.map(({ commit }) => commit === null)).toEqual([true, false]);
    const log = (await git(world, 'repository', 'log', '--format=%s')).trim().split('\n');
    expect(log[0]).toBe('sim-2: about.yaml, configuration.yaml'.replace('about.yaml, ', ''));
    expect(log).toHaveLength(3);
    expect(await git(world, 'repository', 'status', '--porcelain')).toBe('A  staged.txt\n');
  });
});

describe('restore', () => {
  test('shows the plan, writes only with leave, proves it and stands in the history', async () => {
    const { world, simulator } = await start([{ name: 'sim-1', model: builtInModels.room }]);
    const { state } = simulator.device('sim-1');
    state.setConfiguration('Standby.Delay', '33');
    await world.roomd('backup');
    state.setConfiguration('Standby.Delay', '5');
    state.setConfiguration('Network[1].MTU', '1400');
    expect((await world.roomd('restore', 'sim-1')).code).toBe(2);
    const declined = await world.asked(false, 'restore', 'sim-1');
    expect([declined.code, declined.out]).toEqual([3, expect.stringContaining('Standby.Delay: 5 → 33')]);
    expect(state.configuration('Standby.Delay')).toBe('5');
    const { code, out } = await world.roomd('restore', 'sim-1', '--yes', '--force', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ changes: [{ path: 'Standby.Delay', result: 'accepted' }] });
    expect(state.configuration('Standby.Delay')).toBe('33');
    expect(state.configuration('Network[1].MTU')).toBe('1400');
    const told = await world.roomd('history', 'sim-1', '--json');
    expect(JSON.parse(told.out)).toMatchObject({
      items: [
        {
          path: 'Standby.Delay',
          before: '5',
          after: '33',
          actor: 'restore:cli:anna',
          revision: null,
          state: 'accepted',
        },
      ],
    });
    expect((await world.roomd('restore', 'sim-1', '--yes', '--network', '--force')).code).toBe(0);
    expect(state.configuration('Network[1].MTU')).toBe('1500');
  });

  test('says where the fleet file says otherwise, keeps hands off a room in use, and respects a hold', async () => {
    const { world, simulator } = await start(
      [{ name: 'sim-1', model: builtInModels.room }],
      'Standby.Delay: 60',
    );
    const { state } = simulator.device('sim-1');
    state.setConfiguration('Standby.Delay', '33');
    await world.roomd('backup');
    state.setConfiguration('Standby.Delay', '5');
    state.share(true);
    const busy = await world.roomd('restore', 'sim-1', '--yes', '--json');
    expect([busy.code, JSON.parse(busy.out)]).toMatchObject([3, { changes: [{ result: 'waiting' }] }]);
    await world.roomd('hold', '--reason', 'inspection');
    const held = await world.roomd('restore', 'sim-1', '--yes', '--force', '--json');
    expect(held.code).toBe(3);
    expect(JSON.parse(held.out)).toMatchObject({
      changes: [{ result: 'held', detail: expect.stringContaining('inspection') }],
      hints: expect.arrayContaining([expect.stringContaining('the fleet file says Standby.Delay: 60')]),
    });
    expect(state.configuration('Standby.Delay')).toBe('5');
  });

  test.each([
    ['nobody', /nobody.*configuration\.yaml is missing/],
    ['../sim-1', /cannot be a device name/],
  ])('of %s is refused before the device is contacted', async (name, sentence) => {
    const { world } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    const { code, err } = await world.roomd('restore', name, '--yes');
    expect([code, err]).toEqual([1, expect.stringMatching(sentence)]);
  });

  test('of a file that somebody broke says where', async () => {
    const { world } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    await world.roomd('backup');
    const file = join(world.folder, 'backups/sim-1/configuration.yaml');
    await writeFile(file, 'configuration:\n  Standby.Delay: [1]\n');
    const { code, err } = await world.roomd('restore', 'sim-1', '--yes');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/no file of a backup: at configuration\.Standby\.Delay/),
    ]);
  });
});

describe('restore of content', () => {
  const MACRO = 'const a = 1 < 2;\n';

  async function backedUp(preset: Partial<SimulatorSettings> = quick) {
    const started = await start(
      [{ name: 'sim-1', model: builtInModels.room, configuration: { 'Macros.Mode': 'On' } }],
      undefined,
      preset,
    );
    const { state } = started.simulator.device('sim-1');
    const { content } = state;
    savePanel(state, 'help/me', PAGES);
    content.macros.set('lights', { name: 'lights', source: MACRO, active: true });
    content.macros.set('idle', { name: 'idle', source: '// off\n', active: false });
    content.branding.set('Background', PNG.toString('base64'));
    expect((await started.world.roomd('backup')).code).toBe(0);
    content.removePanel('help/me');
    savePanel(state, 'theirs', '<Name>Theirs</Name>');
    content.macros.set('lights', { name: 'lights', source: '// broken\n', active: false });
    content.macros.delete('idle');
    content.macros.set('extra', { name: 'extra', source: '// extra\n', active: true });
    content.branding.delete('Background');
    return { ...started, state };
  }

  test.each([
    ['one way', oneWay],
    ['the other way', otherWay],
  ])('brings panels, macros and pictures back, proves them and takes nothing off, %s', async (_name, way) => {
    const { world, state } = await backedUp({ ...way, ...quick });
    const declined = await world.asked(false, 'restore', 'sim-1');
    expect(declined.code).toBe(3);
    expect(declined.out).toMatch(/Panel\[help\/me\]: nothing → /);
    expect(state.content.panels.has('help/me')).toBe(false);
    const { code, out } = await world.roomd('restore', 'sim-1', '--yes', '--force', '--json');
    expect(JSON.parse(out)).toMatchObject({
      changes: [
        { path: 'Panel[help/me]', result: 'accepted' },
        { path: 'DeviceMacro[idle]', result: 'accepted' },
        { path: 'DeviceMacro[lights]', result: 'accepted' },
        { path: 'Branding[Background]', result: expect.stringMatching(/^accepted/) },
      ],
    });
    expect(code).toBe(0);
    expect(state.content.panels.get('help/me')?.xml).toContain('First page');
    expect(state.content.macros.get('lights')).toMatchObject({ source: MACRO, active: true });
    expect(state.content.macros.get('idle')).toMatchObject({ active: false });
    expect([...state.content.panels.keys()]).toContain('theirs');
    expect([...state.content.macros.keys()]).toContain('extra');
    // What was somebody else's stays so: the file, which names none of it, takes none of it away.
    const plan = await world.roomd('plan', '--json');
    expect(JSON.parse(plan.out)).toMatchObject({ devices: [{ changes: [] }] });
  });

  test('brings one part alone, and takes off what the backup lacks only when told to', async () => {
    const { world, state } = await backedUp();
    const { code } = await world.roomd('restore', 'sim-1', '--yes', '--force', '--only', 'macros', '--prune');
    expect(code).toBe(0);
    expect([...state.content.macros.keys()].toSorted()).toEqual(['idle', 'lights']);
    expect([...state.content.panels.keys()]).toEqual(['theirs']);
    expect((await world.roomd('restore', 'sim-1', '--yes', '--only', 'carpets')).code).toBe(2);
  });

  test('leaves alone what the device did not tell when it was backed up, whatever is asked', async () => {
    const { world, simulator } = await start([{ name: 'sim-1', model: builtInModels.room }]);
    const { state } = simulator.device('sim-1');
    state.setConfiguration('Macros.Mode', 'Off');
    await world.roomd('backup');
    expect(await readFile(join(world.folder, 'backups/sim-1/about.yaml'), 'utf8')).toContain(
      'kept: [macros]',
    );
    state.setConfiguration('Macros.Mode', 'On');
    state.content.macros.set('extra', { name: 'extra', source: '// extra\n', active: false });
    const { out } = await world.roomd('restore', 'sim-1', '--yes', '--force', '--prune', '--json');
    expect(JSON.parse(out)).toMatchObject({
      changes: [{ path: 'Macros.Mode' }],
      hints: expect.arrayContaining([expect.stringMatching(/^macros are left as they are/)]),
    });
    expect([...state.content.macros.keys()]).toEqual(['extra']);
  });

  test('says where the fleet file names another, and of a file that somebody broke where', async () => {
    const { world } = await backedUp();
    await writeFile(join(world.folder, 'lights.js'), '// another\n');
    const file = join(world.folder, 'fleet.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace('credentials: roomd', 'credentials: roomd, deviceMacros: [lights.js]'),
    );
    const { out } = await world.asked(false, 'restore', 'sim-1');
    expect(out).toMatch(/the fleet file names the device macro lights and the backup has another/);
    await writeFile(join(world.folder, 'backups/sim-1/panels/help%2Fme.xml'), '<Extensions/>');
    const broken = await world.roomd('restore', 'sim-1', '--yes');
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/help%2Fme\.xml holds 0 panels/)]);
  });
});

async function start(
  devices: readonly SimulatedDeviceSpec[],
  setting?: string,
  settings: Partial<SimulatorSettings> = quick,
): Promise<{ world: CliWorld; simulator: Simulator }> {
  const simulator = await startSimulator({ devices, username: 'admin', password: PASSWORD, settings });
  const world = await cliWorld({ ROOM_PASSWORD: PASSWORD });
  open.push({ close: () => simulator.stop() }, world);
  const lines = simulator.devices.map(
    ({ name, host, port }) => `  - { name: ${name}, host: "${host}:${port}" }`,
  );
  await writeFile(
    join(world.folder, 'fleet.yaml'),
    [
      'version: 1',
      'credentials: { roomd: { username: admin, password: "${env:ROOM_PASSWORD}" } }',
      `defaults: { credentials: roomd${setting === undefined ? '' : `, configuration: { ${setting} }`} }`,
      'devices:',
      ...lines,
      '',
    ].join('\n'),
  );
  return { world, simulator };
}

function savePanel(state: DeviceState, id: string, inner: string): void {
  const body = `<Extensions><Version>1.11</Version><Panel><PanelId>${id}</PanelId>${inner}</Panel></Extensions>`;
  const { kind } = state.command('UserInterface.Extensions.Panel.Save', { PanelId: id }, { body });
  if (kind !== 'ok') throw new Error(`the panel ${id} was not taken: ${kind}`);
}

function states(out: string): Record<string, string> {
  const { devices } = JSON.parse(out) as { devices: { name: string; state: string }[] };
  return Object.fromEntries(devices.map(({ name, state }) => [name, state]));
}

async function git(world: CliWorld, folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: join(world.folder, folder) });
  return stdout;
}
