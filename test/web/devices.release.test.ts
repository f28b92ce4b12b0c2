import { describe, expect, test } from 'vitest';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const MANY = 5_000;

describe.skipIf(!hasChromium)('The page of all devices (needs Chromium)', () => {
  test('finds, filters and sorts at once, keeps the filters in the address, and leads to the room', async () => {
    const simulator = await simulated([{ name: 'attic' }, { name: 'hall' }, { name: 'hut' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    simulator.device('hut').fault('offline', null);
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/devices' });
    const rows = page.getByRole('table', { name: 'Devices' }).getByRole('row');
    await eventually(async () => expect(await rows.count()).toBe(4));
    await page.getByLabel('Find').fill('ha');
    await eventually(async () => expect(await rows.count()).toBe(2));
    expect(new URL(page.url()).searchParams.get('q')).toBe('ha');
    await page.getByLabel('Find').fill('');
    await page.getByLabel('That are').selectOption('in trouble');
    await page.getByRole('link', { name: 'hut' }).waitFor();
    await eventually(async () => expect(await rows.count()).toBe(2), 10_000);
    const address = page.url();
    await page.getByLabel('That are').selectOption('anything');
    await page.getByRole('button', { name: /^Name/ }).click();
    await eventually(async () => expect((await rows.nth(1).innerText()).split('\n')[0]).toBe('hut'));
    await expectAccessible(page);

    await page.goto(address);
    await page.getByRole('link', { name: 'hut' }).click();
    await page.getByRole('heading', { name: 'hut', level: 1 }).waitFor();
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test(`holds ${MANY} rows, of which only those in sight are in the document`, async () => {
    const devices = Array.from({ length: MANY }, (_, at) => ({
      name: `room-${String(at + 1).padStart(4, '0')}`,
      port: at + 1,
    }));
    const timing = '{ sweep: 1h, drift: 1h, slotCheck: 1h, retryFirst: 10m, retryMost: 1h }';
    // Addresses of their own, at which nobody listens.
    const text = fleetText({ devices, timing }).replace(
      /"127\.0\.0\.1:([1-9]\d*)" \}/g,
      (_, number: string) => `"127.1.${Number(number) >> 8}.${Number(number) & 255}:9" }`,
    );
    const { daemon } = await runDaemon(text);
    const { page } = await openTab(daemon.url, { path: '/devices' });
    const table = page.getByRole('table', { name: 'Devices' });
    await page.getByText(`${MANY} devices`).waitFor({ timeout: 20_000 });
    expect(await table.getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    expect(await table.getByRole('row').count()).toBeLessThan(80);
    await page.getByLabel('Find').fill('room-4242');
    await page.getByText(`1 of ${MANY} devices`).waitFor();
    await page.getByLabel('Find').fill('');
    const frame = page.getByRole('region', { name: 'Devices' });
    await frame.focus();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: `room-${MANY}` }).waitFor();
  }, 90_000);
});
