import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import { trust } from '../../src/actions/trust.ts';
import { eventually, fleetText, PASSWORD, runDaemon, simulated, temporaryFolder } from '../support/world.ts';

const WANTED = { 'Audio.DefaultVolume': '70', 'Standby.Delay': '25' };

describe('A fleet of which half is in trouble', () => {
  test('gets a sentence for each device in trouble, and all others are finished', async () => {
    const names = [
      'good-1',
      'off',
      'password',
      'certificate',
      'serial',
      'garbage',
      'malformed',
      'slow',
      'reboots',
      'good-2',
    ];
    const simulator = await simulated(
      names.map((name) => ({ name, offline: name === 'off', wrongPassword: name === 'password' })),
      { settings: { rebootMs: 400 } },
    );
    const { daemon, act, log } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: WANTED }),
    );
    await eventually(async () => {
      const { items } = await act(listDevices);
      expect(items.filter(({ session }) => session.state === 'up')).toHaveLength(8);
    });
    for (const name of ['certificate', 'serial', 'garbage', 'malformed', 'slow'] as const)
      simulator.device(name).fault(name, null);

    const applying = act(apply);
    simulator.device('reboots').reboot();
    const { devices } = await applying;

    const row = new Map(devices.map(({ name, state, reason }) => [name, `${state}: ${reason ?? ''}`]));
    expect(row.get('off')).toMatch(/^unreachable: .*refused/);
    expect(row.get('password')).toMatch(/^login-refused: .*password/);
    expect(row.get('certificate')).toMatch(/^certificate-changed: .*certificate.*not the pinned/);
    expect(row.get('serial')).toMatch(/^swapped: .*serial/);
    expect(row.get('malformed')).toMatch(/^(failed|unreachable): .{20}/);
    expect(row.get('slow')).toMatch(/^unreachable: .*within 1.5 s/);
    // Garbage strikes the session only: the device still answers over HTTPS and is finished.
    for (const name of ['good-1', 'garbage', 'good-2']) {
      const { changes } = devices.find((device) => device.name === name) ?? { changes: [] };
      expect(changes.map(({ result }) => result)).toEqual(['accepted', 'accepted']);
      for (const [path, value] of Object.entries(WANTED))
        expect(simulator.device(name).state.configuration(path)).toBe(value);
    }
    expect(simulator.device('certificate').state.configuration('Audio.DefaultVolume')).toBe('50');
    expect(simulator.device('serial').state.configuration('Audio.DefaultVolume')).toBe('50');
    expect(simulator.device('password').failedLogins).toBe(1);
    await eventually(() => {
      expect(simulator.device('reboots').state.configuration('Audio.DefaultVolume')).toBe('70');
    });
    expect(daemon.isAlive()).toBe(true);
    expect(log.filter(({ facts }) => JSON.stringify(facts).includes(PASSWORD))).toEqual([]);

    await act(trust, {
      name: 'certificate',
      certificate: simulator.device('certificate').fingerprint256,
    });
    await act(trust, { name: 'serial', serial: simulator.device('serial').serial });
    for (const name of ['garbage', 'malformed', 'slow'] as const) simulator.device(name).clearFault(name);
    simulator.device('off').clearFault('offline');
    await eventually(async () => {
      const { items } = await act(listDevices);
      expect(items.filter(({ session }) => session.state === 'up')).toHaveLength(9);
    });
    const { summary } = await act(apply);
    expect(summary).toMatchObject({ failed: 1, refused: 0, notProven: 0, waiting: 0 });
    expect(simulator.device('serial').state.configuration('Standby.Delay')).toBe('25');
  }, 30_000);

  test('a device that refuses the password sees one failed login, over restarts, until the secret changes', async () => {
    const simulator = await simulated([{ name: 'hall', wrongPassword: true }, { name: 'lobby' }]);
    const folder = temporaryFolder();
    const text = fleetText({ devices: simulator.devices, configuration: WANTED });
    const hall = simulator.device('hall');
    for (let start = 0; start < 3; start += 1) {
      const { daemon, act } = await runDaemon(text, { folder });
      await eventually(async () => {
        const { items } = await act(listDevices);
        expect(items.map(({ session }) => session.state)).toEqual(['refused', 'up']);
      });
      const { devices } = await act(plan);
      expect(devices[0]).toMatchObject({ name: 'hall', state: 'login-refused' });
      await daemon.stop();
    }
    expect(hall.failedLogins).toBe(1);

    const { act } = await runDaemon(text, { folder, env: { ROOM_PASSWORD: `not ${PASSWORD}` } });
    await eventually(async () => {
      const { items } = await act(listDevices);
      expect(items.find(({ name }) => name === 'hall')?.session.state).toBe('up');
    });
    expect(hall.failedLogins).toBe(1);
    expect(simulator.device('lobby').failedLogins).toBe(1);
  }, 30_000);

  test('trust --retry-login tries a refused password once more, and no oftener', async () => {
    const simulator = await simulated([{ name: 'hall', wrongPassword: true }]);
    const { act } = await runDaemon(fleetText({ devices: simulator.devices }));
    const hall = simulator.device('hall');
    const refused = () =>
      eventually(async () => {
        const { items } = await act(listDevices);
        expect(items[0]?.session.state).toBe('refused');
      });
    await refused();
    expect(hall.failedLogins).toBe(1);
    await act(trust, { name: 'hall', retryLogin: true });
    await eventually(() => expect(hall.failedLogins).toBe(2));
    await refused();
    await act(plan);
    expect(hall.failedLogins).toBe(2);
  });
});
