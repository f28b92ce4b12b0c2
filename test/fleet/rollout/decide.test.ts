import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type RolloutAct } from '../../../src/fleet/rollout/decide.ts';
import type { Rollout, RolloutDevice, RolloutDeviceState } from '../../../src/fleet/rollout/rollout.ts';
import { deviceOf, rolloutOf } from './rollouts.ts';

const NOW = 10_000;

function decided(
  rollout: Rollout,
  devices: readonly RolloutDevice[],
  now = NOW,
  blocked: string | null = null,
) {
  return decide(rollout, devices, { now, blocked, timezone: () => 'Europe/Oslo' });
}

/** `apply 1`, `begin-ring`. */
function acts(rollout: Rollout, devices: readonly RolloutDevice[], now = NOW): string[] {
  return decided(rollout, devices, now).acts.map(wordOf);
}

function wordOf(act: RolloutAct): string {
  return 'device' in act ? `${act.act} ${act.device.id}` : act.act;
}

describe('The next step of a rollout', () => {
  test('begins with the first ring, and with no device of the next before that ring has held', () => {
    const devices = [deviceOf(1), deviceOf(2, { ring: 1 })];
    expect(acts(rolloutOf({ ring: -1 }), devices)).toEqual(['begin-ring']);
    expect(acts(rolloutOf(), devices)).toEqual(['apply 1']);
    expect(acts(rolloutOf(), [deviceOf(1, { state: 'applying' }), devices[1] ?? deviceOf(2)])).toEqual([]);
    const soaking = deviceOf(1, { state: 'soaking', nextAt: NOW + 5 });
    expect(decided(rolloutOf(), [soaking, deviceOf(2, { ring: 1 })])).toMatchObject({
      acts: [],
      nextLookAt: NOW + 5,
    });
    expect(acts(rolloutOf(), [deviceOf(1, { state: 'passed' }), deviceOf(2, { ring: 1 })])).toEqual([
      'begin-ring',
    ]);
  });

  test('writes at most as many devices at once as it may', () => {
    const five = [1, 2, 3, 4, 5].map((id) => deviceOf(id));
    expect(acts(rolloutOf(), five)).toEqual(['apply 1', 'apply 2']);
    const underWay = five.map((device) =>
      device.id === 1 ? { ...device, state: 'applying' as const } : device,
    );
    expect(acts(rolloutOf(), underWay)).toEqual(['apply 2']);
  });

  test('lets a device that can lose roomd go alone, after the others', () => {
    const devices = [deviceOf(1, { cutsOff: true }), deviceOf(2), deviceOf(3, { cutsOff: true })];
    expect(acts(rolloutOf(), devices)).toEqual(['apply 2']);
    const [first, second, third] = devices.map((device) => ({ ...device, state: 'applying' as const }));
    if (!first || !second || !third) throw new Error('there are three');
    expect(acts(rolloutOf(), [first, deviceOf(2), third])).toEqual([]);
    expect(acts(rolloutOf(), [deviceOf(1, { cutsOff: true }), second])).toEqual([]);
    expect(acts(rolloutOf(), [deviceOf(1, { cutsOff: true }), deviceOf(3, { cutsOff: true })])).toEqual([
      'apply 1',
    ]);
  });

  test('stops and reverts when one more fails than the budget bears', () => {
    const failed = deviceOf(1, { state: 'failed', isTouched: true, reason: 'it refused' });
    const devices = [failed, deviceOf(2, { state: 'passed' }), deviceOf(3, { ring: 1 })];
    const [act] = decided(rolloutOf(), devices).acts;
    expect(act).toEqual({ act: 'revert', reason: '1 of 2 tried failed, 0 may: room-1 (it refused)' });
    expect(acts(rolloutOf({}, { failureBudget: { kind: 'number', devices: 1 } }), devices)).toEqual([
      'begin-ring',
    ]);
    expect(acts(rolloutOf({}, { failureBudget: { kind: 'share', share: 0.5 } }), devices)).toEqual([
      'begin-ring',
    ]);
    expect(acts(rolloutOf({}, { failureBudget: { kind: 'share', share: 0.4 } }), devices)).toEqual([
      'revert',
    ]);
  });

  test('does not go on from a first ring in which no device has held', () => {
    const devices = [deviceOf(1, { state: 'off', nextAt: NOW + 7 }), deviceOf(2, { ring: 1 })];
    const decision = decided(rolloutOf(), devices);
    expect(decision).toMatchObject({ acts: [], nextLookAt: NOW + 7 });
    expect(decision.waitsFor).toMatch(/no device of the first ring \(room-1\) has held yet/);
  });

  test('passes by devices that are off, and ends by waiting for them alone', () => {
    const off = deviceOf(2, { ring: 1, state: 'off', nextAt: NOW + 7 });
    const devices = [deviceOf(1, { state: 'passed' }), off];
    expect(decided(rolloutOf({ ring: 1 }), devices).acts).toEqual([{ act: 'go', to: 'catching-up' }]);
    expect(decided(rolloutOf({ ring: 1, state: 'catching-up' }), devices)).toMatchObject({
      acts: [],
      nextLookAt: NOW + 7,
    });
    expect(acts(rolloutOf({ ring: 1, state: 'catching-up' }), devices, NOW + 7)).toEqual(['apply 2']);
    const late = [deviceOf(1, { state: 'passed' }), { ...off, state: 'failed' as const }];
    expect(decided(rolloutOf({ ring: 1, state: 'catching-up' }), late).acts).toEqual([
      { act: 'go', to: 'done' },
    ]);
  });

  test('asks to be confirmed at the end, and reverts when nobody does', () => {
    const devices = [deviceOf(1, { state: 'passed' })];
    const asked = { ring: 1, state: 'confirming', confirmBy: NOW + 10 } as const;
    const within = { confirmWithinMs: 10 };
    expect(decided(rolloutOf({ ring: 1 }, within), devices).acts).toEqual([
      { act: 'ask-to-confirm', by: NOW + 10 },
    ]);
    expect(decided(rolloutOf(asked, within), devices)).toMatchObject({ acts: [], nextLookAt: NOW + 10 });
    expect(acts(rolloutOf(asked, within), devices, NOW + 10)).toEqual(['revert']);
    expect(decided(rolloutOf({ ...asked, confirmedBy: 'cli:bo' }, within), devices, NOW + 10).acts).toEqual([
      { act: 'go', to: 'done' },
    ]);
    expect(acts(rolloutOf({ ring: 1, confirmedBy: 'cli:bo' }, within), devices)).toEqual(['go']);
  });

  test('begins nothing while paused or blocked, and goes on watching what was written', () => {
    const devices = [deviceOf(1, { state: 'soaking', nextAt: NOW }), deviceOf(2)];
    expect(acts(rolloutOf({ isPaused: true, reason: 'lunch' }), devices)).toEqual(['check 1']);
    expect(decided(rolloutOf(), devices, NOW, 'safe mode')).toMatchObject({ waitsFor: 'safe mode' });
    const failed = [deviceOf(1, { state: 'failed', reason: 'x' }), deviceOf(2)];
    expect(acts(rolloutOf({ isPaused: true }), failed)).toEqual(['revert']);
  });

  test('says for each device which window it waits for, and looks again when that opens', () => {
    const windows = [{ days: ['thu'] as const, fromMinute: 22 * 60, toMinute: 5 * 60 }];
    // 1 January 1970 is a Thursday; Oslo is one hour ahead of UTC.
    const decision = decided(rolloutOf({}, { windows }), [deviceOf(1)]);
    expect(decision.acts).toEqual([]);
    expect(decision.nextLookAt).toBe(21 * 3_600_000);
    expect(decision.waiting.get(1)).toBe(
      'waits for its window, which opens 1970-01-01T21:00:00Z (Europe/Oslo)',
    );
    expect(acts(rolloutOf({}, { windows }), [deviceOf(1)], 21 * 3_600_000)).toEqual(['apply 1']);
  });

  test('puts devices back within the limit, and not at all while nothing may be written', () => {
    const devices = [1, 2, 3].map((id) => deviceOf(id, { state: 'to-revert', isTouched: true }));
    const reverting = rolloutOf({ state: 'reverting' });
    expect(acts(reverting, devices)).toEqual(['revert-device 1', 'revert-device 2']);
    expect(decided(reverting, devices, NOW, 'safe mode')).toMatchObject({ acts: [], waitsFor: 'safe mode' });
    const back = devices.map((device) => ({ ...device, state: 'reverted' as const }));
    expect(decided(reverting, back).acts).toEqual([{ act: 'go', to: 'reverted' }]);
  });

  test('records a revert or an abort only when no write is under way', () => {
    const busy = [deviceOf(1, { state: 'applying' })];
    const quiet = [deviceOf(1, { state: 'soaking' })];
    expect([
      acts(rolloutOf({ state: 'stopping' }), busy),
      acts(rolloutOf({ state: 'stopping' }), quiet),
    ]).toEqual([[], ['record-revert']]);
    expect([
      acts(rolloutOf({ state: 'aborting' }), busy),
      acts(rolloutOf({ state: 'aborting' }), quiet),
    ]).toEqual([[], ['record-abort']]);
  });

  test('never writes to more devices at once than it may, to none twice, and to none of a later ring', () => {
    const states: RolloutDeviceState[] = [
      'pending',
      'applying',
      'soaking',
      'passed',
      'failed',
      'off',
      'needs-bootstrap',
      'left-out',
    ];
    const device = record({
      state: constantFrom(...states),
      ring: integer({ min: 0, max: 1 }),
      cutsOff: boolean(),
      nextAt: integer({ min: NOW - 5, max: NOW + 5 }),
    });
    assert(
      property(
        array(device, { maxLength: 12 }),
        integer({ min: 1, max: 4 }),
        constantFrom('running', 'catching-up'),
        (made, parallel, state) => {
          const devices = made.map((changes, at) => deviceOf(at + 1, changes));
          const { acts: found } = decided(rolloutOf({ state }, { parallel }), devices);
          const applied = found.flatMap((act) => (act.act === 'apply' ? [act.device] : []));
          const underWay = devices.filter((one) => one.state === 'applying');
          const all = [...underWay, ...applied];
          const most = all.some(({ cutsOff }) => cutsOff) ? 1 : parallel;
          expect(applied.length === 0 || all.length <= most).toBe(true);
          expect(applied.every((one) => one.ring === 0 && one.nextAt <= NOW)).toBe(true);
          expect(applied.every((one) => ['pending', 'off', 'needs-bootstrap'].includes(one.state))).toBe(
            true,
          );
          expect(new Set(applied).size).toBe(applied.length);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });
});
