import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { placeHold } from '../../src/actions/hold.ts';
import { hasChromium, openTab } from '../support/browser.ts';
import { fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

const LIVE = 'Live';
const LOST = /^Not live for/;
const HELD = /lunch/;

/** A line to the daemon that can go silent, as one does when a laptop changes its network. */
async function lineTo(port: number): Promise<{ url: string; silence: (isSilent: boolean) => void }> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    const daemon = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => {
        if (!isSilent) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence(wanted) {
      isSilent = wanted;
    },
  };
}

/** A dashboard whose clock the test moves, on such a line. */
async function openLive() {
  const { devices } = await simulated([{ name: 'hall' }]);
  const running = await runDaemon(fleetText({ devices }));
  const line = await lineTo(Number(new URL(running.daemon.url).port));
  const { page } = await openTab(line.url);
  await page.clock.install();
  await page.reload();
  await page.getByText(LIVE, { exact: true }).waitFor();
  return { running, line, page };
}

describe.skipIf(!hasChromium)('The line from the dashboard to the daemon (needs Chromium)', () => {
  test('is told as lost while the daemon is away, and what happened meanwhile is shown when it is back', async () => {
    const { devices } = await simulated([{ name: 'hall' }]);
    const text = fleetText({ devices, listen: `127.0.0.1:${await freePort()}` });
    const first = await runDaemon(text);
    const { page } = await openTab(first.daemon.url);
    await page.getByText(LIVE, { exact: true }).waitFor();
    await first.daemon.stop();
    await page.getByText(LOST).waitFor();
    await page.getByRole('heading', { name: 'Now' }).waitFor();
    const second = await runDaemon(text, { folder: first.folder });
    await second.act(placeHold, { reason: 'lunch' });
    await page.getByText(LIVE, { exact: true }).waitFor();
    await page.getByText(HELD).first().waitFor();
    expect(await page.getByText(LOST).count()).toBe(0);
  }, 60_000);

  test('is told as lost when nothing comes through it any more, though nobody closed it', async () => {
    const { running, line, page } = await openLive();
    line.silence(true);
    await page.clock.runFor('00:50');
    await page.getByText(LOST).waitFor();
    await running.act(placeHold, { reason: 'lunch' });
    expect(await page.getByText(HELD).count()).toBe(0);
    line.silence(false);
    await page.clock.runFor('00:50');
    await page.getByText(LIVE, { exact: true }).waitFor();
    await page.getByText(HELD).first().waitFor();
    expect(await page.getByText(LOST).count()).toBe(0);
  }, 60_000);

  test('is taken up anew by a page that slept, which then reads what it missed', async () => {
    const { running, line, page } = await openLive();
    // What is sent to a sleeping machine is lost, and the connection looks as before.
    line.silence(true);
    await running.act(placeHold, { reason: 'lunch' });
    await page.clock.fastForward('10:00:00');
    line.silence(false);
    await page.clock.runFor('00:10');
    await page.getByText(HELD).first().waitFor();
    await page.getByText(LIVE, { exact: true }).waitFor();
    expect(await page.getByText(LOST).count()).toBe(0);
  }, 60_000);
});
