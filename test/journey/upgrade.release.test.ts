import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { history } from '../../src/actions/history.ts';
import { startRollout } from '../../src/actions/rollout.ts';
import {
  abortUpgrade,
  pauseUpgrade,
  planUpgrades,
  resumeUpgrade,
  type ShownUpgrade,
  startUpgrade,
  upgradeStatus,
} from '../../src/actions/upgrade.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { SimulatedDeviceSpec, Simulator } from '../../src/simulator/server.ts';
import { line } from '../cli/command-line.ts';
import { startRoomd } from '../support/roomd-process.ts';
import { upgradableModel, VANISHING } from '../support/upgradable-model.ts';
import {
  eventually,
  fleetText,
  PASSWORD,
  type RunningDaemon,
  runDaemon,
  simulated,
  temporaryFolder,
} from '../support/world.ts';

const OLD = 'ce26.4.1.0a1b2c3';
const NEW = 'ce26.9.1';
const URL = 'https://files.example.com/ce26.9.1.pkg';
const ALWAYS = '  windows: [{ from: 00:00, to: 24:00 }]\n';
const TIMING =
  '{ sweep: 2s, drift: 200ms, slotCheck: 1s, connect: 1s, request: 1500ms, ping: 2s, retryFirst: 50ms, retryMost: 200ms, upgrade: 3s }';

function rooms(count: number, of: (name: string) => Partial<SimulatedDeviceSpec> = () => ({})) {
  const names = Array.from({ length: count }, (_, at) => `room-${at + 1}`);
  return simulated(names.map((name) => ({ name, model: upgradableModel, ...of(name) })));
}

interface FleetChanges {
  readonly rollout?: string;
  readonly configuration?: Readonly<Record<string, string>>;
  readonly timing?: string;
  /** What single devices say besides. */
  readonly own?: Readonly<Record<string, string>>;
}

function text(simulator: Simulator, changes: FleetChanges = {}): string {
  const { rollout = `rollout:\n  soak: 200ms\n${ALWAYS}`, configuration = {}, own = {} } = changes;
  const whole = fleetText({
    devices: simulator.devices,
    configuration,
    timing: changes.timing ?? TIMING,
    more: rollout,
  }).replace('defaults:\n', `defaults:\n  software: { version: 26.9.1, url: "${URL}" }\n`);
  return Object.entries(own).reduce(
    (file, [name, more]) => file.replace(`{ name: ${name},`, `{ name: ${name}, ${more},`),
    whole,
  );
}

function software(url: string): string {
  return `software: { version: 26.9.1, url: "${url}" }`;
}

/** A clock that shows this time in UTC on a Tuesday and goes on from there. */
function at(time: string): Clock {
  return systemClock(Date.parse(`2026-12-01T${time}:00Z`) - Date.now());
}

function utc(file: string): string {
  return file.replace('timezone: Europe/Oslo', 'timezone: Etc/UTC');
}

function versions(simulator: Simulator): string[] {
  return simulator.devices.map(({ software }) => software);
}

function orders(simulator: Simulator): number[] {
  return simulator.devices.map(({ state }) => state.upgradesOrdered);
}

function deviceIn(shown: ShownUpgrade, name: string) {
  const device = shown.rings.flatMap(({ devices }) => devices).find((one) => one.name === name);
  if (device === undefined) throw new Error(`${name} is not in the upgrade`);
  return device;
}

function ended(daemon: RunningDaemon, state: string): Promise<ShownUpgrade> {
  return eventually(async () => {
    const shown = await daemon.act(upgradeStatus);
    expect(shown.state).toBe(state);
    return shown;
  }, 20_000);
}

