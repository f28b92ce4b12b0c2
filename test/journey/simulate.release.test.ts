import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { roomd, startRoomd } from '../support/roomd-process.ts';
import { fleetText, freeBasePort, temporaryFolder } from '../support/world.ts';

interface Announced {
  readonly devices: readonly {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly product: string;
    readonly software: string;
    readonly serial: string;
    readonly fingerprint256: string;
  }[];
  readonly control: string;
}

interface Truth {
  readonly configuration: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
  readonly failedLogins: number;
}

describe('roomd simulate', () => {
  test('announces its devices in one line of JSON, and plan and apply work against them from other processes', async () => {
    const cwd = temporaryFolder();
    const basePort = await freeBasePort(3);
    const simulate = startRoomd(
      `simulate --devices 3 --base-port ${basePort} --user admin --password secret --json --set presenceYesMs=10`.split(
        ' ',
      ),
      { cwd },
    );
    const { devices, control } = JSON.parse(await simulate.line((line) => line.startsWith('{'))) as Announced;
    expect(devices.map(({ name, host, port }) => [name, host, port])).toEqual([
      ['sim-1', '127.0.0.1', basePort + 1],
      ['sim-2', '127.0.0.1', basePort + 2],
      ['sim-3', '127.0.0.1', basePort + 3],
    ]);
    for (const { product, software, serial, fingerprint256 } of devices) {
      expect([product, software, serial].every((text) => text.length > 3)).toBe(true);
      expect(fingerprint256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    }
    const truth = async (name: string): Promise<Truth> =>
      (await (await fetch(`${control}/devices/${name}`)).json()) as Truth;
    const act = async (name: string, verb: string, body: object): Promise<number> =>
      (await fetch(`${control}/devices/${name}/${verb}`, { method: 'POST', body: JSON.stringify(body) }))
        .status;

    writeFileSync(
      join(cwd, 'fleet.yaml'),
      fleetText({ devices, configuration: { 'Audio.DefaultVolume': '61' }, password: 'secret' }),
    );
    const planned = await roomd(['plan', '--json'], { cwd });
    expect([planned.code, planned.json()]).toMatchObject([
      3,
      {
        devices: devices.map(({ name }) => ({ name, state: 'drift', problems: [] })),
        summary: { changes: 3 },
      },
    ]);
    const applied = await roomd(['apply', '--yes', '--json'], { cwd });
    expect([applied.code, applied.json()]).toMatchObject([0, { summary: { accepted: 3 } }]);
    for (const { name } of devices)
      expect((await truth(name)).configuration['Audio.DefaultVolume']).toBe('61');

    expect(await act('sim-2', 'configuration', { path: 'Audio.DefaultVolume', value: '12' })).toBe(200);
    expect((await truth('sim-2')).configuration['Audio.DefaultVolume']).toBe('12');
    expect(await act('sim-1', 'people', { count: 3 })).toBe(200);
    await expect.poll(async () => (await truth('sim-1')).status['RoomAnalytics.PeoplePresence']).toBe('Yes');
    expect(await act('sim-3', 'fault', { kind: 'offline', seconds: 60 })).toBe(200);
    expect(await act('sim-3', 'fault', { kind: 'nonsense' })).toBe(400);
    const again = await roomd(['plan', '--json'], { cwd });
    expect([again.code, again.json()]).toMatchObject([
      1,
      { devices: [{ state: 'in-sync' }, { state: 'drift' }, { state: 'unreachable' }] },
    ]);
    expect((await simulate.kill('SIGTERM')).code).toBe(0);
  }, 40_000);
});
