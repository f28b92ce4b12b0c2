import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { rolloutStatus, startRollout } from '../../src/actions/rollout.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { expectAccessible, hasChromium, openTab } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const VOLUME = 'Audio.DefaultVolume';
const CAMPUS = 1_000;
const NAMES = ['fjord', 'tundra', 'glacier', 'harbour'];
const TAGGED = `layers:
  - { name: first, devices: "fjord | tundra | glacier", tags: { site: oslo } }
`;

function world(): Promise<Simulator> {
  return simulated(NAMES.map((name) => ({ name })));
}

function volumes(simulator: Simulator): (string | null)[] {
  return NAMES.map((name) => simulator.device(name).state.configuration(VOLUME));
}

function section(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

/** Presses a button that asks, says yes, and reads the answer. */
async function say(page: Page, label: RegExp, yes: string): Promise<string> {
  await page.getByRole('button', { name: label }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: yes }).click();
  await dialog.getByRole('button', { name: 'Close' }).waitFor();
  const told = await dialog.getByRole('status').innerText();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return told;
}

/** Three rooms with one and the same change, and one with another. */
async function openChanges() {
  const simulator = await world();
  simulator.device('harbour').state.turnKnob(VOLUME, '30');
  const wanted = { [VOLUME]: '70' };
  const { daemon } = await runDaemon(
    fleetText({ devices: simulator.devices, configuration: wanted, more: TAGGED }),
  );
  return { simulator, ...(await openTab(daemon.url, { path: '/changes' })) };
}

