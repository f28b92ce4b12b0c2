import { expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { performStep } from '../../src/simulator/perform-step.ts';
import type { ScenarioStep } from '../../src/simulator/scenario.ts';
import { simulate, until } from './support.ts';

it('does to a device what each step of a scenario says', async () => {
  const { simulator, device } = await simulate();
  const perform = (action: ScenarioStep['action']): void =>
    performStep(simulator, { atMs: 0, device: 'sim-1', action }, systemClock());
  perform({ type: 'call-incoming', from: 'nobody@example.com', displayName: 'Nobody' });
  expect(device.state.calls.list()).toMatchObject([{ status: 'Ringing' }]);
  perform({ type: 'call-clear' });
  await until(() => device.state.calls.list().length === 0);
  perform({ type: 'call-clear' });

  perform({ type: 'people', count: 2 });
  perform({ type: 'call-incoming', from: 'boss@example.com', displayName: 'Boss' });
  await until(() => device.state.calls.list()[0]?.status === 'Connected');

  perform({ type: 'booking', title: 'Planning', startsInMs: 60_000, lastsMs: 60_000 });
  expect(device.state.bookings.list()).toMatchObject([{ title: 'Planning' }]);
  perform({ type: 'configuration', path: 'Standby.Delay', value: '33' });
  expect(device.state.configuration('Standby.Delay')).toBe('33');
  perform({ type: 'fault', kind: 'latency', seconds: 60 });
  expect(device.faults.list()).toEqual(['latency']);
  perform({ type: 'reboot' });
  await until(() => !device.state.isOn);
});
