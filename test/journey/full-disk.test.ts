import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mayMount, smallDisk } from '../storage/small-disk.ts';
import { eventually, fleetText, freePort, runDaemon, simulated } from '../support/world.ts';

if (!mayMount) console.log('skipped, as only root may mount a small disk: the daemon on a full disk');

/** Fills what is left of the file system. */
function fill(path: string): void {
  for (let bytes = 1024 * 1024; bytes >= 512; bytes /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // No more of this size fits: go on with half of it.
    }
  }
}

describe.runIf(mayMount)('The daemon on a full disk', () => {
  test('stops answering 2xx, says so in health, readiness and log, and recovers by itself', async () => {
    const simulator = await simulated([{ name: 'hall' }]);
    const folder = smallDisk(6);
    const { get, log } = await runDaemon(
      fleetText({ devices: simulator.devices, mode: 'enforce', feedbackPort: await freePort() }),
      { folder },
    );
    const hall = simulator.device('hall');
    const url = await eventually(() => {
      const slot = hall.state.slots.list().find((one) => one.url.includes('/feedback/'));
      expect(slot).toBeDefined();
      return slot?.url ?? '';
    });
    const post = async (): Promise<number> => {
      const panel = 'x'.repeat(20_000);
      const body = `<Event><Identification><SerialNumber>${hall.serial}</SerialNumber></Identification><UserInterface><Extensions><Panel><Clicked><PanelId>${panel}</PanelId></Clicked></Panel></Extensions></UserInterface></Event>`;
      const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
      return answer.status;
    };
    expect(await post()).toBe(200);
    fill(join(folder, 'filler'));
    await eventually(async () => expect(await post()).toBe(503), 15_000);
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false }]);
    expect(await (await get('/healthz')).json()).toMatchObject({ ok: false });
    expect(log.some(({ level, message }) => level === 'error' && message.includes('cannot be stored'))).toBe(
      true,
    );
    expect(await post()).toBe(503);

    rmSync(join(folder, 'filler'));
    await eventually(async () => expect(await post()).toBe(200), 10_000);
    await eventually(async () => expect((await get('/readyz')).status).toBe(200), 10_000);
    expect(log.some(({ message }) => message.includes('stored again'))).toBe(true);
  }, 45_000);
});
