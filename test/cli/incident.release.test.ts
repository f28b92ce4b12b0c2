import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';
import { line } from './command-line.ts';

const NO_SECRETS = { ROOM_PASSWORD: undefined as unknown as string };

const RECORD_COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['alerts'],
  ['calls'],
  ['timeline', 'hall'],
  ['sessions'],
  ['sessions', 'hall'],
  ['slots'],
  ['utilisation'],
  ['export', 'presence'],
  ['device-log', 'hall', '--since', '1h'],
  ['hold', '--list'],
  ['replay'],
  ['erase', 'hall', '--yes'],
];

describe('Without the secrets of the devices', { timeout: 120_000 }, () => {
  test('the record is read when the daemon is gone, and no device is asked', async () => {
    const { simulator, daemon } = await world();
    await daemon.daemon.stop();
    const before = simulator.device('hall').counters.connections;
    for (const argv of RECORD_COMMANDS) {
      const { code, err } = await line(argv, { cwd: daemon.folder, env: NO_SECRETS });
      expect([argv, code, err]).toEqual([argv, 0, expect.not.stringContaining('problem')]);
    }
    const slots = await line(['slots'], { cwd: daemon.folder, env: NO_SECRETS });
    expect(slots.out).toMatch(/hall.*the secrets .* are not here/);
    expect(simulator.device('hall').counters.connections).toBe(before);
    for (const argv of [['device-log', 'hall'], ['plan']])
      expect((await line(argv, { cwd: daemon.folder, env: NO_SECRETS })).code).toBe(4);
  });

  test('nothing is erased by a broken file, which may not tell the zone of the device', async () => {
    const { daemon } = await world();
    await daemon.daemon.stop();
    const cwd = daemon.folder;
    writeFileSync(daemon.file, 'version: 1\ndaemon: { database: "sqlite:./data/roomd.db" }\ndevices: [\n');
    expect((await line(['erase', 'hall', '--day', '2026-03-01', '--yes'], { cwd })).code).toBe(4);
    expect((await line(['timeline', 'hall'], { cwd })).code).toBe(0);
  });

  test('doctor has the daemon look at the fleet', async () => {
    const { daemon } = await world();
    const { code, out } = await line(['doctor'], { cwd: daemon.folder, env: NO_SECRETS });
    expect([code, out]).toEqual([0, expect.stringMatching(/✓ hall: .* answers/)]);
  });
});

describe('Without a daemon', { timeout: 60_000 }, () => {
  test('what stands open on record is told as of when roomd was last alive, beside the answer', async () => {
    const { daemon } = await world();
    const { folder: cwd } = daemon;
    const before = new Date().toISOString().slice(0, 16);
    const lists = [['alerts'], ['calls'], ['spans'], ['sessions'], ['timeline', 'hall']];
    for (const argv of lists) expect([argv, (await line(argv, { cwd })).err]).toEqual([argv, '']);
    await daemon.daemon.stop();
    for (const argv of lists) {
      const { err, json } = await line([...argv, '--json'], { cwd });
      const [, at = ''] = /^No daemon runs.* as it was at (\S+Z)\.$/.exec(err) ?? [];
      expect([argv, at.slice(0, 14)]).toEqual([argv, before.slice(0, 14)]);
      expect(json()).toBeTypeOf('object');
    }
    const { out } = await line(['timeline', 'hall'], { cwd });
    expect(out).toMatch(
      /^ {2}\d\d:\d\d:\d\d – \d\d:\d\d:\d\d +\d+(?:ms|s|m)\S* +session +roomd hears it: up/m,
    );
    const status = await line(['status'], { cwd });
    expect(status.out).toMatch(/^No daemon runs on this database; .* as it was at \S+Z\./);
  });
});

async function world() {
  const simulator = await simulated([{ name: 'hall' }]);
  const daemon = await runDaemon(fleetText({ devices: simulator.devices }));
  await allUp(daemon);
  return { simulator, daemon };
}

async function allUp({ act }: RunningDaemon): Promise<void> {
  await eventually(async () => {
    const { items } = await act(listDevices);
    expect(items.map(({ session }) => session.state)).toEqual(['up']);
  }, 15_000);
}
