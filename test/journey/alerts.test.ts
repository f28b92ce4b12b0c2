import { describe, expect, onTestFinished, test } from 'vitest';
import { acknowledgeAlert, listAlerts, showOneAlert } from '../../src/actions/alerts.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { listEvents } from '../../src/actions/events.ts';
import { endMaintenance, startMaintenance } from '../../src/actions/maintenance.ts';
import { startWebexStandIn, type WebexStandIn } from '../../src/simulator/cloud/webex.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { jsonServer } from '../support/json-server.ts';
import { muteServer } from '../support/mail-server.ts';
import {
  eventually,
  fleetText,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

const TOKEN = 'bot-token';
const WAIT_MS = 15_000;
const BOT = { personId: 'roomd', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' as const };

async function webexStandIn(): Promise<WebexStandIn> {
  const webex = await startWebexStandIn({ tokens: { [TOKEN]: BOT }, rooms: [{ title: 'Ops' }] });
  onTestFinished(() => webex.stop());
  return webex;
}

/** A fleet whose devices stand on one site, with an alert soon after something is wrong. */
function alertingFleet(
  simulator: Simulator,
  webex: WebexStandIn,
  { alerts = '', more = '' }: { alerts?: string; more?: string } = {},
): string {
  const text = fleetText({
    devices: simulator.devices,
    more: `
notifiers:
  ops: { webex: { roomId: "${webex.rooms[0]?.id}", token: "\${env:BOT}", baseUrl: "${webex.url}" } }
${more}
alerts:
  notify: [ops]
  rules:
    device-offline: { for: 1500ms, clear: 300ms }
    site-outage: { for: 1500ms, clear: 1s }
${alerts}`,
  });
  return text.replaceAll(/host: "127.0.0.1:(\d+)" \}/g, 'host: "127.0.0.1:$1", tags: { site: oslo } }');
}

async function allUp({ act }: RunningDaemon): Promise<void> {
  await eventually(async () => {
    const { items } = await act(listDevices);
    expect(new Set(items.map(({ session }) => session.state))).toEqual(new Set(['up']));
  }, WAIT_MS);
}

/** What people read, first line of each message. */
function told(webex: WebexStandIn): string[] {
  return webex.messages().map(({ markdown }) => markdown?.split('\n')[0] ?? '');
}

const env = { BOT: TOKEN };

describe('An alert', () => {
  test('is told after its watching period, acknowledged and resolved in one thread, over a restart', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
    const webex = await webexStandIn();
    const folder = temporaryFolder();
    const text = alertingFleet(simulator, webex);
    const first = await runDaemon(text, { env, folder });
    await allUp(first);
    simulator.device('hall').fault('offline', null);

    await eventually(() => expect(told(webex)).toEqual(['⚠️ **hall is offline**']), WAIT_MS);
    const [opened] = (await first.act(listAlerts)).items;
    expect(opened).toMatchObject({ rule: 'device-offline', state: 'open', about: 'hall', toldTo: ['ops'] });

    await first.act(acknowledgeAlert, { alert: 'hall', comment: 'cable is being mended' });
    await eventually(() => expect(webex.messages()).toHaveLength(2), WAIT_MS);
    await first.daemon.stop();

    const second = await runDaemon(text, { env, folder });
    expect((await second.act(listAlerts)).items).toMatchObject([
      { id: opened?.id, state: 'acknowledged', comment: 'cable is being mended' },
    ]);
    await eventually(async () => {
      const { items } = await second.act(listDevices, { devices: 'attic' });
      expect(items[0]?.session.state).toBe('up');
    }, WAIT_MS);
    simulator.device('hall').clearFault('offline');
    await eventually(() => expect(told(webex).at(-1)).toBe('✅ **hall is back**'), WAIT_MS);

    const [root, ack, end] = webex.messages();
    expect(webex.messages()).toHaveLength(3);
    expect(ack?.markdown).toContain('cable is being mended');
    expect([ack?.parentId, end?.parentId]).toEqual([root?.id, root?.id]);
    expect((await second.act(listAlerts)).items).toEqual([]);
    const shown = await second.act(showOneAlert, { alert: opened?.id ?? '' });
    expect(shown.history.map(({ change }) => change)).toEqual(['opened', 'acknowledged', 'resolved']);
    expect(shown.deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
    const events = await second.act(listEvents, { kinds: 'alert' });
    expect(events.items).toHaveLength(3);
  }, 60_000);

  test('stands for a whole site, and its end tells of those that are still off', async () => {
    const names = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
    const simulator = await simulated(names.map((name) => ({ name })));
    const webex = await webexStandIn();
    const { act, ...rest } = await runDaemon(alertingFleet(simulator, webex), { env });
    await allUp({ act, ...rest });
    for (const { name } of simulator.devices) simulator.device(name).fault('offline', null);
    await eventually(() => expect(webex.messages()).toHaveLength(1), WAIT_MS);
    expect(told(webex)).toEqual(['🔴 **site oslo is out: 6 of 6 devices are offline**']);

    for (const name of names.slice(0, 5)) simulator.device(name).clearFault('offline');
    await eventually(() => expect(webex.messages()).toHaveLength(2), WAIT_MS);
    expect(webex.messages()[1]?.markdown).toContain('Still offline: r6.');
    await eventually(async () => {
      expect((await act(listAlerts)).items).toMatchObject([{ rule: 'device-offline', about: 'r6' }]);
    }, WAIT_MS);
    simulator.device('r6').clearFault('offline');
    await eventually(() => expect(told(webex).at(-1)).toBe('✅ **r6 is back**'), WAIT_MS);
    const [root, ...answers] = webex.messages();
    expect(answers.map(({ parentId }) => parentId)).toEqual([root?.id, root?.id]);
  }, 60_000);

  test('is recorded and not sent in maintenance; what still is wrong at its end is told then', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
    const webex = await webexStandIn();
    const daemon = await runDaemon(alertingFleet(simulator, webex), { env });
    const { act } = daemon;
    await allUp(daemon);
    await act(startMaintenance, { devices: 'hall', for: '2h', reason: 'new cabling' });
    expect((await act(listDevices, { devices: 'hall' })).items[0]?.maintenance).toMatchObject({
      reason: 'new cabling',
      source: 'command',
    });
    simulator.device('hall').fault('offline', null);
    await eventually(async () => {
      expect((await act(listAlerts)).items).toMatchObject([
        { about: 'hall', silenced: 'maintenance: new cabling', toldAt: null },
      ]);
    }, WAIT_MS);
    expect(webex.messages()).toEqual([]);
    await act(endMaintenance);
    await eventually(() => expect(told(webex)).toEqual(['⚠️ **hall is offline**']), WAIT_MS);
    expect(webex.messages()[0]?.markdown).toContain('it was silenced until now (maintenance: new cabling)');
  }, 60_000);

  test('reaches every service by itself: one that hangs delays no other', async () => {
    const simulator = await simulated([{ name: 'hall', model: builtInModels.room }]);
    const webex = await webexStandIn();
    const [hook, manager, mute] = await Promise.all([jsonServer(), jsonServer(), muteServer()]);
    const daemon = await runDaemon(
      alertingFleet(simulator, webex, {
        more: `
  mail: { email: { host: 127.0.0.1, port: ${mute.port}, tls: none, from: roomd@example.com, to: ops@example.com } }
  hook: { webhook: { url: "${hook.url}", secret: "\${env:HOOK}" } }
  am: { alertmanager: { url: "${manager.url}" } }
`,
        alerts: `
    diagnostics: { for: 0s, clear: 0s, notify: [mail, ops, hook, am] }
    peripheral-lost: { for: 0s, clear: 0s }
`,
      }),
      { env: { ...env, HOOK: 'shared' } },
    );
    await allUp(daemon);
    const { core } = simulator.device('hall').state;
    core.setStatus('Diagnostics.Message[3].Level', 'Error');
    core.setStatus('Diagnostics.Message[3].Type', 'TouchPanelConnection');
    core.setStatus('Diagnostics.Message[3].Description', 'No touch panel is connected');
    const title = 'Diagnostics of hall: TouchPanelConnection';
    await eventually(() => expect(told(webex)).toEqual([`⚠️ **${title}**`]), WAIT_MS);
    await eventually(() => {
      expect(hook.posts.map((post) => post.json())).toMatchObject([
        { event: 'alert.opened', alert: { title } },
      ]);
      expect(manager.posts.map((post) => post.json())).toMatchObject([
        [{ labels: { alertname: 'diagnostics', device: 'hall' } }],
      ]);
    }, WAIT_MS);
    core.removeStatus('Diagnostics.Message[3]');
    await eventually(() => {
      expect(webex.messages()).toHaveLength(2);
      expect(hook.posts.at(-1)?.json()).toMatchObject({ event: 'alert.resolved' });
      expect(manager.posts).toHaveLength(2);
    }, WAIT_MS);
    const [alert] = (await daemon.act(listAlerts, { all: true })).items;
    const { deliveries } = await daemon.act(showOneAlert, { alert: alert?.id ?? '' });
    const to = (name: string) =>
      deliveries.filter(({ notifier }) => notifier === name).map(({ state }) => state);
    expect(to('mail')).toEqual(['waiting', 'waiting']);
    expect(to('hook')).toEqual(['delivered', 'delivered']);
  }, 60_000);
});
