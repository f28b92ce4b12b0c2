import { describe, expect, test } from 'vitest';
import { deviceSessions, listSessions } from '../../src/actions/sessions.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

describe('How sessions stand', () => {
  test('is told in words, with reason and history, and an outage lowers the availability', async () => {
    const simulator = await simulated([
      { name: 'hall' },
      { name: 'lobby', configuration: { 'NetworkServices.Websocket': 'Off' } },
      { name: 'attic', offline: true },
    ]);
    const { act, get } = await runDaemon(fleetText({ devices: simulator.devices }));
    await eventually(async () => {
      const { items } = await act(listSessions);
      expect(items.map(({ device, word }) => [device, word])).toEqual([
        ['hall', 'up'],
        ['lobby', 'degraded'],
        ['attic', 'unreachable'],
      ]);
      expect(items[1]?.reason).toContain('does not offer its websocket');
    });
    simulator.device('hall').fault('offline', 1);
    await eventually(async () =>
      expect((await act(listSessions, { devices: 'hall' })).items[0]?.word).toBe('unreachable'),
    );
    await eventually(async () =>
      expect((await act(listSessions, { devices: 'hall' })).items[0]?.word).toBe('up'),
    );
    await eventually(async () => {
      const past = await act(deviceSessions, { name: 'hall', since: '1h' });
      expect(past.items.map(({ word }) => word).slice(-3)).toEqual(['up', 'unreachable', 'up']);
      expect(past.items.at(-2)?.reason).toBeTruthy();
      expect(past.items.at(-1)?.to).toBeNull();
      expect(past.availability.share).toBeGreaterThan(0);
      expect(past.availability.share).toBeLessThan(1);
      expect(past.availability.unknownSeconds).toBeGreaterThan(3_500);
    });
    const shown = (await (await get('/api/v1/devices/hall/sessions?since=10m')).json()) as { now: object };
    expect(shown.now).toMatchObject({ device: 'hall', word: 'up' });
    expect((await get('/api/v1/devices/hall/sessions?since=soon')).status).toBe(400);
  });

  test('a session that works in part is degraded, says by what, and is recorded as such', async () => {
    const simulator = await simulated([{ name: 'hall' }], { settings: { maxSubscriptions: 3 } });
    const { act } = await runDaemon(fleetText({ devices: simulator.devices }));
    await eventually(async () => {
      const { now, items } = await act(deviceSessions, { name: 'hall', since: '1h' });
      expect(now.word).toBe('degraded');
      expect(now.reason).toContain('subscribing to');
      expect(items.at(-1)).toMatchObject({ word: 'degraded', reason: now.reason });
    });
  });
});
