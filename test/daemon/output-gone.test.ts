import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRoomd } from '../support/roomd-process.ts';
import { temporaryFolder } from '../support/world.ts';

async function takenAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function start(daemon = 'mode: observe', listen = '127.0.0.1:0') {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'fleet.yaml'),
    `version: 1\ndaemon: { listen: "${listen}", ${daemon} }\ndevices: []\n`,
  );
  return startRoomd(['run'], { cwd, env: { ROOMD_LOG_LEVEL: 'debug' } });
}

function gone({ child }: ReturnType<typeof start>): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

describe('A daemon whose output is gone', { timeout: 40_000 }, () => {
  test('ends when its start fails', async () => {
    const address = await takenAddress();
    const roomd = start(`feedback: { publicUrl: "http://${address}", listen: "${address}" }`);
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

test('A daemon whose address is taken says that a roomd may run already', async () => {
  const address = await takenAddress();
  const { code, err } = await start('mode: observe', address).ended;
  expect(code).toBe(1);
  expect(err).toContain(`cannot listen on ${address}: another program, perhaps a roomd that runs already`);
}, 40_000);
