import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acquireOwnership } from '../../src/storage/lock.ts';
import { fleetText, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

const WANTED = { 'Audio.DefaultVolume': '70' };
/** A change that people in the room would notice. */
const NOTICEABLE = { 'Standby.Delay': '25' };

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'fleet.yaml'), text);
  return folder;
}

const BROKEN = `version: 1
daemon: { mode: sometimes, listen: nowhere }
credentials: { rooms: { username: admin } }
defaults: { timezone: Mars/Olympus, tls: maybe, configuration: { "Audio..Volume": 1 } }
devices:
  - { name: a b, host: 10.0.0.1, credentials: nobody }
  - { name: c, hots: 10.0.0.2 }
  - { name: c, host: 10.0.0.3, kind: sofa, profiles: [none] }
`;

describe('Exit codes', { timeout: 40_000 }, () => {
  test('2 for what nobody can mean, with the usage on standard error', async () => {
    const cwd = temporaryFolder();
    for (const argv of [['plann'], ['plan', '--devicez', 'x'], ['plan', '--mode', 'sometimes'], ['trust']]) {
      const { code, out, err } = await line(argv, { cwd });
      expect([argv, code]).toEqual([argv, 2]);
      expect(out).toBe('');
      expect(err).toMatch(/^error: /);
    }
  });

  test('2 where a question cannot be put: no terminal, or JSON on the output', async () => {
    const { devices } = await simulated([{ name: 'room' }]);
    const cwd = folderWith(fleetText({ devices }));
    for (const campaign of ['rollout', 'rotate', 'upgrade']) {
      const unasked = await line([campaign, 'start'], { cwd });
      expect([campaign, unasked.code]).toEqual([campaign, 2]);
      expect(unasked.err).toMatch(/nobody can be asked here: .*--yes/);
      const json = await line([campaign, 'start', '--json'], { cwd, answer: true });
      expect([campaign, json.code]).toEqual([campaign, 2]);
    }
  });

  test('4 for an invalid file: every problem in one run, nothing contacted', async () => {
    const cwd = folderWith(BROKEN);
    for (const argv of [
      ['validate'],
      ['plan'],
      ['apply', '--yes'],
      ['status'],
      ['doctor'],
      ['run'],
      ['explain', 'c'],
    ]) {
      const { code, err } = await line(argv, { cwd });
      expect([argv, code]).toEqual([argv, 4]);
      expect(
        err.split('\n').filter((text) => /fleet\.yaml:\d+:\d+/.test(text)).length,
      ).toBeGreaterThanOrEqual(9);
    }
  });

  test('4 for a file that is not there, which says so', async () => {
    const { code, err } = await line(['plan'], { cwd: temporaryFolder() });
    expect(code).toBe(4);
    expect(err).toMatch(/fleet\.yaml/);
  });

  test('3 while something differs, 0 once it does not, 1 where a device cannot be asked', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices, configuration: WANTED }));
    expect((await line(['plan'], { cwd })).code).toBe(3);
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
    expect(simulator.device('lobby').state.configuration('Audio.DefaultVolume')).toBe('70');
    expect((await line(['plan'], { cwd })).code).toBe(0);
    simulator.device('hall').fault('offline', null);
    const { code, out } = await line(['plan'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/hall {2}unreachable: .*refused/);
    expect(out).toMatch(/lobby {2}in sync/);
  });

  test('2 where apply cannot ask: without a terminal, with --json, and for --force without names', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices, configuration: WANTED }));
    expect((await line(['apply'], { cwd })).code).toBe(2);
    expect((await line(['apply', '--json'], { cwd })).code).toBe(2);
    expect((await line(['apply', '--yes', '--force'], { cwd })).code).toBe(2);
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('50');
  });

  test('3 where the person says no, and nothing is written', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices, configuration: WANTED }));
    const no = await line(['apply'], { cwd, answer: false });
    expect([no.code, no.out]).toEqual([3, expect.stringContaining('Nothing was written.')]);
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('50');
    const yes = await line(['apply'], { cwd, answer: true });
    expect([yes.code, yes.out]).toEqual([0, expect.stringContaining('Audio.DefaultVolume: 50 → 70')]);
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('70');
  });

  test('3 where a hold keeps a device from being written', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices, configuration: WANTED }));
    expect((await line(['hold', '--reason', 'filming'], { cwd })).code).toBe(0);
    const held = await line(['apply', '--yes'], { cwd });
    expect([held.code, held.out]).toEqual([3, expect.stringContaining('filming')]);
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('50');
    expect((await line(['hold', '--release'], { cwd })).code).toBe(0);
    expect((await line(['apply', '--yes'], { cwd })).code).toBe(0);
  });

  test('3 where the room is in use, and nobody writes there but by name and force', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { state } = simulator.device('hall');
    state.people(2);
    const cwd = folderWith(fleetText({ devices: simulator.devices, configuration: NOTICEABLE }));
    await expect.poll(() => state.status('RoomAnalytics.PeoplePresence')).toBe('Yes');
    const waits = await line(['apply', '--yes'], { cwd });
    expect([waits.code, waits.out]).toEqual([3, expect.stringContaining('in use')]);
    expect(waits.out).toContain('no daemon runs');
    expect(state.configuration('Standby.Delay')).toBe('10');
    expect((await line(['apply', '--yes', '--force', '-d', 'hall'], { cwd })).code).toBe(0);
    expect(state.configuration('Standby.Delay')).toBe('25');
  });

  test('1 where another roomd owns the data, named with its process', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices }));
    const ownership = await acquireOwnership(join(cwd, 'data'));
    const { code, err } = await line(['plan'], { cwd });
    ownership.release();
    expect(code).toBe(1);
    expect(err).toContain(`(process ${process.pid}) owns the data directory`);
  });

  test('2 for a device that the file does not name', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = folderWith(fleetText({ devices: simulator.devices }));
    for (const argv of [
      ['plan', '-d', 'hal'],
      ['explain', 'hal'],
      ['trust', 'hal', '--serial', '--yes'],
      ['trust', 'hall', '--serial'],
      ['trust', 'hall', '--certificate', '--json'],
      ['trust', 'hall', '--certificate', 'SHA256:12'],
      ['trust', 'hall'],
    ])
      expect([argv, (await line(argv, { cwd })).code]).toEqual([argv, 2]);
  });
});