describe.skipIf(!hasChromium)('The page of changes (needs Chromium)', () => {
  test('shows equal changes of several rooms as one, those of most rooms first, and opens by keyboard', async () => {
    const { page, errors, elsewhere } = await openChanges();
    const changes = section(page, 'Changes');
    await changes.getByText('3 rooms').waitFor();
    const [first, second, ...more] = await changes.getByRole('listitem').allInnerTexts();
    expect(first).toMatch(/3 rooms\s+Audio\.DefaultVolume\s+from\s+50\s+→\s+to\s+70/);
    expect(second).toMatch(/1 room\s+Audio\.DefaultVolume\s+from\s+30/);
    expect(more).toEqual([]);
    await changes.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await changes.getByRole('link', { name: 'tundra' }).waitFor();
    expect(await changes.getByRole('link').allInnerTexts()).toEqual(['fjord', 'tundra', 'glacier']);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('applies to the rooms of a selector after a question that names them, and then nothing is pending', async () => {
    const { page, errors, simulator } = await openChanges();
    await page.getByRole('combobox', { name: 'Rooms' }).fill('site=oslo');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/changes\?devices=site%3Doslo$/);
    await page.getByRole('button', { name: 'Apply to 3 rooms…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Apply to 3 rooms of site=oslo?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(volumes(simulator)).toEqual(['50', '50', '50', '30']);
    const told = await say(page, /^Apply to 3 rooms/, 'Write to 3 rooms');
    expect(told).toMatch(/3 written and proven\.$/);
    expect(volumes(simulator)).toEqual(['70', '70', '70', '30']);
    await section(page, 'What became of it').getByText('accepted').waitFor();
    await page.getByText('Nothing is pending: every room of site=oslo that was read').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'All rooms' }).click();
    await page.getByRole('button', { name: 'Apply to 1 room…' }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  test('leaves a protected room out unless it is named, says so, and the filter of devices finds it', async () => {
    const simulator = await world();
    const { daemon } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        configuration: { [VOLUME]: '70' },
        more: 'layers:\n  - { name: board, devices: harbour, protected: true }',
      }),
    );
    const { page, errors } = await openTab(daemon.url, { path: '/changes' });
    await page.getByText('1 room left out because it is protected').waitFor();
    await page.getByRole('button', { name: 'Apply to 3 rooms…' }).click();
    await page.getByRole('dialog').getByText('1 protected room is left out.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await say(page, /^Apply to 3 rooms/, 'Write to 3 rooms');
    expect(volumes(simulator)).toEqual(['70', '70', '70', '50']);
    await expectAccessible(page);
    await page.goto(`${daemon.url}/devices?is=held`);
    await page.getByRole('link', { name: 'harbour' }).waitFor();
    expect(await page.getByRole('link', { name: 'fjord' }).count()).toBe(0);
    expect(errors).toEqual([]);
  }, 60_000);

  test('says where the file asks what cannot be, and which rooms could not be read, with what to do', async () => {
    const simulator = await world();
    const { daemon, file } = await runDaemon(
      fleetText({ devices: simulator.devices, configuration: { 'Foo.Bar': '1' } }),
    );
    simulator.device('glacier').fault('offline', null);
    const { page, errors } = await openTab(daemon.url, { path: '/changes' });
    const problems = section(page, 'Not written as the file stands');
    await problems.getByText(/Foo\.Bar/).waitFor();
    expect(await problems.innerText()).toMatch(/fleet\.yaml:\d+:\d+/);
    expect(file).toMatch(/fleet\.yaml$/);
    const unread = section(page, 'Rooms that could not be read');
    await unread.getByText('1 room').waitFor();
    expect(await unread.innerText()).toMatch(/did not answer.*see whether the device is on/s);
    await unread.locator('summary').click();
    await unread.getByRole('link', { name: 'glacier' }).waitFor();
    expect(await page.getByRole('button', { name: /Apply/ }).count()).toBe(0);
    await expectAccessible(page);
    expect(errors).toEqual([]);
  }, 60_000);

  test('starts a rollout, and pauses and resumes it with a reason', async () => {
    const { page, errors, elsewhere, running, simulator } = await openRollout();
    await section(page, 'Rollout').getByText('Nothing was rolled out yet.').waitFor();
    expect(await say(page, /^Start a rollout/, 'Start it')).toMatch(/It has begun/);
    const shown = section(page, 'Rollout under way');
    await shown.getByRole('progressbar', { name: 'Ring canary fjord' }).waitFor();
    await shown.getByText('written, being watched').waitFor();
    expect(volumes(simulator)).toEqual(['70', '50', '50', '50']);
    expect(await shown.innerText()).toMatch(/None of 1 room tried failed; 1 may before it is put back\./);
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Pause…' }).click();
    await page.getByRole('textbox', { name: /^Why/ }).fill('lunch');
    await page.getByRole('dialog').getByRole('button', { name: 'Pause it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await shown.getByText('paused').first().waitFor();
    expect(await running.act(rolloutStatus)).toMatchObject({ paused: true, reason: 'lunch' });
    expect(await say(page, /^Resume/, 'Go on')).toBe('It goes on.');
    expect(await running.act(rolloutStatus)).toMatchObject({ paused: false });
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('aborts a rollout, which keeps what was written, and then puts it back', async () => {
    const { page, errors, running, simulator } = await openRollout();
    await running.act(startRollout);
    await eventually(() => expect(volumes(simulator)).toEqual(['70', '50', '50', '50']));
    await page.getByRole('button', { name: 'Abort…' }).click();
    await page.getByText(/^It ends: what was written to 1 room stays/).waitFor();
    await page.keyboard.press('Escape');
    expect(await say(page, /^Abort/, 'End it')).toBe('It ends.');
    const last = section(page, 'Last rollout');
    await last.getByText('was aborted').waitFor();
    expect(volumes(simulator)).toEqual(['70', '50', '50', '50']);
    expect(await say(page, /^Put back/, 'Put it back')).toBe('What was written is being put back.');
    await last.getByText('was put back').waitFor();
    expect(volumes(simulator)).toEqual(['50', '50', '50', '50']);
    await expectAccessible(page);
    expect(errors).toEqual([]);
  }, 60_000);
});

/** A file whose rollout watches its canary for longer than a test lasts. */
async function openRollout() {
  const simulator = await world();
  const more = `rollout:
  canary: fjord
  rings: ["tundra | glacier"]
  soak: 10m
  failureBudget: 1
`;
  const running = await runDaemon(
    fleetText({ devices: simulator.devices, configuration: { [VOLUME]: '70' }, more }),
  );
  return { simulator, running, ...(await openTab(running.daemon.url, { path: '/changes' })) };
}

/** Three changes of a thousand rooms and one room that is another way: what a summer's edit of the defaults looks like. */
describe.skipIf(!hasChromium)('The page of changes over a campus (needs Chromium)', () => {
  test('tells a thousand rooms in as many lines as there are kinds of changes, and names the rooms of each', async () => {
    const rooms = Array.from({ length: CAMPUS }, (_, at) => ({
      name: `room-${String(at + 1).padStart(4, '0')}`,
    }));
    const simulator = await simulated(rooms);
    simulator.device('room-0007').state.turnKnob(VOLUME, '30');
    const { daemon } = await runDaemon(
      fleetText({
        devices: simulator.devices,
        configuration: { [VOLUME]: '70', 'Standby.Delay': '30' },
        timing: '{ sweep: 1h, drift: 1h, slotCheck: 1h, connect: 30s, request: 30s, ping: 60s }',
      }),
    );
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/changes' });
    const changes = section(page, 'Changes');
    await page.getByText('Asking the rooms').waitFor();
    await changes.getByText(`${CAMPUS} rooms`).waitFor({ timeout: 240_000 });
    expect(
      (await changes.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ')),
    ).toEqual([
      `${CAMPUS} rooms Standby.Delay from 10 → to 30`,
      `${CAMPUS - 1} rooms Audio.DefaultVolume from 50 → to 70`,
      '1 room Audio.DefaultVolume from 30 → to 70',
    ]);
    await changes.locator('summary').nth(2).click();
    await changes.getByRole('link', { name: 'room-0007' }).waitFor();
    await changes.locator('summary').nth(1).click();
    await eventually(async () => expect(await changes.getByRole('link').count()).toBe(CAMPUS));
    await page.getByRole('button', { name: /^Apply to/ }).click();
    const dialog = page.getByRole('dialog', { name: `Apply to ${CAMPUS} rooms of the whole fleet?` });
    await dialog.getByRole('button', { name: `Write to ${CAMPUS} rooms` }).click();
    await dialog.getByText(`${2 * CAMPUS} written and proven.`).waitFor({ timeout: 240_000 });
    await dialog.getByRole('button', { name: 'Close' }).click();
    const became = section(page, 'What became of it');
    expect(await became.getByRole('listitem').count()).toBe(3);
    const held = rooms.map(({ name }) => simulator.device(name).state.configuration(VOLUME));
    expect(held.every((value) => value === '70')).toBe(true);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 600_000);
});
