import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

describe('The daemon stops', () => {
  test('within a bound, though devices hang in the middle of an apply and a client listens', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'lobby' }]);
    const { daemon, act, get, log } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        configuration: { 'Audio.DefaultVolume': '70' },
        timing: '{ connect: 60s, request: 60s, ping: 60s, retryFirst: 100ms, retryMost: 400ms }',
      }),
    );
    await eventually(async () => {
      const { items } = await act(listDevices);
      expect(items.map(({ session }) => session.state)).toEqual(['up', 'up']);
    });
    const stream = await get('/api/v1/events', { accept: 'text/event-stream' });
    const listened = stream.text();
    simulator.device('hall').fault('half-open', null);
    simulator.device('lobby').fault('slow', null);
    const applying = act(apply).then(
      () => 'done',
      () => 'ended',
    );
    const startedAt = performance.now();
    await Promise.all([daemon.stop(), daemon.stop()]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await listened).toBeTypeOf('string');
    // The sessions to such devices cannot be ended; everything else is.
    const unclean = log.filter(({ message }) => message === 'A part did not stop cleanly');
    expect(unclean.map(({ facts }) => 'part' in facts && facts.part)).toEqual(['device pool']);
    await applying;
  }, 20_000);
});
