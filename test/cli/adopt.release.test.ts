import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { isSecretPath } from '../../src/fleet/secret-paths.ts';
import { secretSource } from '../../src/fleet/secret-ref.ts';
import { settingIndex } from '../../src/schema/path-index.ts';
import type { DeviceModel } from '../../src/simulator/model.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { modelFromSchema } from '../../src/simulator/models/from-schema.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { quick } from '../../src/simulator/settings.ts';
import { hasFixtures, type Version, vendorSchema, vendorText } from '../schema/vendor-files.ts';
import { alteredSettings } from '../support/altered-settings.ts';
import { type CliWorld, cliWorld } from './cli-world.ts';

const PASSWORD = 'correct-horse-9';
const LOGIN = ['--user', 'admin', '--password-env', 'ROOM_PASSWORD'] as const;

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

/** Version, products (null: all), and whether its schema is imported before. */
const ADOPTED: [Version, string[] | null, boolean][] = [
  ['26.4.1', null, true],
  ['11.27.2.0', ['havella', 'darling_10_55', 'svea_55d'], false],
  ['9.15.17.4', ['hopen', 'polaris'], true],
];

describe('adopt, then plan', () => {
  test('shows no change for a device of every built-in model, whatever its people have set', async () => {
    const { world, hosts } = await start([
      { name: 'board', model: builtInModels.board, configuration: { 'SystemUnit.Name': 'Board: "3rd" #1' } },
      { name: 'room', model: builtInModels.room, configuration: { 'SystemUnit.Name': 'Møterom Ås' } },
      { name: 'desk', model: builtInModels.desk, configuration: { 'Audio.DefaultVolume': '12' } },
      { name: 'old', model: builtInModels['room-ce9'], configuration: { 'SystemUnit.Name': '${env:HOME}' } },
    ]);
    expect(await afterAdoption(world, hosts)).toEqual([]);
    expect(await afterAdoption(world, hosts, '--all', '--force')).toEqual([]);
  });

  test('keeps whatever people have set on a built-in model', async () => {
    const { devices, altered } = alteredDevices(Object.entries(builtInModels), 2);
    const { world, hosts, simulator } = await start(devices);
    expect(await afterAdoption(world, hosts, '--all')).toEqual([]);
    expect(await heldOtherwise(world, { simulator, altered })).toEqual([]);
    expect(await judged(world)).toEqual([]);
  });

  // Nearly the whole tree of each product, with its schema imported and without.
  test.skipIf(!hasFixtures).each(ADOPTED)(
    'keeps what people have set on products of the vendor schema %s: %s',
    async (version, products, isImported) => {
      const schema = vendorSchema(version);
      const models = (products ?? schema.products).map(
        (product) => [product, modelFromSchema(schema.product(product))] as const,
      );
      const { devices, altered } = alteredDevices(models, 12);
      const { world, hosts, simulator } = await start(devices);
      if (isImported) await importSettings(world, version, hosts);
      expect(await afterAdoption(world, hosts, ...(isImported ? [] : ['--all']), '--force')).toEqual([]);
      expect(await heldOtherwise(world, { simulator, altered })).toEqual([]);
      expect(await judged(world)).toEqual([]);
    },
    60_000,
  );
});

test.skipIf(!hasFixtures)(
  'with the schema of the vendor at hand, the file holds only what differs from the defaults',
  async () => {
    const version = '26.4.1';
    const schema = vendorSchema(version);
    const { world, hosts, simulator } = await start(
      ['brooklyn', 'octavio', 'helix_55'].map((product) => ({
        name: product,
        model: modelFromSchema(schema.product(product)),
      })),
    );
    simulator.device('octavio').state.setConfiguration('Audio.DefaultVolume', '31');
    expect(await afterAdoption(world, hosts)).toEqual([]);
    await writeFile(join(world.folder, `${version}.json`), vendorText(version));
    const imported = await world.roomd('schema', 'import', '--fleet', 'adopted.yaml', `${version}.json`);
    expect([imported.code, imported.err]).toEqual([0, '']);
    const { out } = await world.roomd('adopt', ...hosts, ...LOGIN, '--force', '--json');
    const { devices } = JSON.parse(out) as { devices: { settings: number }[] };
    // The simulated device makes up a default where the schema names none.
    for (const { settings } of devices) expect(settings).toBeLessThan(100);
    const text = await readFile(join(world.folder, 'adopted.yaml'), 'utf8');
    expect(text.match(/Audio\.DefaultVolume: /g)).toEqual(['Audio.DefaultVolume: ']);
    expect(text).toContain('Audio.DefaultVolume: 31');
    expect((await world.roomd('plan', '--fleet', 'adopted.yaml')).code).toBe(0);
  },
);

