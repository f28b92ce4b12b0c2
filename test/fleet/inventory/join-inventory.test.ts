import { describe, expect, it } from 'vitest';
import { sections } from '../../../src/daemon/sections.ts';
import type { PulledDevice } from '../../../src/fleet/inventory/pulled.ts';
import { lines, loadText, NOW } from '../load-text.ts';
import { pulledDevice } from './found-device.ts';

const HEAD = `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd, tls: ca }
systems: { cucm: { url: "https://cucm.example.com:8443", username: axl, password: "\${env:PW}" } }
inventory:
  cucm: { tags: { site: "{{location}}", pool: "{{devicePool}}" }, removeAfter: 30d }
`;

const load = (text: string, devices: readonly PulledDevice[] = []) =>
  loadText(text, { env: { PW: 'pw' }, inventory: async () => devices });

async function devicesOf(text: string, pulled: readonly PulledDevice[]) {
  const { fleet, problems } = await load(text, pulled);
  if (fleet === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return fleet.devices.map(({ name, host, port, kind, mac, tags }) => ({
    name,
    at: `${host}:${port}`,
    kind,
    mac,
    tags,
  }));
}

describe('devices that were pulled', () => {
  it('stand in the fleet as if the file named them, with tags, and layers hold for them', async () => {
    const text = `${HEAD}layers: [{ name: boards, devices: kind=board & source=cucm, configuration: { Standby.Delay: 30 } }]
devices: [{ name: hall, host: 10.9.9.9 }]`;
    const pulled = [pulledDevice(1), pulledDevice(2, { product: 'Cisco Webex Board Pro 75' })];
    const loaded = await load(text, pulled);
    expect(lines(loaded)).toEqual([]);
    const tags = { source: 'cucm', site: 'Oslo 3', pool: 'DP-Oslo' };
    expect(await devicesOf(text, pulled)).toEqual([
      { name: 'hall', at: '10.9.9.9:443', kind: null, mac: undefined, tags: {} },
      { name: 'room-1', at: '10.0.0.1:443', kind: 'room', mac: '00:00:00:00:00:01', tags },
      { name: 'room-2', at: '10.0.0.2:443', kind: 'board', mac: '00:00:00:00:00:02', tags },
    ]);
    const board = loaded.fleet?.devices.at(-1);
    expect([...(board?.configuration.values() ?? [])].map(({ value }) => value)).toEqual(['30']);
    expect(board?.place).toMatchObject({ line: 6, column: 3 });
  });

  it('are the device of the file with the same MAC address or address: the file wins, the address is filled in', async () => {
    const text = `${HEAD}devices:
  - { name: boardroom, mac: SEP000000000001, tags: { site: hq } }
  - { name: hall, host: "10.0.0.2:8443", kind: desk }`;
    expect(await devicesOf(text, [pulledDevice(1), pulledDevice(2), pulledDevice(3)])).toMatchObject([
      { name: 'boardroom', at: '10.0.0.1:443', kind: 'room', tags: { site: 'hq', pool: 'DP-Oslo' } },
      { name: 'hall', at: '10.0.0.2:8443', kind: 'desk', mac: '00:00:00:00:00:02' },
      { name: 'room-3' },
    ]);
    const { fleet } = await load(text, [pulledDevice(1, { name: 'sep-1' })]);
    expect(fleet?.devices.map(({ formerly }) => formerly)).toEqual(['sep-1', null]);
    const moved = `${HEAD}devices: [{ name: hall, host: 10.0.0.7, mac: "00:00:00:00:00:01" }]`;
    expect(lines(await load(moved, [pulledDevice(1)]))).toEqual([
      expect.stringContaining('Unified CM has hall at 10.0.0.1; the file wins'),
    ]);
  });

  it('never make the file invalid: what cannot be told apart or reached is left out and told of', async () => {
    const head = HEAD.replace('{{devicePool}}', '{{description}}');
    const text = `${head}devices: [{ name: room-1, host: 10.9.9.9 }, { name: later, mac: "00:00:00:00:00:77" }]`;
    const pulled = [
      pulledDevice(1),
      pulledDevice(2, { address: null }),
      pulledDevice(3, { address: '10.0.0.4', isRegistered: false }),
      pulledDevice(4, { description: '${env:HOME}\u0007' }),
      pulledDevice(5, { address: '10.9.9.9' }),
    ];
    // The last has the address of the file's own room-1, and so is that.
    expect((await devicesOf(text, pulled)).map(({ name, at, tags }) => [name, at, tags['pool']])).toEqual([
      ['room-1', '10.9.9.9:443', 'Room 5'],
      ['room-1-0001', '10.0.0.1:443', 'Room 1'],
      ['room-4', '10.0.0.4:443', '{env:HOME}'],
    ]);
    const told = lines(await load(text, pulled));
    expect(told).toHaveLength(3);
    expect(told.join('\n')).toMatch(/the address of later is not known/);
    expect(told.join('\n')).toMatch(/room-2 has no address that Unified CM knows of, and is left out/);
    expect(told.join('\n')).toMatch(
      /room-3 \(10\.0\.0\.4\) has an address that another device of the fleet has/,
    );
  });

  it('leave out a device of the file, too, whose address is another’s', async () => {
    const text = `${HEAD}devices:
  - { name: hall, host: 10.0.0.1 }
  - { name: lab, mac: SEP000000000002 }
  - { name: den, mac: SEP000000000003 }
  - { name: six, mac: SEP000000000004 }`;
    const pulled = [
      pulledDevice(2, { address: '10.0.0.1' }),
      pulledDevice(3),
      pulledDevice(4, { address: '2001:db8::4' }),
      pulledDevice(5, { address: '10.0.0.3', isRegistered: false }),
    ];
    expect((await devicesOf(text, pulled)).map(({ name, at }) => [name, at])).toEqual([
      ['hall', '10.0.0.1:443'],
      ['den', '10.0.0.3:443'],
      ['six', '[2001:db8::4]:443'],
    ]);
    expect(lines(await load(text, pulled))).toEqual([
      expect.stringContaining(
        'lab (10.0.0.1) and 1 more have an address that another device of the fleet has',
      ),
    ]);
  });

  it('are not taken for a device of the file by an address that they have given up', async () => {
    const text = `${HEAD}devices: [{ name: hall, host: 10.0.0.1 }]`;
    for (const given of [{ isRegistered: false }, { goneSinceAt: NOW }])
      expect(await devicesOf(text, [pulledDevice(1, given)])).toMatchObject([{ name: 'hall', tags: {} }]);
  });

  it('stay when their system no longer has them, until removeAfter', async () => {
    const text = `${HEAD}devices: []`;
    const day = 86_400_000;
    const pulled = [
      pulledDevice(1, { goneSinceAt: NOW - 29 * day }),
      pulledDevice(2, { goneSinceAt: NOW - 30 * day }),
    ];
    expect((await devicesOf(text, pulled)).map(({ name }) => name)).toEqual(['room-1']);
    const loaded = await load(text, pulled);
    expect(loaded.fleet?.nextChangeAt).toBe(NOW + day);
    expect(lines(loaded)).toEqual([
      expect.stringContaining(
        'room-1 is no longer in Unified CM since 2026-10-25T12:00:00.000Z: such a device stays',
      ),
    ]);
  });

  it('may be what macros, rollouts, alerts and backups ask for before anything was pulled', async () => {
    const text = `${HEAD}devices: [{ name: hall, host: 10.9.9.9 }]
macros: [{ name: chime, when: { schedule: "0 8 * * *" }, devices: site=oslo, steps: [{ wait: 1s }] }]
rollout: { canary: room-7, rings: [site=oslo, site=bergen], soak: 10m }
alerts: { siteOutage: { by: site }, maintenance: [{ devices: floor=3, schedule: "0 8 * * *", for: 1h, reason: x }] }
backups: { to: ../room-backups, schedule: "0 3 * * *", devices: site=oslo }
`;
    const { fleet, problems } = await loadText(text, { env: { PW: 'pw' }, sections });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(problems.length).toBeGreaterThan(4);
    expect(fleet?.devices).toHaveLength(1);
    const without = text.replace(/inventory:\n.*\n/, '');
    expect(lines(await loadText(without, { env: { PW: 'pw' }, sections })).join('\n')).not.toContain(
      'warning: no device',
    );
  });

  it('count in what is approved', async () => {
    const text = `${HEAD}devices: []`;
    const print = async (...pulled: PulledDevice[]) => (await load(text, pulled)).fleet?.fingerprint;
    expect(await print(pulledDevice(1))).toBe(await print(pulledDevice(1, { isRegistered: false })));
    expect(await print(pulledDevice(1))).not.toBe(await print(pulledDevice(1, { address: '10.0.0.9' })));
  });
});

const problemsOf = async (text: string) => lines(await load(text)).join('\n');

describe('the section inventory', () => {
  it('needs the system, credentials for what comes, and templates that ask for what is known', async () => {
    const bare = 'version: 1\ninventory: { cucm: { name: "{{room}}" } }\ndevices: []\n';
    expect(await problemsOf(bare)).toContain(
      '"{{room}}" is nothing that is known of a device: there are name, mac,',
    );
    const empty = await problemsOf('version: 1\ninventory: { cucm: {} }\ndevices: []\n');
    expect(empty).toContain('where Unified CM is and how roomd logs in to it is missing');
    expect(empty).toContain('devices that are pulled have no credentials');
  });

  it('is what lets a device do without host', async () => {
    const without = HEAD.replace(/inventory:[\s\S]*/, '');
    expect(await problemsOf(`${without}devices: [{ name: hall, mac: "00:11:22:33:44:55" }]`)).toContain(
      'nothing is pulled that could tell the address',
    );
    expect(await problemsOf(`${HEAD}devices: [{ name: hall }]`)).toContain(
      '"host" is missing. Write for example',
    );
    const twice = `${HEAD}devices: [{ name: a, host: 10.0.0.1, mac: SEP001122334455 }, { name: b, host: 10.0.0.2, mac: 0011.2233.4455 }]`;
    expect(await problemsOf(twice)).toContain('00:11:22:33:44:55 is the MAC address of a on line 7, too');
  });
});
