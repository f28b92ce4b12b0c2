import { describe, expect, test } from 'vitest';
import { getDevice } from '../../src/actions/devices.ts';
import { plan } from '../../src/actions/plan.ts';
import { deviceSessions, listSessions } from '../../src/actions/sessions.ts';
import { webSessions } from '../../src/actions/web-sessions.ts';
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

describe('The web sessions of a device', () => {
  test('are left to people where they are short: roomd ends its own, also a leaked one, and works on without', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const hall = simulator.device('hall').state.sessions;
    const { act, daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    await eventually(async () => expect((await act(listSessions)).items[0]?.word).toBe('up'));
    const leaked = hall.open('admin');
    const query = daemon.ports.database.query.insertInto('web_session');
    const row = { device_id: 1, cookie: `SessionId=${leaked?.cookie}`, opened_at: 0 };
    await daemon.ports.database.write([query.values(row)]);
    const others = ['anna', 'bert'].flatMap((user) => Array.from({ length: 13 }, () => hall.open(user)));
    expect(await act(webSessions, { name: 'hall' })).toMatchObject({ mostInAll: 30, leaveFree: 5 });
    await eventually(async () => {
      const { session, webSessions: counted } = await act(getDevice, { name: 'hall' });
      expect(session.word).toBe('degraded');
      expect(session.reason).toContain('short of web sessions: ');
      expect(counted).toMatchObject({ mostInAll: 30, free: 4, total: 26 });
    }, 15_000);
    expect(hall.list().filter(({ user }) => user === 'admin')).toEqual([]);
    const { devices } = await act(plan, { fresh: true });
    expect(devices[0]?.state).toBe('in-sync');
    expect(hall.list()).toHaveLength(26);
    for (const session of others.slice(0, 10)) hall.end(session?.cookie ?? '');
    await eventually(async () => expect((await act(listSessions)).items[0]?.word).toBe('up'), 15_000);
  }, 60_000);
});
