import { describe, expect, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { now } from '../../src/actions/now.ts';
import { plan } from '../../src/actions/plan.ts';
import { rolloutStatus, startRollout } from '../../src/actions/rollout.ts';
import { system } from '../../src/actions/system.ts';
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
  test('is left out of an apply and of its plan, both say so, and a person who calls it by name writes to it', async () => {
    const { act, volumes, folder: cwd } = await world('observe');
    const planned = await act(plan);
    expect(planned).toMatchObject({ summary: { devices: 1, changes: 1 }, protected: ['hall'], retired: [] });
    const asked = await line(['apply'], { cwd, answer: false });
    expect(asked.out).toContain(
      'Left out because they are protected: hall. roomd apply -d hall would write to hall.',
    );
    for (const devices of [null, 'all', '!den', 'hal*']) {
      const told = await act(apply, { devices });
      expect([devices, told.protected]).toEqual([devices, ['hall']]);
    }
    expect(volumes()).toEqual(['50', '70']);
    const fleetWide = await line(['apply', '--yes'], { cwd });
    expect([fleetWide.code, fleetWide.out]).toEqual([
      0,
      expect.stringContaining('Left out because they are protected: hall.'),
    ]);
    expect(volumes()).toEqual(['50', '70']);
    expect(await act(system)).toMatchObject({ pending: false });
    expect((await act(plan, { devices: 'hall' })).summary.changes).toBe(1);
    const named = await act(apply, { devices: 'hall' });
    expect([named.protected, volumes()]).toEqual([[], ['70', '70']]);
  });

  test('has no say in a rollout, which leaves it out, and does not begin for it alone', async () => {
    const { act, volumes } = await world(
      'observe',
      '  - { name: web, devices: hall, configuration: { NetworkServices.HTTP.Mode: HTTP+HTTPS } }\nrollout: { canary: den, soak: 10ms }',
    );
    await expect(act(startRollout, { devices: 'hall' })).rejects.toThrow(
      'every device of this selector is protected, and a rollout leaves those out: roomd apply -d hall writes to hall',
    );
    await act(startRollout);
    await eventually(async () => {
      const { state, rings } = await act(rolloutStatus);
      const reached = rings.flatMap(({ devices }) => devices.map((one) => [one.name, one.state]));
      expect([state, reached]).toEqual([
        'done',
        [
          ['den', 'passed'],
          ['hall', 'left-out'],
        ],
      ]);
    }, 20_000);
    expect(volumes()).toEqual(['50', '70']);
  });

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