describe('An upgrade', () => {
  test('goes canary first and ends with every room on the version, with what differs since', async () => {
    const simulator = await rooms(4);
    const daemon = await runDaemon(
      text(simulator, {
        rollout: `rollout:\n  canary: room-1\n  soak: 300ms\n${ALWAYS}`,
        configuration: { [VANISHING]: 'On', 'Standby.Delay': '10' },
      }),
    );
    const begun = await daemon.act(startUpgrade);
    expect(begun.rings.map(({ name, devices }) => [name, devices.length])).toEqual([
      ['canary room-1', 1],
      ['all others', 3],
    ]);
    await eventually(() => expect(versions(simulator)[0]).toBe(NEW), 10_000);
    expect(versions(simulator).slice(1)).toEqual([OLD, OLD, OLD]);
    await expect(daemon.act(startUpgrade)).rejects.toThrow(/the upgrade .* is running: let it end/);
    await expect(daemon.act(startRollout)).rejects.toThrow(/the upgrade .* is running: let it end/);
    const shown = await ended(daemon, 'done');
    expect(versions(simulator)).toEqual([NEW, NEW, NEW, NEW]);
    expect(orders(simulator)).toEqual([1, 1, 1, 1]);
    expect(deviceIn(shown, 'room-3')).toMatchObject({
      state: 'passed',
      from: OLD,
      to: '26.9.1',
      differedBefore: 0,
      differing: [VANISHING],
    });
    const written = await daemon.act(history, { name: 'room-3' });
    expect(written.items).toMatchObject([
      { path: 'Software', before: OLD, after: '26.9.1', state: 'accepted' },
    ]);
    await expect(daemon.act(startUpgrade)).rejects.toThrow(/there is nothing to upgrade/);
  }, 40_000);

  test('tells in a sentence how each device failed, and ends where more fail than may', async () => {
    const simulator = await rooms(6, (name) =>
      name === 'room-3'
        ? { settings: { upgradeFallsBack: true } }
        : name === 'room-5'
          ? { settings: { rebootMs: 60_000 } }
          : {},
    );
    const daemon = await runDaemon(
      text(simulator, {
        rollout: `rollout:\n  soak: 100ms\n  failureBudget: 5\n${ALWAYS}`,
        own: {
          'room-1': software('https://files.example.com/other/ce26.9.1.pkg'),
          'room-2': software('https://files.example.com/lost.pkg'),
          'room-4': software('https://files.example.com/ce26.8.2.pkg'),
        },
      }),
    );
    await daemon.act(startUpgrade, { parallel: 6 });
    const shown = await ended(daemon, 'done');
    expect(deviceIn(shown, 'room-1').state).toBe('passed');
    expect(deviceIn(shown, 'room-2')).toMatchObject({
      state: 'failed',
      reason: 'the device says that the upgrade failed: The software could not be fetched',
    });
    expect(deviceIn(shown, 'room-3')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/restarted and still runs ce26\.4\.1|says that the upgrade failed/),
    });
    expect(deviceIn(shown, 'room-4').reason).toBe('the device restarted with ce26.8.2 instead');
    expect(deviceIn(shown, 'room-5')).toMatchObject({
      state: 'failed',
      reason: expect.stringMatching(/^not proven within 3 s of the order: it does not answer/),
    });
    const status = await line(['upgrade', 'status'], { cwd: daemon.folder });
    expect(status.code).toBe(1);
  }, 40_000);

  test('stops for good when more devices fail than the file bears', async () => {
    const simulator = await rooms(3, () => ({ settings: { upgradeFallsBack: true } }));
    const daemon = await runDaemon(
      text(simulator, { rollout: `rollout:\n  canary: room-1\n  soak: 100ms\n${ALWAYS}` }),
    );
    await daemon.act(startUpgrade);
    const shown = await ended(daemon, 'aborted');
    expect(shown.reason).toMatch(/^1 of 1 tried failed, 0 may: room-1/);
    expect(orders(simulator)).toEqual([1, 0, 0]);
  }, 30_000);

  test('leaves rooms in use, on hold and protected alone, and pauses and aborts as told', async () => {
    const simulator = await rooms(3);
    const daemon = await runDaemon(text(simulator, { own: { 'room-2': 'protected: true' } }));
    simulator.device('room-1').state.people(2);
    simulator.device('room-3').state.people(2);
    await daemon.act(startUpgrade);
    await eventually(async () => {
      const shown = await daemon.act(upgradeStatus);
      expect(deviceIn(shown, 'room-1')).toMatchObject({
        state: 'pending',
        reason: expect.stringMatching(/the room is in use/),
      });
      expect(deviceIn(shown, 'room-2')).toMatchObject({
        state: 'left-out',
        reason: expect.stringMatching(/protected/),
      });
    }, 10_000);
    await daemon.act(pauseUpgrade, { reason: 'a visit' });
    simulator.device('room-1').state.people(0);
    await sleep(600);
    expect(orders(simulator)).toEqual([0, 0, 0]);
    expect((await daemon.act(upgradeStatus)).waitsFor).toBe('paused: a visit');
    await daemon.act(resumeUpgrade);
    await eventually(() => expect(versions(simulator)[0]).toBe(NEW), 10_000);
    await daemon.act(abortUpgrade, { reason: 'enough' });
    const shown = await ended(daemon, 'aborted');
    expect(shown.reason).toBe('enough');
    expect(versions(simulator)).toEqual([NEW, OLD, OLD]);
  }, 30_000);

  test('gives a device that was off its turn when it is back', async () => {
    const simulator = await rooms(2, (name) => ({ offline: name === 'room-2' }));
    const daemon = await runDaemon(text(simulator));
    await daemon.act(startUpgrade);
    const shown = await ended(daemon, 'catching-up');
    // It is tried again and again meanwhile.
    expect(['off', 'applying']).toContain(deviceIn(shown, 'room-2').state);
    simulator.device('room-2').clearFault('offline');
    await ended(daemon, 'done');
    expect(versions(simulator)).toEqual([NEW, NEW]);
  }, 30_000);
});

