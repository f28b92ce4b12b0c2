import { describe, expect, test } from 'vitest';
import type { RolloutWindow } from '../../../src/fleet/rollout-section.ts';
import { closedFor, decideUpgrade } from '../../../src/fleet/upgrade/decide.ts';
import type { Upgrade, UpgradeDevice } from '../../../src/fleet/upgrade/upgrade.ts';

const DAYS: RolloutWindow['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const HALF_HOUR = 30 * 60_000;

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function window(from: string, to: string): RolloutWindow {
  return { days: DAYS, fromMinute: minutes(from), toMinute: minutes(to) };
}

function at(time: string): number {
  return Date.parse(`2026-12-01T${time}:00Z`);
}

function upgradeOf(changes: Partial<Upgrade> = {}): Upgrade {
  return {
    id: 'u1',
    actor: 'cli:anna',
    state: 'running',
    isPaused: false,
    reason: null,
    strategy: {
      soakMs: 1_000,
      failureBudget: { kind: 'number', devices: 0 },
      windows: [],
      freezes: [],
      upgradeNeedsMs: HALF_HOUR,
      parallel: 2,
    },
    rings: ['canary', 'all others'],
    ring: 0,
    startedAt: 0,
    endedAt: null,
    ...changes,
  };
}

function deviceOf(id: number, changes: Partial<UpgradeDevice> = {}): UpgradeDevice {
  return {
    id,
    name: `room-${id}`,
    ring: 0,
    state: 'pending',
    reason: null,
    from: null,
    to: '26.9.1',
    url: 'https://files.example.com/ce26.9.1.pkg',
    order: null,
    differedBefore: null,
    differing: null,
    knownErrors: [],
    provenAt: null,
    strikes: 0,
    nextAt: 0,
    ...changes,
  };
}

const circumstances = { now: at('22:00'), blocked: null, timezone: () => 'Etc/UTC' };

describe('A window', () => {
  const times = { windows: [window('22:00', '23:00')], freezes: [] };
  const closed = (time: string, more: Partial<typeof times> = {}) =>
    closedFor(HALF_HOUR)({ ...times, ...more }, 'Etc/UTC', at(time));

  test.each([
    ['21:59', 'waits for its window, which opens 2026-12-01T22:00:00Z (Etc/UTC)'],
    ['22:00', null],
    ['22:30', null],
    [
      '22:31',
      'an upgrade needs 30 min and less is left; waits for its window, which opens 2026-12-02T22:00:00Z (Etc/UTC)',
    ],
    ['23:00', 'waits for its window, which opens 2026-12-02T22:00:00Z (Etc/UTC)'],
  ])('at %s: %s', (time, reason) => {
    expect(closed(time)?.reason ?? null).toBe(reason);
  });

  test('that another follows upon is one with it', () => {
    expect(closed('22:50', { windows: [window('22:00', '23:00'), window('23:00', '23:30')] })).toBeNull();
  });

  test('does not reach into a freeze', () => {
    const from = { kind: 'instant', at: at('22:20') } as const;
    const to = { kind: 'instant', at: at('23:59') } as const;
    const freezes = [{ from, to, reason: 'a visit' }];
    expect(closedFor(HALF_HOUR)({ ...times, freezes }, 'Etc/UTC', at('22:00'))?.reason).toMatch(
      /needs 30 min and less is left; frozen until .*: a visit/,
    );
  });
});

test('no more devices begin than may be at it together', () => {
  const devices = [deviceOf(1, { state: 'applying' }), deviceOf(2), deviceOf(3)];
  expect(decideUpgrade(upgradeOf(), devices, circumstances).acts).toEqual([
    { act: 'upgrade', device: devices[1] },
  ]);
});

test('a spent budget ends it, and waits for those that have their order', () => {
  const devices = [deviceOf(1, { state: 'failed', reason: 'gone' }), deviceOf(2, { state: 'applying' })];
  expect(decideUpgrade(upgradeOf(), devices, circumstances).acts).toEqual([
    { act: 'go', to: 'aborting', reason: '1 of 1 tried failed, 0 may: room-1 (gone)' },
  ]);
  const aborting = upgradeOf({ state: 'aborting', reason: 'why' });
  expect(decideUpgrade(aborting, devices, circumstances).acts).toEqual([]);
  expect(decideUpgrade(aborting, devices.slice(0, 1), circumstances).acts).toEqual([
    { act: 'go', to: 'aborted', reason: 'why' },
  ]);
});

test('a device with an order that nobody watches is taken up, also once the upgrade is over', () => {
  const order = { writeId: 'w', at: 0, version: 'ce11', uptime: null, told: '' };
  const devices = [deviceOf(1, { state: 'applying', order }), deviceOf(2, { state: 'applying' })];
  const watched = [{ act: 'upgrade', device: devices[0] }];
  const left = (state: Upgrade['state'], busy: ReadonlySet<number> = new Set()) =>
    decideUpgrade(upgradeOf({ state }), devices, circumstances, busy).acts;
  for (const state of ['running', 'aborting', 'done', 'aborted'] as const)
    expect(left(state)).toEqual(watched);
  expect(left('aborted', new Set([1]))).toEqual([]);
});
