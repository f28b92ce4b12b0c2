import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Systemd } from '../../src/daemon/systemd.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { startRoomd } from '../support/roomd-process.ts';
import {
  eventually,
  fleetText,
  keepingLogger,
  PASSWORD,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

const UNIT = fileURLToPath(new URL('../../systemd/roomd.service', import.meta.url));
const ANALYZE = 'systemd-analyze';
const hasAnalyze = spawnSync(ANALYZE, ['--version']).status === 0;
const hasNotify =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['--version']).status === 0;
if (!hasAnalyze)
  console.log('skipped, as systemd-analyze is not installed: the checks of systemd/roomd.service');
if (!hasNotify)
  console.log('skipped, as systemd-notify or python3 is not installed: the daemon under a notify socket');

/** Writes each datagram as a line into a file. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
while True:
    data = s.recv(4096).decode()
    with open(sys.argv[2], "a") as f:
        f.write(data.replace("\\n", " ") + "\\n")
`;

describe('Under systemd', () => {
  test.skipIf(!hasAnalyze)('the unit is well formed', () => {
    const folder = temporaryFolder();
    // The verifier wants the program to exist; where roomd is installed is not this machine's matter.
    const unit = join(folder, 'roomd.service');
    writeFileSync(unit, readFileSync(UNIT, 'utf8').replaceAll('/usr/bin/node', process.execPath));
    const { status, stdout, stderr } = spawnSync(ANALYZE, ['verify', '--man=no', unit], {
      encoding: 'utf8',
    });
    expect([status, stdout, stderr.split('\n').filter((line) => line.includes('roomd.service'))]).toEqual([
      0,
      '',
      [],
    ]);
  });

  test.skipIf(!hasAnalyze)('the unit is exposed by 2.0 at most', () => {
    const report = execFileSync(ANALYZE, ['security', '--offline=true', '--no-pager', UNIT], {
      encoding: 'utf8',
    });
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(report)?.[1]);
    expect(exposure).toBeLessThanOrEqual(2);
  });

  test.skipIf(!hasNotify)(
    'the daemon says when it is ready, that it lives, and that it stops',
    async () => {
      const simulator = await simulated([{ name: 'hall' }]);
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'fleet.yaml'), fleetText({ devices: simulator.devices }));
      const socket = join(cwd, 'notify.sock');
      const told = join(cwd, 'told');
      const receiver = spawn('python3', ['-c', RECEIVER, socket, told], { stdio: 'ignore' });
      onTestFinished(() => void receiver.kill('SIGKILL'));
      await eventually(() => expect(existsSync(socket)).toBe(true));
      const daemon = startRoomd(['run'], {
        cwd,
        env: { ROOM_PASSWORD: PASSWORD, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' },
      });
      const said = () => (existsSync(told) ? readFileSync(told, 'utf8') : '');
      await eventually(() => expect(said()).toMatch(/READY=1.*STATUS=API at http/), 10_000);
      await eventually(() => expect(said().match(/WATCHDOG=1/g)?.length).toBeGreaterThan(2));
      expect((await daemon.kill('SIGTERM')).code).toBe(0);
      await eventually(() => expect(said()).toMatch(/STOPPING=1/));
    },
    20_000,
  );

  test('a daemon that does not live keeps silent towards the watchdog', async () => {
    const folder = temporaryFolder();
    const program = join(folder, 'notify');
    writeFileSync(program, `#!/bin/sh\necho "$@" >> ${folder}/told\n`);
    chmodSync(program, 0o755);
    let isAlive = true;
    const { logger } = keepingLogger();
    const systemd = new Systemd(
      { notifySocket: join(folder, 'none'), watchdogMs: 60, program },
      { clock: systemClock(), logger },
    );
    const beats = () => readFileSync(join(folder, 'told'), 'utf8').match(/WATCHDOG=1/g)?.length ?? 0;
    await systemd.ready('up', () => isAlive);
    await eventually(() => expect(beats()).toBeGreaterThan(2));
    isAlive = false;
    await new Promise((resolve) => setTimeout(resolve, 150));
    const before = beats();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(beats()).toBe(before);
    await systemd.stopping();
  });

  test('a missing program is told once and changes nothing', async () => {
    const { logger, lines } = keepingLogger();
    const systemd = new Systemd(
      { notifySocket: '/nowhere', watchdogMs: null, program: '/nowhere/systemd-notify' },
      { clock: systemClock(), logger },
    );
    await systemd.ready('up', () => true);
    await systemd.stopping();
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });
});
