import { describe, expect, test } from 'vitest';
import { createUser } from '../../src/actions/users.ts';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const PASSWORD = 'wide blue window seat';

describe.skipIf(!hasChromium)('Signing in to the dashboard (needs Chromium)', () => {
  test('a viewer of one room sees that room alone and no button that acts; signed out, nothing', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'vault' }]);
    const { daemon, act } = await runDaemon(fleetText({ devices: simulator.devices }));
    await act(createUser, { name: 'anna', role: 'viewer', devices: 'hall', password: PASSWORD });
    const { page, elsewhere } = await openTab(daemon.url, { path: '/devices' });
    await page.getByLabel('User').fill('anna');
    await page.getByLabel('Password').fill('not that one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/is wrong/).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'hall' }).click();
    await page.getByRole('button', { name: 'Doctor' }).waitFor();
    expect(await page.getByRole('button', { name: 'Restart' }).count()).toBe(0);
    expect(await page.getByText('vault').count()).toBe(0);

    await page.goto(`${daemon.url}/devices/vault`);
    await page.getByText('no device is called "vault"').waitFor();

    await page.goto(`${daemon.url}/system`);
    await page.getByRole('heading', { name: 'Parts' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Password').waitFor();
    expect((await fetch(`${daemon.url}/api/v1/devices`)).status).toBe(401);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('an operator of one room finds no page that waits for what is not for them', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'vault' }]);
    const { daemon, act } = await runDaemon(fleetText({ devices: simulator.devices }));
    await act(createUser, { name: 'anna', role: 'operator', devices: 'hall', password: PASSWORD });
    const { page } = await openTab(daemon.url);
    await page.getByLabel('User').fill('anna');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const pages = page.getByRole('navigation', { name: 'Pages' });
    for (const name of await pages.getByRole('link').allInnerTexts()) {
      await pages.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      await eventually(async () => expect(await page.getByText(/^(Loading|Asking)/).count()).toBe(0));
      expect([name, await page.getByRole('alert').allInnerTexts()]).toEqual([name, []]);
      expect([name, await page.getByText('vault').count()]).toEqual([name, 0]);
    }
    await page.getByRole('button', { name: 'Read the file again' }).waitFor({ state: 'detached' });
  }, 60_000);
});
