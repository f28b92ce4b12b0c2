import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Now } from '../../src/actions/now.ts';
import { fleetText, runDaemon, simulated, temporaryFolder } from '../support/world.ts';
import { line } from './command-line.ts';

describe('A room, from the command line', { timeout: 60_000 }, () => {
  test('goes to sleep and wakes by the daemon, asked first or with --yes, and is on record', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { state } = simulator.device('hall');
    const { folder: cwd } = await runDaemon(fleetText({ devices: simulator.devices, mode: 'enforce' }));
    const unasked = await line(['room', 'standby', 'hall'], { cwd });
    expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--yes')]);
    const no = await line(['room', 'standby', 'hall'], { cwd, answer: false });
    expect([no.code, no.out]).toEqual([3, 'Put hall to sleep?\nNothing was done.']);
    expect(state.status('Standby.State')).toBe('Off');

    const yes = await line(['room', 'standby', 'hall'], { cwd, answer: true });
    expect([yes.code, yes.out]).toEqual([0, expect.stringContaining('standby (by hand) on hall: succeeded')]);
    expect(state.status('Standby.State')).not.toBe('Off');
    expect((await line(['room', 'wake', 'hall', '--yes', '--json'], { cwd })).json()).toMatchObject({
      device: 'hall',
      state: 'succeeded',
    });
    expect(state.status('Standby.State')).toBe('Off');
    const runs = await line(['macro', 'runs'], { cwd });
    expect(runs.out).toMatch(/standby \(by hand\) +hall/);

    const wrong = await line(['room', 'mute', 'hal', '--yes'], { cwd });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean "hall"?')]);
    const forbidden = await line(['room', 'call', 'hall', '112', '--yes'], { cwd });
    expect(forbidden.code).not.toBe(0);
  });

  test('does nothing where no daemon runs', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
    const { code, err } = await line(['room', 'standby', 'hall', '--yes'], { cwd });
    expect([code, err]).toEqual([1, expect.stringContaining('no daemon runs')]);
    expect(simulator.device('hall').state.status('Standby.State')).toBe('Off');
  });

  test('is seen at a glance: what is wrong with it, and who uses it', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    simulator.device('hall').state.people(2);
    simulator.device('lobby').fault('offline', null);
    const { folder: cwd } = await runDaemon(fleetText({ devices: simulator.devices }));
    await expect
      .poll(async () => ((await line(['now', '--json'], { cwd })).json() as Now).counts, { timeout: 20_000 })
      .toMatchObject({ devices: 2, wrong: 1, inUse: 1 });
    const { code, out } = await line(['now'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^lobby\n {2}.*, since .*\n {4}roomd keeps trying/m);
    expect(out).toMatch(/^hall +\S+ +no/m);
    expect((await line(['now', '-d', 'hall'], { cwd })).out).toContain('Nothing is wrong.');
  });
});

describe('roomd open', { timeout: 40_000 }, () => {
  test('prints the address of the dashboard and of a device where there is no screen', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'fleet.yaml'),
      fleetText({ devices: [{ name: 'hall', port: 1 }], listen: '127.0.0.1:8080' }),
    );
    const { code, out, err } = await line(['open'], { cwd });
    expect([code, out]).toEqual([0, 'http://127.0.0.1:8080/']);
    expect(err).toContain('roomd token create');
    expect((await line(['open', 'hall', '--print'], { cwd })).out).toBe('http://127.0.0.1:8080/devices/hall');
    const wrong = await line(['open', 'hal'], { cwd });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Did you mean "hall"?')]);
  });
});
