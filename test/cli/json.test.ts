import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fleetText, simulated, temporaryFolder } from '../support/world.ts';
import { everyCommand, line } from './command-line.ts';

const WANTED = { 'Audio.DefaultVolume': '70' };

describe('With --json', { timeout: 40_000 }, () => {
  test('plan and apply print the contract, before or behind the command', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'other.yaml'), fleetText({ devices: simulator.devices, configuration: WANTED }));
    const change = { kind: 'configuration', path: 'Audio.DefaultVolume', from: '50', to: '70' };
    for (const argv of [
      ['--json', '--fleet', 'other.yaml', 'plan'],
      ['plan', '--json', '-f', 'other.yaml'],
    ]) {
      const planned = await line(argv, { cwd });
      expect(planned.json()).toMatchObject({
        devices: [{ name: 'hall', state: 'drift', changes: [change], problems: [] }],
        summary: { devices: 1, drift: 1, inSync: 0, failed: 0, changes: 1 },
      });
      expect(planned.code).toBe(3);
    }
    const applied = await line(['apply', '--json', '--yes', '-f', 'other.yaml'], { cwd });
    expect(applied.json()).toMatchObject({
      devices: [{ name: 'hall', changes: [{ ...change, result: 'accepted' }], problems: [] }],
      summary: { devices: 1, accepted: 1, refused: 0, waiting: 0, failed: 0 },
    });
  });

  test('a failure is one document with a code and a sentence', async () => {
    const cwd = temporaryFolder();
    const usage = await line(['plan', '--json', '--devicez'], { cwd });
    expect(usage.json()).toEqual({ error: { code: 'usage', message: expect.stringContaining('--devicez') } });
    writeFileSync(join(cwd, 'fleet.yaml'), 'version: 1\ndevices: [{ name: x }]\n');
    for (const argv of [
      ['plan'],
      ['apply', '--yes'],
      ['status'],
      ['explain', 'x'],
      ['hold'],
      ['doctor'],
      ['run'],
    ]) {
      const { code, json } = await line([...argv, '--json'], { cwd });
      expect([argv, code]).toEqual([argv, 4]);
      expect(json()).toMatchObject({ error: { code: 'fleet-invalid', problems: expect.any(Array) } });
    }
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: [{ name: 'hall', port: 9 }] }));
    const unknown = await line(['plan', '-d', 'nowhere', '--json'], { cwd });
    expect(unknown.json()).toMatchObject({ error: { code: 'not-found' } });
    const apply = await line(['apply', '--json'], { cwd });
    expect(apply.json()).toMatchObject({ error: { code: 'usage' } });
  });

  test('every command prints one document', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = temporaryFolder();
    expect((await line(['init', '--json'], { cwd })).json()).toEqual({ written: join(cwd, 'fleet.yaml') });
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices, configuration: WANTED }));
    for (const argv of [
      ['validate'],
      ['explain', 'hall'],
      ['status'],
      ['hold', '--list'],
      ['token', 'create', 'grafana'],
      ['trust', 'hall', '--retry-login'],
      ['doctor'],
      ['schema'],
    ]) {
      const { code, json, err } = await line([...argv, '--json'], { cwd });
      expect([argv, code, err]).toEqual([argv, 0, '']);
      expect(json()).toBeTypeOf('object');
    }
  });
});

test('every command has a help worth reading', async () => {
  const commands = everyCommand();
  expect(commands.length).toBeGreaterThan(100);
  for (const words of commands) {
    const help = await line([...words, '--help'], { cwd: '/' });
    expect([words, help.code, help.out.length > 150]).toEqual([words, 0, true]);
  }
});
