import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupStatus } from '../../src/actions/backups.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { line } from '../cli/command-line.ts';
import {
  eventually,
  fleetText,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

/** A daemon whose clock shows this time and goes on from there. */
function daemonAt(folder: string, wall: string, file: string): Promise<RunningDaemon> {
  return runDaemon(file, { folder, clock: systemClock(Date.parse(wall) - Date.now()) });
}

/** One that learns of the schedule an hour before the first night. */
async function acquaint(folder: string, file: string): Promise<void> {
  const evening = await daemonAt(folder, '2026-12-01T02:30:00Z', file);
  await eventually(async () => {
    const shown = await evening.act(backupStatus);
    expect(shown.countedFrom).toMatch(/^2026-12-01T02:3/);
    expect(shown.schedule?.nextAt).toBe('2026-12-01T03:30:00.000Z');
  }, 20_000);
  await evening.daemon.stop();
}

function text({ devices }: Simulator, to = 'tree', more = 'notify: ops'): string {
  return fleetText({
    devices,
    timing: '{ connect: 10s, request: 20s, retryFirst: 100ms, retryMost: 400ms }',
    more: `backups: { to: ${to}, schedule: "30 3 * * *", ${more} }
notifiers:
  ops: { webex: { roomId: Y2lz, token: made-up, baseUrl: "http://127.0.0.1:9" } }`,
  });
}

/** The messages that wait for their service, which nobody reaches here. */
async function messages({ daemon }: RunningDaemon): Promise<string[]> {
  const { database } = daemon.ports;
  const rows = await database.read(database.query.selectFrom('outbox').select('message_json').orderBy('id'));
  return rows.map(({ message_json }) => (JSON.parse(message_json) as { markdown: string }).markdown);
}

async function ran(daemon: RunningDaemon, dueAt: string) {
  return eventually(async () => {
    const shown = await daemon.act(backupStatus);
    expect(shown.last?.dueAt).toBe(dueAt);
    return shown;
  }, 25_000);
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
}

describe('Backups on a schedule', () => {
  test('run in the night, make up what was missed once, and tell what changed and who was off', async () => {
    const simulator = await simulated([{ name: 'room-1' }, { name: 'room-2' }]);
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'tree'));
    git(join(folder, 'tree'), 'init', '--quiet');
    await acquaint(folder, text(simulator));
    const first = await daemonAt(folder, '2026-12-01T03:30:01Z', text(simulator));
    const night = await ran(first, '2026-12-01T03:30:00.000Z');
    expect(night.last).toMatchObject({ missed: 0, changed: 2, failed: 0 });
    expect(await messages(first)).toEqual(['Backed up for the first time: room-1, room-2.']);
    await first.daemon.stop();
    // Three nights later: two were missed, a setting was changed and a room is off.
    simulator.device('room-1').state.turnKnob('Standby.Delay', '33');
    simulator.device('room-2').fault('offline', null);
    const later = await daemonAt(folder, '2026-12-04T02:30:00Z', text(simulator));
    const madeUp = await ran(later, '2026-12-03T03:30:00.000Z');
    expect(madeUp.last).toMatchObject({ missed: 1, changed: 1, failed: 1 });
    const [, told] = await messages(later);
    expect(told).toContain('**room-1** is other than at its last backup:\n- Standby.Delay: 10 → 33');
    expect(told).toMatch(/\*\*room-2\*\* could not be backed up: /);
    expect(git(join(folder, 'tree'), 'log', '--format=%s').trim().split('\n')).toEqual([
      'room-1: configuration.yaml',
      expect.stringMatching(/: first backup$/),
      expect.stringMatching(/: first backup$/),
    ]);
    const status = await line(['backup', '--status'], { cwd: folder });
    expect(status.code).toBe(1);
    expect(status.out).toMatch(/it stood for 1 run before it that was missed/);
    expect(status.out).toMatch(/room-2 +last backed up 2026-12-01T03:30:\S+ +failing since 2026-12-0/);
    await later.daemon.stop();
    // Off again: nobody is told a second time.
    const again = await daemonAt(folder, '2026-12-04T04:30:00Z', text(simulator));
    await ran(again, '2026-12-04T03:30:00.000Z');
    expect(await messages(again)).toHaveLength(2);
  }, 90_000);

  test('whose folder or repository refuses say so in health, and go on by themselves', async () => {
    const simulator = await simulated([{ name: 'room-1' }]);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tree'), 'a file stands where the folder should be');
    await acquaint(folder, text(simulator));
    const blocked = await daemonAt(folder, '2026-12-01T03:30:01Z', text(simulator));
    const shown = await ran(blocked, '2026-12-01T03:30:00.000Z');
    expect(shown.trouble).toMatch(/tree cannot be written: /);
    expect(await (await blocked.get('/healthz')).json()).toMatchObject({
      ok: false,
      parts: expect.arrayContaining([{ part: 'backups', ok: false, reason: shown.trouble }]),
    });
    expect((await blocked.get('/readyz')).status).toBe(200);
    expect(await messages(blocked)).toEqual([expect.stringMatching(/^\*\*Backups cannot be kept:\*\* /)]);
    await blocked.daemon.stop();
    rmSync(join(folder, 'tree'));
    mkdirSync(join(folder, 'tree'));
    git(join(folder, 'tree'), 'init', '--quiet');
    writeFileSync(join(folder, 'tree/.git/index.lock'), '');
    const locked = await daemonAt(folder, '2026-12-02T03:30:01Z', text(simulator));
    const second = await ran(locked, '2026-12-02T03:30:00.000Z');
    expect(second.trouble).toMatch(/is written and not committed: .*index\.lock/);
    expect(readFileSync(join(folder, 'tree/room-1/configuration.yaml'), 'utf8')).toContain('Standby.Delay');
    await locked.daemon.stop();
    rmSync(join(folder, 'tree/.git/index.lock'));
    const free = await daemonAt(folder, '2026-12-03T03:30:01Z', text(simulator));
    expect((await ran(free, '2026-12-03T03:30:00.000Z')).trouble).toBeNull();
    expect(git(join(folder, 'tree'), 'log', '--format=%s').trim()).toBe('room-1: backup');
  }, 90_000);
});

test('The section is checked: schedule, selector and notifier, each with its place', async () => {
  const simulator = await simulated([{ name: 'room-1' }]);
  const folder = temporaryFolder();
  const wrong = text(simulator, 'tree', 'devices: "site=nowhere", notify: nobody').replace('30 3', '70 3');
  writeFileSync(join(folder, 'fleet.yaml'), wrong);
  const { code, out, err } = await line(['validate'], { cwd: folder });
  expect(code).toBe(4);
  const said = `${out}\n${err}`;
  expect(said).toMatch(/fleet\.yaml:\d+:\d+ .*backups\.schedule.*the minute/);
  expect(said).toMatch(/backups\.devices/);
  expect(said).toMatch(/there is no notifier "nobody": declared are ops/);
});
