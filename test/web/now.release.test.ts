import { describe, expect, test } from 'vitest';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { fleetText, runDaemon, simulated } from '../support/world.ts';

describe.skipIf(!hasChromium)('The page of what is going on now (needs Chromium)', () => {
  test('says which rooms are in trouble and why, which are in use, and follows as it changes', async () => {
    const simulator = await simulated([{ name: 'fjord' }, { name: 'tundra' }, { name: 'glacier' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    simulator.device('glacier').fault('offline', null);
    const { page, errors, elsewhere } = await openTab(daemon.url);
    const wrong = page.getByRole('region', { name: 'What is wrong' });
    await wrong.getByRole('link', { name: 'glacier' }).waitFor();
    expect(await wrong.innerText()).toMatch(/keeps trying by itself/);
    expect(await wrong.getByRole('link', { name: 'fjord' }).count()).toBe(0);
    await page.getByText('Live', { exact: true }).waitFor();

    simulator.device('fjord').state.core.setStatus('RoomAnalytics.PeoplePresence', 'Yes');
    const inUse = page.getByRole('region', { name: 'Rooms in use' });
    await inUse.getByRole('link', { name: 'fjord' }).waitFor();

    await expectAccessible(page);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('says that it is not live once the daemon is gone, and keeps what it knew', async () => {
    const simulator = await simulated([{ name: 'fjord' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    const { page } = await openTab(daemon.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await daemon.stop();
    await page.getByText(/Not live for/).waitFor();
    expect(await page.getByText('room in all').or(page.getByText('rooms in all')).count()).toBe(1);
  }, 60_000);

  test('tells one mistake in the defaults once, with the rooms behind it, and a room in other trouble beside it', async () => {
    const simulator = await simulated([
      { name: 'fjord' },
      { name: 'tundra' },
      { name: 'glacier' },
      { name: 'hut' },
    ]);
    simulator.device('hut').fault('offline', null);
    const { daemon } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: { 'Audio.DefaultVolum': '70' } }),
    );
    const { page, errors } = await openTab(daemon.url);
    const wrong = page.getByRole('region', { name: 'What is wrong' });
    await wrong.getByText('3 rooms').waitFor();
    await wrong.getByRole('link', { name: 'hut' }).waitFor();
    expect(await wrong.getByText(/Did you mean/).count()).toBe(1);
    await wrong.getByText('Which rooms').click();
    await wrong.getByRole('link', { name: 'tundra' }).waitFor();
    await expectAccessible(page);
    expect(errors).toEqual([]);
  }, 60_000);
});
