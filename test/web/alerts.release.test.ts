import { describe, expect, test } from 'vitest';
import { listAlerts, showOneAlert } from '../../src/actions/alerts.ts';
import { listMaintenance } from '../../src/actions/maintenance.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { expectAccessible, hasChromium, openTab, signInByToken } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

/** Nobody listens on port 9: what is to be told waits. */
const ALERTS = `notifiers:
  ops: { webhook: { url: "http://127.0.0.1:9", secret: "\${env:HOOK}" } }
alerts:
  notify: [ops]
  rules: { device-offline: { for: 0s, clear: 0s } }
`;

async function world(daemonLines = '') {
  const simulator = await simulated([{ name: 'fjord' }, { name: 'glacier' }]);
  const text = fleetText({ devices: simulator.devices, daemon: daemonLines, more: ALERTS });
  const running = await runDaemon(text, { env: { HOOK: 'a secret of thirty-two characters' } });
  const { act } = running;
  simulator.device('glacier').fault('offline', null);
  await eventually(async () => expect((await act(listAlerts, {})).items).toHaveLength(1), 15_000);
  return { ...running, simulator };
}

describe.skipIf(!hasChromium)('The page of alerts (needs Chromium)', () => {
  test('says what is open and who is not told, and takes an alert on with a comment', async () => {
    const { daemon, act } = await world();
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/alerts' });
    const card = page.getByRole('listitem').filter({ hasText: 'glacier is offline' });
    await card.getByText(/is not told yet/).waitFor();
    expect(await card.innerText()).toMatch(/warning[\s\S]*ops is not told yet/);
    await expectAccessible(page);

    await card.getByRole('button', { name: 'Look after it' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What you do about it').fill('The cable is on its way');
    await dialog.getByRole('button', { name: 'I look after it' }).click();
    await dialog.getByText(/It is on record/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await card.getByText('The cable is on its way').waitFor();
    const [open] = (await act(listAlerts, {})).items;
    const id = open?.id ?? '';
    expect((await act(showOneAlert, { alert: 'glacier' })).id).toBe(id);
    expect(await act(showOneAlert, { alert: id })).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'http:loopback',
      comment: 'The cable is on its way',
    });

    await card.getByRole('link', { name: 'glacier is offline' }).click();
    const history = page.getByRole('region', { name: 'What became of it' });
    await history.getByText(/The cable is on its way/).waitFor();
    const messages = page.getByRole('region', { name: 'Messages' });
    expect(await messages.innerText()).toMatch(/ops[\s\S]*waits[\s\S]*no answer from 127\.0\.0\.1:9/);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('follows an alert to its end, and keeps those that are over behind a filter', async () => {
    const { daemon, act, simulator } = await world();
    const [open] = (await act(listAlerts, {})).items;
    const { page } = await openTab(daemon.url, { path: `/alerts?alert=${open?.id}` });
    await page.getByRole('heading', { name: 'glacier is offline' }).waitFor();
    await expectAccessible(page);
    simulator.device('glacier').clearFault('offline');
    await page.getByRole('heading', { name: 'glacier is back' }).waitFor();
    await page.getByRole('link', { name: '← Alerts' }).click();
    await page.getByText('None is open.').waitFor();
    await page.getByLabel('Show').selectOption('all');
    await page.getByRole('link', { name: 'glacier is back' }).waitFor();
    expect((await act(showOneAlert, { alert: open?.id ?? '' })).state).toBe('resolved');
  }, 60_000);

  test('begins a maintenance and ends it', async () => {
    const { daemon, act } = await world();
    const { page } = await openTab(daemon.url, { path: '/alerts', width: 390 });
    const section = page.getByRole('region', { name: 'Maintenance' });
    await section.getByText('None holds').waitFor();
    await section.getByRole('button', { name: 'Begin a maintenance' }).click();
    const begin = page.getByRole('dialog');
    await begin.getByLabel('Devices').fill('name=glacier');
    await begin.getByLabel('How long').selectOption('1h');
    await begin.getByLabel('Why').fill('It is moved');
    await expectAccessible(page);
    await begin.getByRole('button', { name: 'Begin it' }).click();
    await begin.getByText(/nobody is told what is wrong with name=glacier/).waitFor();
    await begin.getByRole('button', { name: 'Close' }).click();
    expect((await act(listMaintenance, {})).items).toMatchObject([
      { devices: 'name=glacier', reason: 'It is moved', actor: 'http:loopback' },
    ]);
    await page.getByText(/Nobody is told now: maintenance/).waitFor();

    await section.getByRole('button', { name: 'End it' }).click();
    const end = page.getByRole('dialog', { name: 'End the maintenance of name=glacier?' });
    await end.getByRole('button', { name: 'End it' }).click();
    await end.getByText(/It has ended/).waitFor();
    await end.getByRole('button', { name: 'Close' }).click();
    await section.getByText('None holds').waitFor();
    expect((await act(listMaintenance, {})).items).toEqual([]);
  }, 60_000);

  test('gives a viewer nothing that acts', async () => {
    const { token, entry } = await createFileToken('wall', 'viewer');
    const { daemon } = await world(`  tokens: [{ name: wall, role: viewer, hash: "${entry.hash}" }]`);
    const { page } = await openTab(daemon.url, { path: '/alerts' });
    await signInByToken(page, token);
    await page.getByRole('link', { name: 'glacier is offline' }).waitFor();
    await page.getByText('None holds').waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
  }, 60_000);
});
