import { describe, expect, test } from 'vitest';
import { apply } from '../../src/actions/apply.ts';
import { wholeHistory } from '../../src/actions/history.ts';
import { placeHold, releaseHold } from '../../src/actions/hold.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { expectAccessible, hasChromium, openTab, signInByToken } from '../support/browser.ts';
import { fleetText, runDaemon, simulated } from '../support/world.ts';

const SECRET = 'nobody may read this';

async function world(daemonLines = '') {
  const simulator = await simulated([{ name: 'fjord' }, { name: 'tundra' }]);
  const configuration = {
    'Audio.DefaultVolume': '61',
    'SystemUnit.Name': 'A room',
    'SIP.Authentication.Password': '${env:SIP_PASSWORD}',
  };
  const text = fleetText({ devices: simulator.devices, configuration, daemon: daemonLines });
  const running = await runDaemon(text, { env: { SIP_PASSWORD: SECRET } });
  await running.act(apply, { devices: 'all', force: true });
  return running;
}

describe.skipIf(!hasChromium)('The page of audit (needs Chromium)', () => {
  test('shows every write as it is on record, without secrets, and filters by the address', async () => {
    const { daemon, act } = await world();
    const { items } = await act(wholeHistory, {});
    expect(items).toHaveLength(6);
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/audit' });
    const table = page.getByRole('table');
    await table.waitFor();
    expect(await table.getByRole('row').count()).toBe(items.length + 1);
    const told = await table.innerText();
    expect(told).toContain('[secret]');
    expect(await page.content()).not.toContain(SECRET);
    for (const { device, path } of items) expect(told).toContain(`${device}\t${path}`);
    await expectAccessible(page);

    await page.getByLabel('Device').fill('tundra');
    await page.waitForURL(/device=tundra/);
    await expect.poll(() => table.getByRole('row').count()).toBe(4);
    await page.getByLabel('Setting, or a node above it').fill('Audio');
    await page.waitForURL(/path=Audio/);
    await expect.poll(() => table.getByRole('row').count()).toBe(2);
    expect(await table.innerText()).toMatch(/Audio\.DefaultVolume\s+50\s+61\s+● proven\s+test/);
    await page.reload();
    await expect.poll(() => table.getByRole('row').count()).toBe(2);

    await page.getByLabel('Device').fill('nowhere');
    await page.getByText(/no device is called "nowhere"/).waitFor();
    expect(errors.filter((line) => !line.includes('404'))).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('tells what people did besides, as it happens', async () => {
    const { daemon, act } = await world();
    const { page } = await openTab(daemon.url, { path: '/audit?what=deeds', width: 390 });
    await page.getByText('approved the file').waitFor();
    await act(placeHold, { devices: 'name=fjord', reason: 'a visit' });
    await page.getByText('placed a hold on name=fjord: a visit').waitFor();
    await act(releaseHold, { devices: 'name=fjord' });
    await page.getByText('released a hold').waitFor();
    await expectAccessible(page);
    await page.getByText('approved the file').click();
    await expect.poll(() => page.getByRole('table').getByRole('row').count()).toBe(7);
  }, 60_000);

  test('is there for a viewer, too', async () => {
    const { token, entry } = await createFileToken('wall', 'viewer');
    const { daemon } = await world(`  tokens: [{ name: wall, role: viewer, hash: "${entry.hash}" }]`);
    const { page } = await openTab(daemon.url, { path: '/audit' });
    await signInByToken(page, token);
    await expect.poll(() => page.getByRole('table').getByRole('row').count()).toBe(7);
  }, 60_000);
});
