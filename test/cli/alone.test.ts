import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import type { SimulatedDeviceSpec } from '../../src/simulator/server.ts';
import { openDatabase } from '../../src/storage/open-database.ts';
import { fleetText, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

async function folderOf(specs: readonly Partial<SimulatedDeviceSpec>[], more: object = {}) {
  const simulator = await simulated(specs);
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices, ...more }));
  return { simulator, cwd };
}

async function rowsIn(cwd: string) {
  const path = join(cwd, 'data/roomd.db');
  const database = await openDatabase({ path, readers: 1, clock: systemClock(), logger: silentLogger });
  try {
    return await database.read(
      database.query.selectFrom('device').select(['name', 'serial', 'fingerprint256', 'product']),
    );
  } finally {
    await database.close();
  }
}

describe('The command line without a daemon', { timeout: 40_000 }, () => {
  test('a plan records who answered and with which certificate, and refuses another until somebody vouches', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const { serial, fingerprint256, product } = hall;
    expect((await line(['plan'], { cwd })).code).toBe(0);
    expect(await rowsIn(cwd)).toEqual([{ name: 'hall', serial, fingerprint256, product }]);

    hall.fault('certificate', null);
    const changed = await line(['plan', '--json'], { cwd });
    expect([changed.code, changed.json()]).toMatchObject([
      1,
      { devices: [{ state: 'certificate-changed' }] },
    ]);
    const told = await line(['doctor'], { cwd });
    expect([told.code, told.out]).toEqual([1, expect.stringContaining('roomd trust hall --certificate')]);
    const { fingerprint256: shown } = hall;
    const accepted = await line(['trust', 'hall', '--certificate', '--yes'], { cwd });
    expect([accepted.code, accepted.out]).toEqual([
      0,
      expect.stringMatching(new RegExp(`${fingerprint256}.*Shown now:.*${shown}`, 's')),
    ]);
    expect((await line(['plan'], { cwd })).code).toBe(0);
    expect(await rowsIn(cwd)).toMatchObject([{ fingerprint256: hall.fingerprint256 }]);

    hall.fault('serial', null);
    const swapped = await line(['plan'], { cwd });
    expect([swapped.code, swapped.out]).toEqual([1, expect.stringMatching(/hall {2}swapped: .*serial/)]);
    expect((await line(['trust', 'hall', '--serial', '--yes'], { cwd })).code).toBe(0);
    expect((await line(['plan'], { cwd })).code).toBe(0);
    expect(await rowsIn(cwd)).toMatchObject([{ serial: hall.serial }]);
  });

  test('tries a refused password once over many commands, and once more when asked to', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall', wrongPassword: true }]);
    const hall = simulator.device('hall');
    for (const argv of [['plan'], ['apply', '--yes'], ['doctor'], ['plan']])
      expect([argv, (await line(argv, { cwd })).code]).toEqual([argv, 1]);
    expect(hall.failedLogins).toBe(1);
    await line(['trust', 'hall', '--retry-login'], { cwd });
    await line(['plan'], { cwd });
    await line(['plan'], { cwd });
    expect(hall.failedLogins).toBe(2);
  });

  test('status tells what is on record and contacts no device', async () => {
    const { simulator, cwd } = await folderOf([{ name: 'hall' }]);
    const { code, out } = await line(['status'], { cwd });
    expect([code, out]).toEqual([0, expect.stringContaining('No daemon runs')]);
    expect(simulator.device('hall').counters.connections).toBe(0);
  });

  test('doctor finds the first thing that is wrong with each device and says what to do', async () => {
    const { simulator, cwd } = await folderOf([
      { name: 'good' },
      { name: 'off', offline: true },
      { name: 'password', wrongPassword: true },
      { name: 'guest', settings: { accountRoles: ['User'] } },
      { name: 'late', model: builtInModels.room },
    ]);
    simulator.device('late').fault('clock', null);
    const { code, out } = await line(['doctor'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/✓ fleet file: .*fleet\.yaml is valid: 5 devices/);
    expect(out).toMatch(/✓ database: .*roomd\.db, \d+ MB free/);
    expect(out).toMatch(/✓ good: Cisco Codec Pro ce26\S+ answers/);
    expect(out).toMatch(
      new RegExp(`✗ off: nothing answers at 127.0.0.1 port ${simulator.device('off').port}.*\n +see whether`),
    );
    expect(out).toMatch(/✗ password: .*password.*\n +correct the credentials/);
    expect(out).toMatch(
      /✗ guest: the account "rooms" is no administrator on the device.*\n +give the account/,
    );
    expect(out).toMatch(/✗ late: its clock is 60 minutes ahead.*\n +give the device an NTP server/);
  });

  test('explain and validate contact nothing and make no files', async () => {
    const { cwd } = await folderOf([{ name: 'hall' }], { configuration: { 'Audio.DefaultVolume': '70' } });
    const explained = await line(['explain', 'hall', 'Audio.DefaultVolume'], { cwd, env: {} });
    expect([explained.code, explained.out]).toEqual([0, expect.stringMatching(/70.*fleet\.yaml:\d+:\d+/s)]);
    expect((await line(['validate'], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, 'data'))).toBe(false);
  });

  test('a fleet file that init wrote is valid, and is not overwritten', async () => {
    const cwd = temporaryFolder();
    expect((await line(['init'], { cwd })).code).toBe(0);
    expect((await line(['validate'], { cwd })).code).toBe(0);
    const again = await line(['init'], { cwd });
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('exists already')]);
  });
});