describe('Windows', () => {
  const window = 'rollout:\n  soak: 100ms\n  windows: [{ from: 22:00, to: 23:00 }]\n';

  test('that are closed, or close too soon, hold devices back; named ones go now', async () => {
    const simulator = await rooms(2);
    const daemon = await runDaemon(utc(text(simulator, { rollout: window })), { clock: at('22:40') });
    await daemon.act(startUpgrade);
    await eventually(async () => {
      expect(deviceIn(await daemon.act(upgradeStatus), 'room-1').reason).toBe(
        'an upgrade needs 30 min and less is left; waits for its window, which opens 2026-12-02T22:00:00Z (Etc/UTC)',
      );
    }, 10_000);
    await daemon.act(abortUpgrade);
    await ended(daemon, 'aborted');
    await daemon.act(startUpgrade, { devices: 'room-2', now: true });
    await ended(daemon, 'done');
    expect(versions(simulator)).toEqual([OLD, NEW]);
  }, 30_000);

  test('that are open long enough let devices begin', async () => {
    const simulator = await rooms(1);
    const daemon = await runDaemon(utc(text(simulator, { rollout: window })), { clock: at('22:10') });
    await daemon.act(startUpgrade);
    await ended(daemon, 'done');
    expect(versions(simulator)).toEqual([NEW]);
  }, 30_000);

  test('must be in the file, or the devices be named', async () => {
    const simulator = await rooms(1);
    const daemon = await runDaemon(text(simulator, { rollout: '' }));
    await expect(daemon.act(startUpgrade)).rejects.toThrow(/names no window .* say --now/);
    await expect(daemon.act(startUpgrade, { now: true })).rejects.toThrow(/name the devices/);
    await daemon.act(startUpgrade, { now: true, devices: 'room-1' });
    await ended(daemon, 'done');
  }, 30_000);
});

