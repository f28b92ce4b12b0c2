import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { line } from '../cli/command-line.ts';
import { type RoomdProcess, startRoomd } from '../support/roomd-process.ts';
import { eventually, fleetText, PASSWORD, simulated, temporaryFolder } from '../support/world.ts';

const env = { ROOM_PASSWORD: PASSWORD };
const WANTED = { 'Audio.DefaultVolume': '70' };

async function running(text: string, cwd = temporaryFolder(), more: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(cwd, 'fleet.yaml'), text);
  const daemon = startRoomd(['run'], { cwd, env: { ...env, ...more } });
  await daemon.line((line) => line.includes('roomd runs'));
  return { cwd, daemon };
}

function logged(daemon: RoomdProcess, words: string): boolean {
  return daemon.out.some((line) => line.includes(words));
}

describe('The daemon as a process', () => {
  test('ends in order on SIGTERM: sessions ended, socket gone, exit 0', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const hall = simulator.device('hall');
    const { cwd, daemon } = await running(fleetText({ devices: simulator.devices }));
    await eventually(() => expect(hall.sockets).toBe(1));
    await eventually(() => expect(logged(daemon, '"state":"up"')).toBe(true));
    const { code, err } = await daemon.kill('SIGTERM');
    expect([code, err]).toEqual([0, '']);
    await eventually(() => expect(hall.sockets).toBe(0));
    expect(hall.state.sessions.list()).toEqual([]);
    expect(readdirSync(join(cwd, 'data')).filter((name) => /sock|pid/.test(name))).toEqual([]);
  }, 20_000);

  test('is stopped by a signal while it starts, with exit 0 and nothing left', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
    for (const afterMs of [600, 900]) {
      const daemon = startRoomd(['run'], { cwd, env });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const { code, err } = await daemon.kill('SIGTERM');
      expect(err).toBe('');
      // Before Node has read the program nobody is there to hear the signal.
      expect([0, null]).toContain(code);
    }
    const again = startRoomd(['run'], { cwd, env });
    await again.line((line) => line.includes('roomd runs'));
  }, 20_000);

  test('ends at once on a second signal, though a device hangs', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { daemon } = await running(
      fleetText({ devices: simulator.devices, timing: '{ connect: 60s, request: 60s, ping: 60s }' }),
    );
    await eventually(() => expect(simulator.device('hall').sockets).toBe(1));
    daemon.child.kill('SIGTERM');
    const { code } = await daemon.kill('SIGINT');
    expect([0, 1]).toContain(code);
  }, 20_000);

  test('takes over a saved file, also one put in its place, and keeps the last good one when it breaks', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    const [hall, lobby] = simulator.devices;
    const { cwd, daemon } = await running(fleetText({ devices: hall === undefined ? [] : [hall] }));
    const status = async () => {
      const { json } = await line(['status', '--json'], { cwd });
      return json() as { daemon: boolean; system: { fileProblems: string[] }; devices: { name: string }[] };
    };
    const good = fleetText({ devices: [hall, lobby].flatMap((device) => device ?? []) });
    writeFileSync(join(cwd, '.fleet.yaml.swp'), good);
    renameSync(join(cwd, '.fleet.yaml.swp'), join(cwd, 'fleet.yaml'));
    await eventually(() => expect(logged(daemon, 'The fleet file was taken over')).toBe(true));
    expect((await status()).devices.map(({ name }) => name)).toEqual(['hall', 'lobby']);

    writeFileSync(join(cwd, 'fleet.yaml'), 'version: 1\ndevices: [\n');
    await eventually(() => expect(logged(daemon, 'the last good one stays in force')).toBe(true));
    const refused = await line(['apply', '--yes'], { cwd });
    expect(refused.code).toBe(4);

    const before = daemon.out.length;
    writeFileSync(join(cwd, 'fleet.yaml'), good);
    daemon.child.kill('SIGHUP');
    await eventually(() =>
      expect(daemon.out.slice(before).some((line) => line.includes('was taken over'))).toBe(true),
    );
    expect(await status()).toMatchObject({ daemon: true, system: { fileProblems: [] } });
  }, 30_000);

  test('starts in safe mode where the file is broken by then, and exits 4 where there was no good one', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const text = fleetText({ devices: simulator.devices, mode: 'enforce', configuration: WANTED });
    const { cwd, daemon } = await running(text);
    await daemon.kill('SIGTERM');
    const broken = text.replace('devices:\n', 'devices:\n  - { name: nowhere }\n');
    const second = await running(broken, cwd);
    expect(logged(second.daemon, 'Safe mode')).toBe(true);
    const state = () => eventually(() => expect(simulator.device('hall').sockets).toBe(1));
    await state();
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('50');
    await second.daemon.kill('SIGTERM');

    const empty = temporaryFolder();
    writeFileSync(join(empty, 'fleet.yaml'), broken);
    const { code, err } = await line(['run'], { cwd: empty });
    expect(code).toBe(4);
    expect(err).toMatch(/fleet\.yaml:\d+:\d+ devices\[0\]/);
    expect(readdirSync(empty)).toEqual(['fleet.yaml']);
  }, 30_000);

  test('is asked over a socket of its own user, also after a crash left one behind', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const text = fleetText({ devices: simulator.devices, configuration: WANTED });
    const { cwd, daemon } = await running(text);
    const socket = join(cwd, 'data/roomd.sock');
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    await daemon.kill('SIGKILL');
    expect(statSync(socket).isSocket()).toBe(true);
    // The dead socket is no daemon: the command line does the work itself.
    const alone = await line(['status', '--json'], { cwd });
    expect(alone.json()).toMatchObject({ daemon: false });
    await running(text, cwd);
    const asked = await line(['apply', '--yes', '--json'], { cwd });
    expect([asked.code, asked.json()]).toMatchObject([0, { summary: { accepted: 1 } }]);
    expect(simulator.device('hall').state.configuration('Audio.DefaultVolume')).toBe('70');
  }, 30_000);

  test('answers also where the path beside the database is too long for a socket', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = join(temporaryFolder(), 'a'.repeat(60), 'b'.repeat(60));
    mkdirSync(cwd, { recursive: true });
    await running(fleetText({ devices: simulator.devices }), cwd);
    expect((await line(['status', '--json'], { cwd })).json()).toMatchObject({ daemon: true });
  }, 20_000);

  test('with another --fleet the command line looks from outside and writes nothing, not to the database either', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    const [hall, lobby] = simulator.devices;
    const { cwd } = await running(fleetText({ devices: hall === undefined ? [] : [hall] }));
    const other = fleetText({ devices: lobby === undefined ? [] : [lobby], configuration: WANTED });
    writeFileSync(join(cwd, 'other.yaml'), other);
    const looked = await line(['plan', '--json', '-f', 'other.yaml'], { cwd });
    expect([looked.code, looked.json()]).toMatchObject([3, { devices: [{ name: 'lobby', state: 'drift' }] }]);
    expect(looked.err).toContain('look from outside');
    for (const argv of [['apply', '--yes'], ['hold'], ['trust', 'lobby', '--serial']]) {
      const { code, err } = await line([...argv, '-f', 'other.yaml'], { cwd });
      expect([argv, code, err]).toEqual([argv, 2, expect.stringContaining('fleet.yaml')]);
    }
    expect(simulator.device('lobby').state.configuration('Audio.DefaultVolume')).toBe('50');
    const own = await line(['plan', '--json'], { cwd });
    expect([own.code, own.json()]).toMatchObject([0, { devices: [{ name: 'hall', state: 'in-sync' }] }]);
  }, 30_000);
});
