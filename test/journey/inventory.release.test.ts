import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { getDevice, listDevices } from '../../src/actions/devices.ts';
import { forgetInventory, listInventory, planInventory, pullInventory } from '../../src/actions/inventory.ts';
import { plan } from '../../src/actions/plan.ts';
import type { CucmStandIn } from '../../src/simulator/cloud/cucm.ts';
import { seedPhones } from '../../src/simulator/cloud/cucm-seed.ts';
import { startWebexStandIn, type WebexStandIn } from '../../src/simulator/cloud/webex.ts';
import { cliWorld } from '../cli/cli-world.ts';
import { CUCM_LOGIN, cucmWorld } from '../support/cucm.ts';
import { cloudDevice } from '../support/webex-devices.ts';
import { eventually, fleetText, PASSWORD, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const world = cucmWorld();
const env = { ROOM_PASSWORD: PASSWORD, CUCM_PASSWORD: CUCM_LOGIN.password };

const ADMIN = {
  personId: 'admin',
  email: 'admin@example.com',
  displayName: 'Admin',
  type: 'person',
} as const;

/** Devices that nobody answers for are seldom asked. */
const TIMING =
  '{ sweep: 60s, drift: 60s, slotCheck: 60s, connect: 10s, request: 20s, ping: 60s, retryFirst: 60s, retryMost: 120s }';

/** Five hundred endpoints and forty phones; the first endpoint is the simulated device, the rest are nobody. */
function cluster() {
  return seedPhones({ seed: 11, videoEndpoints: 500, phones: 40, firstAddress: '127.9.0.1' }).map(
    (phone, at) => (at === 0 ? { ...phone, ipAddress: '127.0.0.1' } : phone),
  );
}

/** A folder with the authority of the stand-in, and a fleet whose one device is known by its MAC address alone. */
function fleetOn(standIn: CucmStandIn, { mac, port }: { mac: string; port: number }) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'certs'));
  writeFileSync(join(folder, 'certs/cucm.pem'), standIn.certificate);
  const text = fleetText({
    devices: [{ name: 'lab', port }],
    mode: 'enforce',
    configuration: { 'Audio.DefaultVolume': '70' },
    timing: TIMING,
    more: `systems:
  cucm:
    url: ${standIn.url}
    tls: { ca: certs/cucm.pem }
    username: ${CUCM_LOGIN.username}
    password: "\${env:CUCM_PASSWORD}"
inventory:
  cucm:
    every: 1h
    name: "{{description}}"
    tags: { site: "{{devicePool}}" }
    port: ${port}`,
  });
  return { folder, text: text.replace(`host: "127.0.0.1:${port}"`, `mac: ${mac}`) };
}