describe('the file', () => {
  test('says once what rooms have in common, names what was seen, and never holds a hidden value', async () => {
    const rooms = ['Oslo 1', 'Oslo 2', 'Oslo 3', 'Oslo 1'].map((name, at) => ({
      name: `sim-${at + 1}`,
      model: builtInModels.room,
      configuration: {
        'SystemUnit.Name': name,
        'Time.Zone': at === 3 ? 'America/New_York' : 'Europe/Oslo',
        'Standby.Delay': '45',
        'SIP.Authentication.Password': 'sesame-open',
      },
    }));
    const { world, hosts, simulator } = await start(rooms);
    simulator.device('sim-1').state.content.savePanel({ id: 'help', xml: '', fields: { Name: 'Help' } });
    const { code } = await world.roomd('adopt', ...hosts, ...LOGIN);
    expect(code).toBe(0);
    const text = await readFile(join(world.folder, 'adopted.yaml'), 'utf8');
    expect(text).toContain('roomd: { username: admin, password: "${env:ROOM_PASSWORD}" }');
    expect(text.match(/Standby\.Delay: 45/g)).toHaveLength(1);
    expect(text).toMatch(/defaults:\n {2}credentials: roomd\n {2}timezone: Europe\/Oslo\n/);
    expect(text).toMatch(
      /name: oslo-1\n[^]*name: oslo-2\n[^]*name: oslo-3\n[^]*name: oslo-1-2\n[^]*timezone: America\/New_York/,
    );
    expect(text).toContain(`tls: { pin: "SHA256:${simulator.device('sim-2').fingerprint256}" }`);
    expect(text).toContain(`serial number ${simulator.device('sim-3').serial}`);
    expect(text).toContain('hidden by the device, not in this file: ');
    expect(text).toContain('SIP.Authentication.Password');
    expect(text).toContain('panels on the device, not in this file: help');
    expect(text).not.toContain('sesame-open');
    expect(text).not.toContain(PASSWORD);
  });

  test('takes names and tags from a CSV file, and the reference that it is told to write', async () => {
    const { world, hosts } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    await writeFile(join(world.folder, 'rooms.csv'), `host,name,site\n${hosts[0]},corner,oslo\n`);
    const { code } = await world.roomd(
      'adopt',
      '--csv',
      'rooms.csv',
      ...LOGIN,
      '--credential',
      'room-password',
    );
    expect(code).toBe(0);
    const text = await readFile(join(world.folder, 'adopted.yaml'), 'utf8');
    expect(text).toContain('name: corner');
    expect(text).toContain('tags: { site: oslo }');
    expect(text).toContain('"${credential:room-password}"');
  });

  test('that is there stays as it is, unless --force replaces it', async () => {
    const { world, hosts } = await start([{ name: 'sim-1', model: builtInModels.desk }]);
    await writeFile(join(world.folder, 'adopted.yaml'), 'mine');
    const refused = await world.roomd('adopt', ...hosts, ...LOGIN);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('already there')]);
    expect(await readFile(join(world.folder, 'adopted.yaml'), 'utf8')).toBe('mine');
    expect((await world.roomd('adopt', ...hosts, ...LOGIN, '--force')).code).toBe(0);
    expect(await readFile(join(world.folder, 'adopted.yaml'), 'utf8')).toContain('version: 1');
  });
});

