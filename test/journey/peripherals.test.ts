import { expect, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const WAIT_MS = 15_000;

test('a panel that vanishes from the list is missed, over a restart too, until it is back; a headset is not', async () => {
  const simulator = await simulated([{ name: 'hall', model: builtInModels.room }]);
  const { sensors } = simulator.device('hall').state;
  const panel = sensors.attach();
  const headset = sensors.attach({ name: 'Headset 720', type: 'Headset' });
  const more = 'alerts: { rules: { peripheral-lost: { for: 0s, clear: 0s } } }';
  const text = fleetText({ devices: simulator.devices, more });
  const first = await runDaemon(text);
  await up(first);
  sensors.detach(headset);
  sensors.detach(panel);
  await eventually(async () => {
    expect(await titles(first)).toEqual(['open hall misses its Cisco Room Navigator']);
  }, WAIT_MS);
  await first.daemon.stop();

  const second = await runDaemon(text, { folder: first.folder });
  await up(second);
  sensors.attach({ name: 'USB camera', type: 'Camera' });
  await eventually(async () => {
    const { items } = await second.act(listDevices);
    expect(items[0]?.session.state).toBe('up');
  }, WAIT_MS);
  expect(await titles(second)).toEqual(['open hall misses its Cisco Room Navigator']);
  sensors.attach();
  await eventually(async () => {
    expect(await titles(second)).toEqual(['resolved hall misses its Cisco Room Navigator']);
  }, WAIT_MS);
}, 60_000);

async function up({ act }: RunningDaemon): Promise<void> {
  await eventually(async () => {
    const { items } = await act(listDevices);
    expect(items.map(({ session }) => session.state)).toEqual(['up']);
  }, WAIT_MS);
}

async function titles({ act }: RunningDaemon): Promise<string[]> {
  const { items } = await act(listAlerts, { all: true });
  return items.flatMap(({ rule, state, title }) => (rule === 'peripheral-lost' ? [`${state} ${title}`] : []));
}
