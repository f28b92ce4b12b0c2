import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { listDevices } from '../../src/actions/devices.ts';
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  resumeRollout,
  revertRollout,
  rolloutStatus,
  type ShownRollout,
  startRollout,
} from '../../src/actions/rollout.ts';
import { trust } from '../../src/actions/trust.ts';
import type { Simulator } from '../../src/simulator/server.ts';
import { eventually, fleetText, type RunningDaemon, runDaemon, simulated } from '../support/world.ts';

const NAMES = Array.from({ length: 12 }, (_, at) => `room-${String(at + 1).padStart(2, '0')}`);
const VOLUME = 'Audio.DefaultVolume';
const ROLLOUT = (more = '') => `rollout:
  canary: "room-01 | room-02"
  rings: ["room-03 | room-04 | room-05 | room-06", "room-07 | room-08 | room-09"]
  soak: 300ms
${more}`;

function rooms() {
  return simulated(NAMES.map((name) => ({ name })));
}

function text(
  simulator: Simulator,
  changes: { more?: string; volume?: string; mode?: 'observe' | 'enforce' } = {},
) {
  const { more = ROLLOUT(), volume = '70', mode = 'observe' } = changes;
  return fleetText({ devices: simulator.devices, configuration: { [VOLUME]: volume }, mode, more });
}

function volumes(simulator: Simulator): string[] {
  return NAMES.map((name) => simulator.device(name).state.configuration(VOLUME) ?? '');
}

function states({ rings }: ShownRollout): Record<string, string> {
  return Object.fromEntries(rings.flatMap(({ devices }) => devices.map(({ name, state }) => [name, state])));
}

async function ended(daemon: RunningDaemon, state: string): Promise<ShownRollout> {
  return eventually(async () => {
    const shown = await daemon.act(rolloutStatus);
    expect(shown.state).toBe(state);
    return shown;
  }, 15_000);
}

/** How many devices were being written at the same time, watched until the rollout is done. */
async function mostAtOnce(daemon: RunningDaemon): Promise<number> {
  const end = performance.now() + 15_000;
  let most = 0;
  for (;;) {
    const shown = await daemon.act(rolloutStatus);
    most = Math.max(most, Object.values(states(shown)).filter((state) => state === 'applying').length);
    if (shown.state === 'done') return most;
    if (performance.now() > end) throw new Error(`it is ${shown.state} yet`);
    await sleep(2);
  }
}

