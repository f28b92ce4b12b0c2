import { describe, expect, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { now } from '../../src/actions/now.ts';
import { line } from '../cli/command-line.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

const VOLUME = 'Audio.DefaultVolume';
const PROTECTED = 'layers:\n  - { name: board, devices: hall, protected: true }';

async function world(mode: 'observe' | 'enforce', more = '') {
  const simulator = await simulated([{ name: 'hall' }, { name: 'den' }]);
  const text = fleetText({
    devices: simulator.devices,
    configuration: { [VOLUME]: '70' },
    mode,
    feedbackPort: await freePort(),
    more: `${PROTECTED}\n${more}`,
  });
  const volumes = () => ['hall', 'den'].map((name) => simulator.device(name).state.configuration(VOLUME));
  const slots = () =>
    ['hall', 'den'].map((name) =>
      simulator
        .device(name)
        .state.slots.list()
        .map(({ status }) => status),
    );
  return { volumes, slots, ...(await runDaemon(text)) };
}

describe('A protected device', { timeout: 60_000 }, () => {
  test('whose slot roomd does not register has none, which is no trouble and no alert', async () => {
    const {
      act,
      slots,
      folder: cwd,
    } = await world('enforce', 'alerts: { rules: { slot-failing: { for: 0s } } }');
    await act(apply, { devices: 'hall | den' });
    const shown = async () => (await act(listDevices)).items;
    await eventually(async () => {
      const [den, hall] = await shown();
      expect(den).toMatchObject({ slot: { state: 'ok' }, drift: 0 });
      expect(hall).toMatchObject({
        slot: { state: 'off', reason: 'it is protected: slots are not registered' },
        drift: 0,
        configuration: { state: 'in-sync', waiting: null, reason: null },
      });
    }, 20_000);
    expect(slots()).toEqual([[], ['OK']]);
    expect((await act(now)).wrong).toEqual([]);
    expect((await act(listAlerts)).items).toEqual([]);
    expect((await line(['status'], { cwd })).out).not.toContain('failed');
  });
});
