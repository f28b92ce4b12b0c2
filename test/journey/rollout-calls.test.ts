import { expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import { listEvents } from '../../src/actions/events.ts';
import { rolloutStatus, startRollout } from '../../src/actions/rollout.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const VOLUME = 'Audio.DefaultVolume';

async function call({ state }: SimulatedDevice, Number: string): Promise<void> {
  state.command('Dial', { Number }, { body: '' });
  await eventually(() => expect(state.calls.list().map(({ status }) => status)).not.toContain('Connecting'));
  await eventually(() => expect(state.calls.list().every(({ status }) => status === 'Connected')).toBe(true));
  state.command('Call.Disconnect', {}, { body: '' });
  await eventually(() => expect(state.calls.list()).toEqual([]));
}

/** The device's calls that are on record as ended. */
async function recorded({ act }: RunningDaemon, device: string, calls: number): Promise<void> {
  await eventually(async () => {
    const { items } = await act(listEvents, { device, limit: 500 });
    expect(items.filter(({ path }) => path === 'CallDisconnect')).toHaveLength(calls);
  });
}

test('A device whose calls fail since the write, and did not before, stops the rollout; busy and wrong numbers do not', async () => {
  const simulator = await simulated([{}, {}, {}]);
  const [canary, fine] = simulator.devices;
  if (canary === undefined || fine === undefined) throw new Error('no devices');
  const daemon = await runDaemon(
    fleetText({
      devices: simulator.devices,
      configuration: { [VOLUME]: '70' },
      more: 'rollout: { canary: "room-1 | room-2", soak: 60s }\n',
    }),
  );
  await eventually(async () => {
    const { items } = await daemon.act(listDevices);
    expect(items.every(({ session }) => session.state === 'up')).toBe(true);
  });
  for (const device of [canary, fine]) await call(device, 'room@example.com');
  await recorded(daemon, 'room-1', 1);
  await daemon.act(startRollout);
  await eventually(() => expect(canary.state.configuration(VOLUME)).toBe('70'));
  await eventually(async () => {
    const [ring] = (await daemon.act(rolloutStatus)).rings;
    expect(ring?.devices.map(({ state }) => state)).toEqual(['soaking', 'soaking']);
  });
  for (const number of ['busy1', 'busy2', 'busy3', 'busy4']) await call(fine, number);
  for (const number of ['failing1', 'failing2', 'failing3']) await call(canary, number);
  await recorded(daemon, 'room-2', 5);
  const shown = await eventually(async () => {
    const now = await daemon.act(rolloutStatus);
    expect(now.state).toBe('reverted');
    return now;
  }, 20_000);
  expect(shown.reason).toMatch(/1 of 2 tried failed, 0 may: room-1 \(3 calls failed since the write/);
  expect(simulator.devices.map(({ state }) => state.configuration(VOLUME))).toEqual(['50', '50', '50']);
}, 60_000);
