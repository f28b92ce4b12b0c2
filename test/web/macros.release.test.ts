import { describe, expect, test } from 'vitest';
import { listRuns } from '../../src/actions/macros.ts';
import { createFileToken } from '../../src/fleet/access/token.ts';
import { expectAccessible, hasChromium, openTab, signInByToken } from '../support/browser.ts';
import { eventually, fleetText, runDaemon, simulated } from '../support/world.ts';

const MACROS = `macros:
  - name: greet
    description: Says good morning
    when: [{ schedule: "0 6 1 1 *" }, { panel: hello }]
    devices: all
    steps:
      - message: { text: "Good morning, {{device.name}}", duration: 30s }
      - message: { text: "And welcome", duration: 30s }
  - name: linger
    devices: name=tundra
    steps: [{ wait: 5m }]
  - name: resting
    enabled: false
    devices: name=tundra
    steps: [{ standby: on }]
`;

async function world(daemonLines = '') {
  const simulator = await simulated([{ name: 'fjord' }, { name: 'tundra' }]);
  const text = fleetText({
    devices: simulator.devices,
    mode: 'enforce',
    daemon: daemonLines,
    more: MACROS,
  });
  const running = await runDaemon(text);
  await eventually(() =>
    expect(running.daemon.ports.devices().map(({ session }) => session.state)).toEqual(['up', 'up']),
  );
  const shownOn = (name: string) => simulator.device(name).state.screen.history.map(({ text: said }) => said);
  return { ...running, shownOn };
}

describe.skipIf(!hasChromium)('The page of macros (needs Chromium)', () => {
  test('runs a macro by hand after a dry look, and explains the run step by step', async () => {
    const { daemon, act, shownOn } = await world();
    const { page, errors, elsewhere } = await openTab(daemon.url, { path: '/macros' });
    const card = page.getByRole('listitem').filter({ hasText: 'Says good morning' });
    await card.waitFor();
    expect(await card.innerText()).toMatch(/schedule 0 6 1 1 \*; or the panel hello is pressed/);
    expect(await page.getByRole('listitem').filter({ hasText: 'put to rest' }).count()).toBe(1);

    await page.getByRole('link', { name: 'greet' }).click();
    await page.getByLabel('Room').selectOption('tundra');
    await page.getByRole('button', { name: 'What would happen?' }).click();
    await page.getByText(/would show "Good morning, tundra"/).waitFor();
    expect(shownOn('tundra')).toEqual([]);

    await page.getByRole('button', { name: 'Run it on tundra' }).click();
    const dialog = page.getByRole('dialog', { name: 'Run greet on tundra?' });
    await dialog.getByRole('button', { name: 'Run it' }).click();
    await dialog.getByText('On tundra the run succeeded.').waitFor();
    expect(shownOn('tundra')).toEqual(['Good morning, tundra', 'And welcome']);
    expect(shownOn('fjord')).toEqual([]);

    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('heading', { name: 'greet on tundra' }).waitFor();
    const steps = page.getByRole('region', { name: 'Steps' });
    expect(await steps.getByRole('listitem').count()).toBe(2);
    expect(await steps.innerText()).toMatch(/showed "And welcome"/);
    const [run] = (await act(listRuns, { macro: 'greet' })).items;
    expect(page.url()).toContain(`run=${run?.id}`);
    await expectAccessible(page);
    expect(errors).toEqual([]);
    expect(elsewhere).toEqual([]);
  }, 60_000);

  test('runs a run again from a step, and cancels one that is under way', async () => {
    const { daemon, act, post, shownOn } = await world();
    await post('/api/v1/macros/greet/run', { device: 'fjord' });
    void post('/api/v1/macros/linger/run', { device: 'tundra' }).catch(() => null);
    const { page } = await openTab(daemon.url, { path: '/macros?macro=greet', width: 390 });
    const runs = page.getByRole('region', { name: 'Runs' });
    await runs.getByRole('row').nth(1).getByRole('link').first().click();
    await page.getByRole('button', { name: 'Run it again' }).click();
    const again = page.getByRole('dialog', { name: 'Run greet again on fjord?' });
    await again.getByLabel('From the step').selectOption('2');
    await again.getByRole('button', { name: 'Run it' }).click();
    await again.getByText('On fjord the run succeeded.').waitFor();
    expect(shownOn('fjord')).toEqual(['Good morning, fjord', 'And welcome', 'And welcome']);
    await again.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('link', { name: '← Macros' }).click();
    const card = page.getByRole('listitem').filter({ hasText: 'linger' });
    await card.getByText('under way').waitFor();
    await card.getByRole('listitem').getByRole('link').first().click();
    await page.getByRole('button', { name: 'Cancel it' }).click();
    const cancel = page.getByRole('dialog', { name: 'Cancel linger on tundra?' });
    await cancel.getByRole('button', { name: 'Cancel the run' }).click();
    await cancel.getByText(/cancelled by http:loopback/).waitFor();
    expect((await act(listRuns, { macro: 'linger' })).items).toMatchObject([{ state: 'cancelled' }]);
    await cancel.getByRole('button', { name: 'Close' }).click();
    await page.getByText(/Ended/).first().waitFor();
    await expectAccessible(page);
  }, 60_000);

  test('gives a viewer nothing that acts', async () => {
    const { token, entry } = await createFileToken('wall', 'viewer');
    const { daemon } = await world(`  tokens: [{ name: wall, role: viewer, hash: "${entry.hash}" }]`);
    const { page } = await openTab(daemon.url, { path: '/macros' });
    await signInByToken(page, token);
    await page.getByText('Says good morning').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'greet' }).click();
    await page.getByRole('region', { name: 'Runs' }).getByText('It has not run yet.').waitFor();
    expect(await page.getByRole('button', { name: 'What would happen?' }).count()).toBe(0);
  }, 60_000);
});
