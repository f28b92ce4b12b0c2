import { describe, expect, test } from 'vitest';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

describe.skipIf(!hasChromium)('The page of one device (needs Chromium)', () => {
  test('shows the room as it is and what the file says of it, and has it show a message once that was confirmed', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { daemon } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: { 'Standby.Delay': '7' }, mode: 'enforce' }),
    );
    const { core, screen } = simulator.device('hall').state;
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/devices/hall' });
    await page.getByText(/^\S up$/).waitFor();
    const settings = page.getByRole('region', { name: 'Configuration' });
    const row = settings.getByRole('row', { name: /Standby\.Delay/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/Standby\.Delay\s+7\s+.*\s+not yet\s+defaults fleet\.yaml:\d+:\d+/);

    core.setStatus('RoomAnalytics.PeoplePresence', 'Yes');
    core.setStatus('RoomAnalytics.PeopleCount.Current', '3');
    await page.getByText('3 there').waitFor();

    await page.getByRole('button', { name: 'Show a message' }).click();
    const question = page.getByRole('dialog', { name: 'Show a message in hall?' });
    await question.getByLabel(/What stands on the screen/).fill('The next meeting begins');
    await expectAccessible(page);
    await question.getByRole('button', { name: 'Show it' }).click();
    await question.getByText(/^Done/).waitFor();
    await eventually(() =>
      expect(screen.history.at(-1)).toMatchObject({ kind: 'alert', text: 'The next meeting begins' }),
    );
    await question.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Doctor' }).click();
    await page.getByRole('button', { name: 'Examine it' }).click();
    await page.getByRole('table', { name: 'What was found in hall' }).waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Close' }).click();
    await expectAccessible(page);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('of a device that the fleet does not have says so', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    const { page } = await openTab(daemon.url, { path: '/devices/nowhere' });
    const said = page.getByRole('alert');
    await said.waitFor();
    expect(await said.innerText()).toContain('no device is called "nowhere"');
  }, 60_000);
});
