import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRoomd } from '../support/roomd-process.ts';
import { temporaryFolder } from '../support/world.ts';

function start(feedback = '') {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'fleet.yaml'),
    `version: 1\ndaemon: { listen: "127.0.0.1:0", mode: observe${feedback} }\ndevices: []\n`,
  );
  return startRoomd(['run'], { cwd, env: { ROOMD_LOG_LEVEL: 'debug' } });
}

function gone({ child }: ReturnType<typeof start>): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

describe('A daemon whose output is gone', { timeout: 40_000 }, () => {
  test('ends when its start fails', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const roomd = start(`, feedback: { publicUrl: "http://127.0.0.1:${port}", listen: "127.0.0.1:${port}" }`);
    await roomd.line((line) => line.includes('database migrated'));
    gone(roomd);
    expect((await roomd.ended).code).toBe(1);
  });

  test('goes on, and ends in order on a signal', async () => {
    const roomd = start();
    await roomd.line((line) => line.includes('roomd runs'));
    gone(roomd);
    // A file that is read again is logged, to nobody.
    for (let times = 0; times < 3; times += 1) {
      roomd.child.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect([roomd.child.exitCode, roomd.child.signalCode]).toEqual([null, null]);
    expect((await roomd.kill('SIGTERM')).code).toBe(0);
  });
});
