import { describe, expect, it } from 'vitest';
import type { PulledDevice } from '../../../src/fleet/inventory/pulled.ts';
import { takeIn } from '../../../src/fleet/inventory/pulled.ts';
import { deviceNameOf } from '../../../src/fleet/inventory/template.ts';
import { lines, loadText, NOW } from '../load-text.ts';
import { foundDevice, pulledDevice } from './found-device.ts';

const HEAD = `version: 1
credentials: { roomd: { username: admin, password: "\${env:PW}" } }
defaults: { credentials: roomd, tls: ca }
systems:
  cucm: { url: "https://cucm.example.com:8443", username: axl, password: "\${env:PW}" }
  webex: { token: "\${env:PW}" }
inventory:
  cucm: { tags: { site: "{{location}}" } }
  webex: { tags: { site: "cloud", product: "{{product}}" }, port: 8443, removeAfter: 30d }
`;

const cloud = (
  n: number,
  differing: Partial<PulledDevice> & { description?: string } = {},
): PulledDevice => ({
  ...pulledDevice(n, { product: 'Cisco Board Pro 55', address: `10.1.0.${n}`, serial: `FOC0000000${n}` }),
  source: 'webex',
  ...differing,
});

async function loaded(text: string, pulled: readonly PulledDevice[]) {
  const result = await loadText(HEAD + text, { env: { PW: 'pw' }, inventory: async () => pulled });
  const devices = (result.fleet?.devices ?? []).map(({ name, host, port, mac, serial, kind, tags }) => ({
    name,
    at: `${host}:${port}`,
    mac,
    serial,
    kind,
    tags,
  }));
  return { devices, told: lines(result) };
}

describe('devices of two sources', () => {
  it('are one by MAC address: Unified CM has the last word, Webex that on the address and the serial number', async () => {
    const { devices, told } = await loaded('devices: []', [
      pulledDevice(1),
      pulledDevice(2),
      cloud(1),
      cloud(3),
    ]);
    expect(told).toEqual([]);
    expect(devices.map(({ name, at, serial }) => [name, at, serial])).toEqual([
      ['room-1', '10.1.0.1:8443', 'FOC00000001'],
      ['room-2', '10.0.0.2:443', undefined],
      ['room-3', '10.1.0.3:8443', 'FOC00000003'],
    ]);
    expect(devices.map(({ tags }) => tags)).toEqual([
      { source: 'cucm', site: 'Oslo 3', product: 'Cisco Board Pro 55' },
      { source: 'cucm', site: 'Oslo 3' },
      { source: 'webex', site: 'cloud', product: 'Cisco Board Pro 55' },
    ]);
  });

  it('have the address of the source that reaches them', async () => {
    const { devices } = await loaded('devices: []', [
      pulledDevice(1),
      cloud(1, { isRegistered: false }),
      pulledDevice(2, { isRegistered: false }),
      cloud(2),
      pulledDevice(3, { goneSinceAt: NOW }),
      cloud(3),
      pulledDevice(4, { address: '10.0.0.4' }),
      cloud(4, { address: null }),
    ]);
    expect(devices.map(({ at }) => at)).toEqual([
      '10.0.0.1:443',
      '10.1.0.2:8443',
      '10.1.0.3:8443',
      '10.0.0.4:443',
    ]);
  });

  it('are found by a serial number that only Webex knows, and become one where the file says so', async () => {
    const { devices, told } = await loaded(
      `devices:
  - { name: hall, serial: foc00000001 }
  - { name: both, serial: FOC00000009, mac: SEP000000000002 }
  - { name: later, serial: FOC00000077 }`,
      // The cloud tells another of its MAC addresses than Unified CM.
      [cloud(1), pulledDevice(2), cloud(9, { mac: '00:00:00:00:00:99' })],
    );
    expect(devices.map(({ name, at, mac, serial }) => [name, at, mac, serial])).toEqual([
      ['hall', '10.1.0.1:8443', '00:00:00:00:00:01', 'FOC00000001'],
      ['both', '10.1.0.9:8443', '00:00:00:00:00:02', 'FOC00000009'],
    ]);
    expect(told).toEqual([
      expect.stringContaining(
        'the address of later is not known: Unified CM or Webex has told nothing of FOC00000077',
      ),
    ]);
  });

  it('that have no address are told of and left out', async () => {
    const { devices, told } = await loaded('devices: []', [cloud(1, { address: null }), cloud(2)]);
    expect([devices.length, told]).toEqual([
      1,
      [expect.stringContaining('room-1 has no address that Unified CM or Webex knows of, and is left out')],
    ]);
  });

  it('stay while one of both has them, and leave when the last lets go', async () => {
    const day = 86_400_000;
    const gone = { goneSinceAt: NOW - 31 * day };
    const { devices } = await loaded('devices: []', [
      pulledDevice(1, gone),
      cloud(1),
      cloud(2, gone),
      pulledDevice(3, gone),
      cloud(3, gone),
    ]);
    expect(devices.map(({ name }) => name)).toEqual(['room-1', 'room-3']);
  });
});

const pull = (
  found: Parameters<typeof takeIn>[1],
  others: readonly PulledDevice[],
  before: readonly PulledDevice[] = [],
) =>
  takeIn(before, found, {
    source: 'webex',
    others,
    nameOf: (facts) => deviceNameOf('{{description}}', facts),
    now: NOW,
  });

describe('a pull beside another source', () => {
  it('gives the same unit the name that it has, and no name twice', () => {
    const others = [pulledDevice(1, { name: 'boardroom' }), pulledDevice(2, { name: 'huddle' })];
    const found = [foundDevice(1), foundDevice(7, { description: 'Huddle', serial: 'FOC00000007' })];
    expect(pull(found, others).devices.map(({ name }) => name)).toEqual(['boardroom', 'huddle-0007']);
  });

  it('knows a device again by its serial number, also when its MAC address is told later', () => {
    const bare = { ...foundDevice(5, { serial: 'FOC00000005' }), mac: null };
    const first = pull([bare], []);
    expect(first.changes).toMatchObject([{ kind: 'added' }]);
    const second = pull([foundDevice(5, { serial: 'FOC00000005' })], [], first.devices);
    expect(second).toMatchObject({ changes: [], devices: [{ mac: '00:00:00:00:00:05', name: 'room-5' }] });
    const third = pull([bare], [], second.devices);
    expect(third).toMatchObject({ changes: [], devices: [{ mac: '00:00:00:00:00:05' }] });
  });
});