/** Both systems, and two devices that the file knows by a MAC address and by a serial number. */
function fleetOnBoth(standIn: CucmStandIn, webex: WebexStandIn, { port }: { port: number }) {
  const { folder, text } = fleetOn(standIn, { mac: 'SEP0000000000FF', port });
  const both = text
    .replace('systems:\n', `systems:\n  webex: { url: "${webex.url}", token: "\${env:WEBEX}" }\n`)
    .replace('inventory:\n', 'inventory:\n  webex: { select: { tags: [meeting] }, tags: { site: cloud } }\n')
    .replace(/ {2}- \{ name: lab.*/, '  - { name: lab, serial: FOC00000001 }');
  return { folder, text: both };
}

describe('Devices of Unified CM and of Webex', () => {
  test('are pages of one plan, the same unit once, and a page that fails changes nothing', async () => {
    // Here the simulated device is one of the cloud.
    const phones = cluster().slice(1, 60);
    const standIn = await world.standIn({ phones });
    const endpoints = standIn.state.list().filter(({ product }) => product.includes('Webex'));
    const shared = endpoints
      .slice(0, 5)
      .map(({ name }, at) =>
        cloudDevice(200 + at, { mac: (name.slice(3).match(/../g) ?? []).join(':'), tags: ['meeting', 'a'] }),
      );
    const own = Array.from({ length: 120 }, (_, at) => cloudDevice(at + 1));
    const webex = await startWebexStandIn({
      tokens: { 'admin-token': ADMIN },
      pageSize: 50,
      devices: [...own, ...shared, cloudDevice(230, { ip: null }), cloudDevice(231, { type: 'phone' })],
    });
    onTestFinished(() => webex.stop());
    const { devices } = await simulated([{ name: 'lab' }]);
    const [port = 443] = devices.map((device) => device.port);
    webex.devices[0] = cloudDevice(1, { ip: '127.0.0.1' });
    const { text, folder } = fleetOnBoth(standIn, webex, { port });
    const { act, get } = await runDaemon(
      text.replace('{ select: { tags', `{ port: ${port}, select: { tags`),
      {
        folder,
        env: { ...env, WEBEX: 'admin-token' },
      },
    );

    const whole = 120 + endpoints.length;
    await eventually(async () => {
      expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(whole);
    }, 30_000);
    expect(webex.requests().filter(({ path }) => path.includes('start=50'))).toHaveLength(1);
    expect(await act(getDevice, { name: 'lab' })).toMatchObject({ host: `127.0.0.1:${port}` });
    const planned = await act(plan);
    expect(planned.summary.devices).toBe(whole);
    expect(planned.devices.find(({ name }) => name === 'lab')?.state).toBe('drift');

    const { items, sources } = await act(listInventory);
    const of = (mac: string | null) => items.filter((item) => item.mac === mac);
    expect(sources.map(({ source, failing }) => [source, failing])).toEqual([
      ['cucm', null],
      ['webex', null],
    ]);
    for (const { mac } of shared) expect(new Set(of(mac).map(({ device }) => device)).size).toBe(1);
    expect(of(shared[0]?.mac ?? '').map(({ source }) => source)).toEqual(['cucm', 'webex']);
    expect(items.find(({ serial }) => serial === 'FOC00000230')).toMatchObject({
      device: null,
      address: null,
    });

    const [gone] = webex.devices.splice(40, 1);
    webex.fail({ status: 500, times: 1, path: 'start=100' });
    expect(await act(pullInventory)).toMatchObject({
      failed: [{ source: 'webex', reason: expect.stringContaining('failed with 500') }],
    });
    expect((await act(listInventory)).items.filter(({ goneSince }) => goneSince !== null)).toEqual([]);
    expect((await get('/readyz')).status).toBe(200);
    expect((await act(planInventory)).changes).toMatchObject([
      { kind: 'gone', device: { source: 'webex', serial: gone?.serial } },
    ]);
    await act(pullInventory);
    expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(whole);
    await act(forgetInventory, { device: gone?.serial ?? '' });
    await eventually(async () => {
      expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(whole - 1);
    }, 20_000);
  }, 120_000);
});

describe('Devices of Unified CM', () => {
  test('five hundred of them come into the plan, and nothing that goes wrong there takes one out', async () => {
    const phones = cluster();
    const standIn = await world.standIn({ phones });
    const simulator = await simulated([{ name: 'lab' }]);
    const lab = simulator.device('lab');
    const { text, folder } = fleetOn(standIn, { mac: phones[0]?.name ?? '', port: lab.port });
    const { act, get, log } = await runDaemon(text, { folder, env });

    await eventually(async () => {
      expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(500);
    }, 30_000);
    const { items } = await act(listInventory);
    expect(items).toHaveLength(500);
    expect(items.filter(({ device }) => device === null)).toEqual([]);
    expect(await act(getDevice, { name: 'lab' })).toMatchObject({ host: `127.0.0.1:${lab.port}` });

    await eventually(() => expect(lab.sockets).toBe(1), 30_000);
    const { devices, summary } = await act(plan);
    expect(summary.devices).toBe(500);
    expect(devices.find(({ name }) => name === 'lab')?.state).toBe('drift');
    // Also where roomd enforces, nothing is written that nobody approved.
    expect(lab.state.configuration('Audio.DefaultVolume')).toBe('50');

    await pullBreaksOff(standIn, { act, get });
    await deviceMoves(standIn, { act });
    await deviceGoes(standIn, { act });
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  }, 120_000);

  test('are shown by the command line before they are taken in, and failures are told in a sentence', async () => {
    const standIn = await world.standIn();
    const { text, folder } = fleetOn(standIn, { mac: 'SEP0000000000FF', port: 443 });
    const cli = await cliWorld(env);
    onTestFinished(() => cli.close());
    const fleet = join(folder, 'fleet.yaml');
    writeFileSync(fleet, text);
    const roomd = (...argv: string[]) => cli.roomd('--fleet', fleet, ...argv);

    const shown = await roomd('inventory', 'pull', '--plan');
    expect([shown.code, shown.out.split('\n').at(-1)]).toEqual([
      3,
      '20 changes over 20 devices; nothing was kept.',
    ]);
    expect((await roomd('inventory')).out).toContain('Nothing was pulled yet');
    expect((await roomd('inventory', 'pull')).code).toBe(0);
    const list = await roomd('inventory', 'list', '--json');
    expect((JSON.parse(list.out) as { items: unknown[] }).items).toHaveLength(20);
    expect((await roomd('validate')).out).toContain('is valid: 20 devices.');

    standIn.trouble({ kind: 'forbidden', times: 1 });
    const refused = await roomd('inventory', 'pull');
    expect([refused.code, refused.err.split('\n').at(-1)]).toEqual([
      1,
      'roomd: listPhone was answered with 403: the user lacks a role: "Standard AXL API Access" for AXL, "Standard CCM Server Monitoring" for RISPort70',
    ]);
    expect((await roomd('inventory')).out).toMatch(
      /Unified CM: pulling has failed since .* \(1 attempt\): listPhone was/,
    );
  }, 60_000);
});

type Act = Awaited<ReturnType<typeof runDaemon>>['act'];

async function pullBreaksOff(
  standIn: CucmStandIn,
  { act, get }: Pick<Awaited<ReturnType<typeof runDaemon>>, 'act' | 'get'>,
): Promise<void> {
  const [first] = standIn.state.list().filter(({ product }) => product.includes('Webex'));
  if (first === undefined) throw new Error('the cluster is empty');
  standIn.state.remove(first.name);
  standIn.trouble({ kind: 'drop', operation: 'listRegistrationDynamic', times: 1 });
  await expect(act(pullInventory)).rejects.toMatchObject({ code: 'unreachable' });
  standIn.state.put(first);
  expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(500);
  const { sources, items } = await act(listInventory);
  expect(sources).toMatchObject([
    { failing: { attempts: 1, reason: expect.stringContaining('did not reach Unified CM') } },
  ]);
  expect(items.filter(({ goneSince }) => goneSince !== null)).toEqual([]);
  const health = (await (await get('/healthz')).json()) as {
    parts: { part: string; reason: string | null }[];
  };
  expect(health.parts.find(({ part }) => part === 'inventory')?.reason).toMatch(
    /^Unified CM cannot be pulled since 20.*did not reach Unified CM/,
  );
  expect((await get('/readyz')).status).toBe(200);
  expect(await act(pullInventory)).toMatchObject({ devices: 500, changes: [] });
}

async function deviceMoves(standIn: CucmStandIn, { act }: { act: Act }): Promise<void> {
  const { items } = await act(listInventory);
  const moving = items.find(({ address }) => address === '127.9.0.7');
  const phone = standIn.state.list().find(({ ipAddress }) => ipAddress === '127.9.0.7');
  if (moving?.device == null || phone === undefined) throw new Error('nothing is at 127.9.0.7');
  standIn.state.put({ ...phone, ipAddress: '127.8.0.7' });
  const before = await act(getDevice, { name: moving.device });
  expect((await act(planInventory)).changes).toMatchObject([
    { kind: 'changed', what: ['address: 127.9.0.7 → 127.8.0.7'] },
  ]);
  await act(pullInventory);
  await eventually(async () => {
    const { host } = await act(getDevice, { name: moving.device ?? '' });
    expect(host).toBe(before.host.replace('127.9.', '127.8.'));
  }, 20_000);
}

async function deviceGoes(standIn: CucmStandIn, { act }: { act: Act }): Promise<void> {
  const { items } = await act(listInventory);
  const leaving = items.find(({ address }) => address === '127.9.0.9');
  if (leaving?.device == null) throw new Error('nothing is at 127.9.0.9');
  standIn.state.remove(`SEP${leaving.mac?.replaceAll(':', '') ?? ''}`);
  expect((await act(pullInventory)).changes).toMatchObject([{ kind: 'gone' }]);
  expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(500);
  await act(forgetInventory, { device: leaving.name });
  await eventually(async () => {
    expect((await act(listDevices, { limit: 1000 })).items).toHaveLength(499);
  }, 20_000);
}
