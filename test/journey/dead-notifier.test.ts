import { expect, test } from 'vitest';
import { listAlerts } from '../../src/actions/alerts.ts';
import { listDevices } from '../../src/actions/devices.ts';
import { line } from '../cli/command-line.ts';
import { jsonServer } from '../support/json-server.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

const WAIT_MS = 15_000;

test('a service that takes nothing is not shown as told, of no alert, and roomd says that it is dead', async () => {
  const simulator = await simulated([{ name: 'hall' }, { name: 'attic' }]);
  const hook = await jsonServer();
  const more = `
notifiers:
  hook: { webhook: { url: "${hook.url}", secret: "\${env:HOOK}" } }
  dead: { webhook: { url: "http://127.0.0.1:${await freePort()}", secret: "\${env:HOOK}" } }
alerts:
  notify: [hook, dead]
  rules:
    device-offline: { for: 500ms, clear: 300ms }
`;
  const text = fleetText({ devices: simulator.devices, more });
  const daemon = await runDaemon(text, { env: { HOOK: 'shared' } });
  await eventually(async () => {
    const { items } = await daemon.act(listDevices);
    expect(items.map(({ session }) => session.state)).toEqual(['up', 'up']);
  }, WAIT_MS);
  for (const name of ['hall', 'attic']) simulator.device(name).fault('offline', null);
  await eventually(() => expect(hook.posts).toHaveLength(2), WAIT_MS);
  const cwd = daemon.folder;
  await eventually(async () => {
    const { items } = await daemon.act(listAlerts);
    expect(items.map(({ undelivered }) => undelivered)).toEqual([
      [{ notifier: 'dead', state: 'waiting', reason: expect.stringContaining('connection was refused') }],
      [{ notifier: 'dead', state: 'waiting', reason: expect.stringContaining('connection was refused') }],
    ]);
  }, WAIT_MS);

  const listed = (await line(['alerts'], { cwd })).out.split('\n');
  for (const name of ['hall', 'attic'])
    expect(listed).toContainEqual(
      expect.stringMatching(new RegExp(`${name} is offline +told hook; not yet dead$`)),
    );
  expect(
    listed.filter((text) => /^Not delivered: \S+ to dead: .*connection was refused/.test(text)),
  ).toHaveLength(2);
  const { items } = await daemon.act(listAlerts);
  for (const { id } of items)
    expect((await line(['alerts', 'show', id], { cwd })).out).toMatch(
      /dead +waiting +\d+ +.*connection was refused/,
    );
  expect((await line(['status'], { cwd })).out).toMatch(
    /notifiers: dead takes no messages: .*connection was refused/,
  );
  expect(await (await daemon.get('/healthz')).json()).toMatchObject({
    ok: false,
    parts: expect.arrayContaining([
      { part: 'notifiers', ok: false, reason: expect.stringContaining('dead') },
    ]),
  });
  expect((await daemon.get('/readyz')).status).toBe(200);
}, 60_000);