describe('a device that cannot be read', () => {
  test('is a row and a comment, and the others are finished', async () => {
    const { world, hosts, simulator } = await start([
      { name: 'sim-1', model: builtInModels.room },
      { name: 'sim-2', model: builtInModels.room, wrongPassword: true },
      { name: 'sim-3', model: builtInModels.room, offline: true },
    ]);
    const { code, out } = await world.roomd('adopt', ...hosts, ...LOGIN, '--json');
    expect(code).toBe(1);
    const { devices } = JSON.parse(out) as { devices: { name: string | null; reason: string | null }[] };
    expect(devices.map(({ name }) => name === null)).toEqual([false, true, true]);
    expect(devices[1]?.reason).toMatch(/refused the user name or password/);
    const text = await readFile(join(world.folder, 'adopted.yaml'), 'utf8');
    expect(text).toMatch(/# Not read, so not here:\n#.*refused[^]*#.*127\.0\.0\.1/);
    const again = await world.roomd('adopt', hosts[1] ?? '', ...LOGIN, '--force');
    expect(again.out).toMatch(/give --retry-login/);
    expect(simulator.device('sim-2').failedLogins).toBe(1);
  });

  test('which is the only one leaves no file behind', async () => {
    const { world, hosts } = await start([{ name: 'sim-1', model: builtInModels.room, offline: true }]);
    const { code, out } = await world.roomd('adopt', ...hosts, ...LOGIN);
    expect([code, out]).toEqual([1, expect.stringContaining('adopted.yaml was not written')]);
    await expect(readFile(join(world.folder, 'adopted.yaml'))).rejects.toThrow('ENOENT');
  });
});

test.each([
  [['adopt', ...LOGIN], /name the devices/],
  [['adopt', '10.0.0.1'], /--user/],
  [['adopt', '10.0.0.1', '--user', 'admin'], /never stands on the command line/],
  [['adopt', '10.0.0.1', '--user', 'admin', '--password-env', 'NOT_SET'], /NOT_SET is not set/],
  [['adopt', 'https://10.0.0.1/', ...LOGIN], /this is a URL/],
  [['adopt', '--csv', 'none.csv', ...LOGIN], /cannot be read/],
])('wrong usage is told before anything is contacted: %j', async (argv, sentence) => {
  const world = await cliWorld({ ROOM_PASSWORD: PASSWORD });
  open.push(world);
  const { code, err } = await world.roomd(...argv);
  expect([code, err]).toEqual([2, expect.stringMatching(sentence)]);
});

/** The settings of a vendor's file, without what makes it long to read. */
async function importSettings(world: CliWorld, version: Version, hosts: readonly string[]): Promise<void> {
  const { objects } = JSON.parse(vendorText(version)) as { objects: { type: string }[] };
  const settings = objects.filter(({ type }) => type === 'Configuration');
  await writeFile(join(world.folder, `${version}.json`), JSON.stringify({ objects: settings }));
  // The database lies beside the file that is adopted.
  expect((await world.roomd('adopt', hosts[0] ?? '', ...LOGIN)).code).toBe(0);
  const { code } = await world.roomd('schema', 'import', '--fleet', 'adopted.yaml', `${version}.json`);
  expect(code).toBe(0);
}

/** What the adopted file says otherwise than the devices hold, and what people have set that it does not say. */
async function heldOtherwise(
  world: CliWorld,
  { simulator, altered }: { simulator: Simulator; altered: Altered },
): Promise<string[]> {
  const { fleet } = await loadFleet(join(world.folder, 'adopted.yaml'), {
    secrets: secretSource({ ROOM_PASSWORD: PASSWORD }),
    sections: [],
  });
  const byPort = new Map(fleet?.devices.map((device) => [device.port, device.configuration]));
  return simulator.devices.flatMap(({ name, port, state }) => {
    const said = byPort.get(port) ?? new Map();
    const wrong = [...said.values()].filter(({ path, value }) => state.configuration(path) !== value);
    const missing = Object.keys(altered[name] ?? {}).filter((path) => !said.has(path));
    return [
      ...wrong.map(({ path }) => `${name} holds another ${path}`),
      ...missing.map((path) => `${name} ${path}`),
    ];
  });
}

/** What validate and lint have against the adopted file. */
async function judged(world: CliWorld): Promise<unknown[]> {
  const valid = await world.roomd('validate', '--fleet', 'adopted.yaml');
  const linted = await world.roomd('lint', '--fleet', 'adopted.yaml', '--json');
  const { findings, summary } = JSON.parse(linted.out) as {
    findings: { level: string; message: string }[];
    summary: { devices: number; checked: number };
  };
  return [
    ...(valid.code === 0 ? [] : [valid.out]),
    ...(linted.code === 0 ? [] : findings.filter(({ level }) => level === 'error')),
    ...(summary.checked === summary.devices ? [] : [summary]),
  ];
}

/** By device, what people have set and a file may show. */
type Altered = Readonly<Record<string, Readonly<Record<string, string>>>>;

function alteredDevices(models: readonly (readonly [string, DeviceModel])[], oneOf: number) {
  const devices = models.map(([name, model], at) => ({
    name,
    model,
    configuration: alteredSettings(model.schema, { seed: at, oneOf }),
  }));
  const altered: Altered = Object.fromEntries(
    devices.map(({ name, model, configuration }) => {
      const index = settingIndex(model.schema);
      const shown = Object.entries(configuration).filter(([path]) => {
        const found = index.find(path);
        if (found.outcome !== 'found' || isSecretPath(path)) return false;
        // What the account may not write back is named in a comment.
        return !found.spec.hidden && found.spec.roles.includes('Admin');
      });
      return [name, Object.fromEntries(shown)];
    }),
  );
  return { devices, altered };
}

async function start(
  devices: readonly SimulatedDeviceSpec[],
): Promise<{ world: CliWorld; simulator: Simulator; hosts: string[] }> {
  const simulator = await startSimulator({ devices, username: 'admin', password: PASSWORD, settings: quick });
  const world = await cliWorld({ ROOM_PASSWORD: PASSWORD });
  open.push({ close: () => simulator.stop() }, world);
  return { world, simulator, hosts: simulator.devices.map(({ host, port }) => `${host}:${port}`) };
}

/** Adopts the devices and plans with the file that comes of it: what the plan finds to say. */
async function afterAdoption(
  world: CliWorld,
  hosts: readonly string[],
  ...options: string[]
): Promise<unknown[]> {
  const adopted = await world.roomd('adopt', ...hosts, ...LOGIN, ...options);
  const planned = await world.roomd('plan', '--fleet', 'adopted.yaml', '--json');
  const { devices, summary } = JSON.parse(planned.out) as {
    devices: { state: string; changes: unknown[]; problems: unknown[] }[];
    summary: { inSync: number; untouched: number };
  };
  return [
    ...[adopted.code, planned.code].filter((code) => code !== 0),
    ...[adopted.err, planned.err].filter((said) => said !== ''),
    ...devices.filter(({ state }) => state !== 'in-sync'),
    ...(summary.inSync === hosts.length && summary.untouched > hosts.length ? [] : [summary]),
  ];
}