describe('A rollout over twelve rooms', () => {
  test('goes canaries first, ring by ring, and ends with every room proven', async () => {
    const simulator = await rooms();
    const daemon = await runDaemon(text(simulator));
    const begun = await daemon.act(startRollout, { parallel: 2 });
    expect(begun.rings.map(({ name, devices }) => [name, devices.length])).toEqual([
      ['canary room-01 | room-02', 2],
      ['room-03 | room-04 | room-05 | room-06', 4],
      ['room-07 | room-08 | room-09', 3],
      ['all others', 3],
    ]);
    await eventually(() => expect(volumes(simulator).slice(0, 2)).toEqual(['70', '70']));
    expect(volumes(simulator).slice(2)).toEqual(Array(10).fill('50'));
    const shown = await ended(daemon, 'done');
    expect(new Set(Object.values(states(shown)))).toEqual(new Set(['passed']));
    expect(volumes(simulator)).toEqual(Array(12).fill('70'));
  }, 25_000);

  test('stops at a canary that does not hold, and puts back what was written', async () => {
    const simulator = await rooms();
    // Something in the room turns the volume of the second canary back again and again.
    const poisoned = simulator.device('room-02');
    const daemon = await runDaemon(text(simulator));
    await daemon.act(startRollout);
    await eventually(() => expect(volumes(simulator).slice(0, 2)).toEqual(['70', '70']));
    const knob = setInterval(() => {
      if (poisoned.state.configuration(VOLUME) === '70') poisoned.state.turnKnob(VOLUME, '13');
    }, 5);
    const shown = await ended(daemon, 'reverted').finally(() => clearInterval(knob));
    expect(shown.reason).toMatch(
      /1 of 2 tried failed, 0 may: room-02 \(Audio\.DefaultVolume(?: does not hold|: .* holds "13")/,
    );
    expect(volumes(simulator)).toEqual(Array(12).fill('50'));
    expect(states(shown)).toMatchObject({
      'room-01': 'reverted',
      'room-02': 'reverted',
      'room-03': 'pending',
    });
  }, 25_000);

  test('in enforce, drift repair keeps the old revision where the turn has not come, also while paused', async () => {
    const simulator = await rooms();
    const daemon = await runDaemon(text(simulator, { volume: '60', mode: 'enforce' }));
    await daemon.act(startRollout);
    await ended(daemon, 'done');
    writeFileSync(daemon.file, text(simulator, { mode: 'enforce', more: ROLLOUT().replace('300ms', '3s') }));
    await daemon.daemon.reload();
    await daemon.act(startRollout);
    await eventually(() => expect(volumes(simulator).slice(0, 2)).toEqual(['70', '70']));
    await daemon.act(pauseRollout, { reason: 'lunch' });
    simulator.device('room-12').state.turnKnob(VOLUME, '5');
    await eventually(() => expect(volumes(simulator)[11]).toBe('60'));
    expect(volumes(simulator).slice(2)).toEqual(Array(10).fill('60'));
    expect((await daemon.act(rolloutStatus)).waitsFor).toBe('paused: lunch');
    await daemon.act(resumeRollout);
    await daemon.act(abortRollout);
    const shown = await ended(daemon, 'aborted');
    expect(states(shown)).toMatchObject({ 'room-03': 'pending' });
    expect(volumes(simulator).slice(0, 3)).toEqual(['70', '70', '60']);
    await daemon.act(revertRollout);
    await ended(daemon, 'reverted');
    expect(volumes(simulator)).toEqual(Array(12).fill('60'));
  }, 40_000);

  test('gives a device that was off its turn when it is back', async () => {
    const simulator = await simulated(NAMES.map((name) => ({ name, offline: name === 'room-04' })));
    const daemon = await runDaemon(text(simulator, { more: ROLLOUT() }));
    await daemon.act(startRollout);
    const shown = await ended(daemon, 'catching-up');
    expect(states(shown)).toMatchObject({ 'room-03': 'passed', 'room-04': 'off', 'room-12': 'passed' });
    simulator.device('room-04').clearFault('offline');
    await ended(daemon, 'done');
    expect(volumes(simulator)).toEqual(Array(12).fill('70'));
  }, 25_000);

  test('waits for a room in use and says so, and asks for a person where a certificate changed', async () => {
    const simulator = await rooms();
    const configuration = { 'Standby.Delay': '30' };
    const daemon = await runDaemon(fleetText({ devices: simulator.devices, configuration, more: ROLLOUT() }));
    const [busy, changed] = [simulator.device('room-04'), simulator.device('room-05')];
    await eventually(async () => {
      const { items } = await daemon.act(listDevices);
      expect(items.filter(({ session }) => session.state === 'up')).toHaveLength(12);
    });
    busy.state.people(2);
    changed.fault('certificate', null);
    await daemon.act(startRollout);
    await eventually(async () => {
      const [, ring] = (await daemon.act(rolloutStatus)).rings;
      expect(ring?.devices).toMatchObject([
        { name: 'room-03', state: 'passed' },
        { name: 'room-04', state: 'pending', reason: expect.stringMatching(/the room is in use/) },
        { name: 'room-05', state: 'needs-bootstrap', reason: expect.stringMatching(/roomd trust/) },
        { name: 'room-06', state: 'passed' },
      ]);
    }, 10_000);
    expect(busy.state.configuration('Standby.Delay')).toBe('10');
    busy.state.people(0);
    await ended(daemon, 'catching-up');
    expect(busy.state.configuration('Standby.Delay')).toBe('30');
    await daemon.act(trust, { name: 'room-05', certificate: changed.fingerprint256 });
    await ended(daemon, 'done');
    expect(changed.state.configuration('Standby.Delay')).toBe('30');
  }, 40_000);

  test('reverts unless somebody confirms in time', async () => {
    const simulator = await rooms();
    const daemon = await runDaemon(text(simulator));
    await daemon.act(startRollout, { confirmWithinMs: 400 });
    await ended(daemon, 'reverted');
    expect(volumes(simulator)).toEqual(Array(12).fill('50'));
    await daemon.act(startRollout, { confirmWithinMs: 60_000 });
    await ended(daemon, 'confirming');
    await daemon.act(approveRollout);
    await ended(daemon, 'done');
    expect(volumes(simulator)).toEqual(Array(12).fill('70'));
  }, 40_000);

  test('keeps to its limit of rooms at once', async () => {
    const simulator = await simulated(
      NAMES.map((name) => ({ name })),
      { settings: { latencyMs: 10 } },
    );
    const daemon = await runDaemon(text(simulator));
    await daemon.act(startRollout, { parallel: 3 });
    expect(await mostAtOnce(daemon)).toBe(3);
    const puts = simulator.devices.map(({ counters }) => counters.requests.get('POST /putxml'));
    expect(puts).toEqual(Array(12).fill(1));
  }, 25_000);

  test('does not begin where the plan says that more rooms would refuse a line than may fail', async () => {
    const simulator = await rooms();
    const daemon = await runDaemon(text(simulator, { volume: '120' }));
    await expect(daemon.act(startRollout)).rejects.toThrow(
      /12 of 12 devices would fail, 0 may: room-01 \(.*fleet\.yaml:\d+:\d+: Audio\.DefaultVolume: .*expected an integer from 0 to 100.*mend the lines/s,
    );
    await expect(daemon.act(rolloutStatus)).rejects.toThrow(/nothing was rolled out yet/);
    expect(volumes(simulator)).toEqual(Array(12).fill('50'));
  }, 25_000);

  test('refuses what can cut roomd off unless the file names it, and then goes one at a time', async () => {
    const simulator = await rooms();
    const path = 'Security.Session.InactivityTimeout';
    const withTimeout = (more: string) =>
      fleetText({ devices: simulator.devices, configuration: { [path]: '30' }, more });
    const daemon = await runDaemon(withTimeout(ROLLOUT()));
    await expect(daemon.act(startRollout)).rejects.toThrow(/can cut roomd off .* rollout\.allowCutOff/);
    writeFileSync(daemon.file, withTimeout(ROLLOUT('  allowCutOff: [Security.Session]\n')));
    await daemon.daemon.reload();
    await daemon.act(startRollout);
    const most = await mostAtOnce(daemon);
    expect(most).toBe(1);
    expect(simulator.devices.map(({ state }) => state.configuration(path))).toEqual(Array(12).fill('30'));
  }, 30_000);
});
