import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { placeHold } from '../../src/actions/hold.ts';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { fleetText, runDaemon, simulated } from '../support/world.ts';

describe.skipIf(!hasChromium)('The page of roomd itself (needs Chromium)', () => {
  test('shows its parts and holds as they come, and reads the file again: a broken one changes nothing and says where', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const text = fleetText({ devices: simulator.devices });
    const { daemon, file, act } = await runDaemon(text);
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/system' });
    await page.getByRole('row', { name: /database.*well/ }).waitFor();
    await act(placeHold, { reason: 'painters' });
    await page.getByText(/the whole fleet.*painters/).waitFor();

    writeFileSync(file, text.replace('mode: observe', 'mode: sometimes'));
    await page.getByRole('button', { name: 'Read the file again' }).click();
    await page.getByRole('button', { name: 'Read it' }).click();
    await page.getByText(/broken and changes nothing.*fleet\.yaml:\d+:\d+/).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('heading', { name: 'What is wrong with the file' }).waitFor();
    expect(daemon.ports.fleet().daemon.mode).toBe('observe');
    await expectAccessible(page);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('places a hold for some rooms after a question, and releases it', async () => {
    const simulator = await simulated([{ name: 'hall' }, { name: 'hut' }]);
    const { daemon } = await runDaemon(fleetText({ devices: simulator.devices }));
    const { page, errors } = await openTab(daemon.url, { path: '/system' });
    const held = () => daemon.ports.devices().filter((device) => device.held !== null);
    await page.getByRole('button', { name: 'Place a hold…' }).click();
    await page.getByRole('textbox', { name: 'Devices' }).fill('hut');
    await page.getByRole('textbox', { name: 'Why' }).fill('painters');
    await page.getByRole('dialog', { name: 'Hold hut?' }).getByRole('button', { name: 'Hold it' }).click();
    await page.getByText(/no macro runs there until it is released/).waitFor();
    expect(held().map(({ name }) => name)).toEqual(['hut']);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('painters').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Release…' }).click();
    await page
      .getByRole('dialog', { name: 'Release the hold on hut?' })
      .getByRole('button', { name: 'Release it' })
      .click();
    await page.getByText('It is released.').waitFor();
    expect(held()).toEqual([]);
    expect(errors).toEqual([]);
  }, 60_000);
});