describe('On the command line', () => {
  test('the plan names versions, URL, window and what vanishes, asks, and the status tells the end', async () => {
    const simulator = await rooms(2);
    const more: FleetChanges = { configuration: { [VANISHING]: 'On' }, own: { 'room-2': 'protected: true' } };
    const daemon = await runDaemon(text(simulator, more));
    await daemon.act(planUpgrades);
    const first = await line(['upgrade', 'start'], { cwd: daemon.folder, answer: false });
    expect(first.code).toBe(3);
    expect(first.out).toMatch(/room-1 {2}ce26\.4\.1\S* → 26\.9\.1/);
    expect(first.out).toContain(`from ${URL}`);
    expect(first.out).toContain('at once when its turn comes');
    expect(first.out).toMatch(/! not checked: roomd does not know what Cisco Codec Pro accepts on 26\.9\.1/);
    expect(first.out).toMatch(/! it is protected/);
    expect(orders(simulator)).toEqual([0, 0]);
    // One device of that product on the new software teaches what it accepts.
    simulator.device('room-2').state.command('SystemUnit.SoftwareUpgrade', { URL });
    await eventually(async () => {
      const plan = await daemon.act(planUpgrades);
      expect(plan.devices).toMatchObject([
        {
          name: 'room-1',
          warnings: [expect.stringMatching(/^Standby\.WakeupOnMotionDetection is gone after the upgrade/)],
        },
      ]);
    }, 10_000);
    expect((await line(['upgrade', 'start'], { cwd: daemon.folder })).code).toBe(2);
    expect((await line(['upgrade', 'start', '--now', '--yes'], { cwd: daemon.folder })).code).toBe(2);
    const started = await line(['upgrade', 'start', '--yes', '--parallel', '1'], { cwd: daemon.folder });
    expect([started.code, started.err]).toEqual([0, '']);
    await ended(daemon, 'done');
    const status = await line(['upgrade', 'status'], { cwd: daemon.folder });
    expect(status.code).toBe(0);
    expect(status.out).toMatch(
      /room-1 passed: ce26\.4\.1\S* → 26\.9\.1; 1 setting differs from the file \(0 before\): Standby\.WakeupOnMotionDetection/,
    );
    await daemon.daemon.stop();
    const alone = await line(['upgrade', 'start', '--yes'], { cwd: daemon.folder });
    expect([alone.code, alone.err]).toEqual([1, expect.stringContaining('needs a running daemon')]);
  }, 40_000);
});

describe('A daemon that is killed in the middle of an upgrade', () => {
  test('asks each device before it orders anything again, and comes to the same end', async () => {
    const simulator = await rooms(3, () => ({ settings: { upgradeMs: 600, rebootMs: 400 } }));
    const folder = temporaryFolder();
    const slow = TIMING.replace('upgrade: 3s', 'upgrade: 20s');
    writeFileSync(join(folder, 'fleet.yaml'), text(simulator, { timing: slow }));
    const env = { ROOM_PASSWORD: PASSWORD };
    const random = seededRandom(7);
    const run = async () => {
      const daemon = startRoomd(['run'], { cwd: folder, env });
      await daemon.line((said) => said.includes('roomd runs'));
      return daemon;
    };
    let daemon = await run();
    const started = await line(['upgrade', 'start', '--yes', '--json'], { cwd: folder });
    expect([started.code, started.err]).toEqual([0, '']);
    for (let kill = 0; kill < 3; kill += 1) {
      await sleep(200 + random() * 900);
      await daemon.kill('SIGKILL');
      daemon = await run();
    }
    await eventually(async () => {
      const { out } = await line(['upgrade', 'status', '--json'], { cwd: folder });
      expect(JSON.parse(out)).toMatchObject({ state: 'done', reason: null });
    }, 60_000);
    expect(versions(simulator)).toEqual([NEW, NEW, NEW]);
    expect(orders(simulator)).toEqual([1, 1, 1]);
  }, 120_000);
});
