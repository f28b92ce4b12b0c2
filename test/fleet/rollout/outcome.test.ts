import { describe, expect, test } from 'vitest';
import type { DeviceApplied } from '../../../src/fleet/apply.ts';
import type { Change, Outcome } from '../../../src/fleet/change.ts';
import { errorsIn } from '../../../src/fleet/rollout/health.ts';
import { afterApply, afterCheck } from '../../../src/fleet/rollout/outcome.ts';
import type { RolloutDevice } from '../../../src/fleet/rollout/rollout.ts';
import { deviceOf, strategy } from './rollouts.ts';

const pace = { retryMs: 100, checkMs: 300, againMs: 20, graceMs: 2_000 };
const NOW = 10_000;

function change(path = 'Standby.Delay'): Change {
  return {
    kind: 'configuration',
    path,
    from: '1',
    to: '2',
    wanted: '2',
    unreadable: false,
    noticeable: true,
  };
}

function applied(changes: Partial<DeviceApplied>): DeviceApplied {
  const empty = {
    name: 'room-1',
    state: 'drift',
    reason: null,
    identity: null,
    changes: [],
    untouched: 0,
  } as const;
  return { ...empty, problems: [], hints: [], results: [], ...changes };
}

function withOutcome(outcome: Outcome, detail: string | null, path?: string): DeviceApplied {
  return applied({ results: [{ change: change(path), outcome, detail }] });
}

function after(outcome: DeviceApplied, changes: Partial<RolloutDevice> = {}) {
  return afterApply(outcome, { device: deviceOf(1, changes), strategy, pace, now: NOW });
}

describe('What an attempt makes of a device', () => {
  test('that took everything is watched from then on; one that had nothing to write has passed', () => {
    expect(after(withOutcome('accepted', null))).toMatchObject({
      state: 'soaking',
      isTouched: true,
      writtenAt: NOW,
      nextAt: NOW + 300,
    });
    expect(after(applied({ state: 'in-sync' }))).toMatchObject({ state: 'passed', isTouched: false });
    expect(after(applied({ state: 'in-sync' }), { isTouched: true })).toMatchObject({ state: 'soaking' });
  });

  test('that refused, or holds something else, has failed', () => {
    expect(after(withOutcome('refused', 'Bad value'))).toEqual({
      state: 'failed',
      isTouched: true,
      reason: 'Standby.Delay: Bad value',
    });
    expect(after(withOutcome('differs', 'holds "3"'))).toMatchObject({ state: 'failed' });
  });

  test('that waits for its room or a hold keeps its turn', () => {
    expect(after(withOutcome('waiting', 'the room is in use'))).toEqual({
      state: 'pending',
      isTouched: false,
      reason: 'the room is in use',
      nextAt: NOW + 100,
    });
    expect(after(withOutcome('held', 'a hold'))).toMatchObject({ state: 'pending', isTouched: false });
  });

  test('that would lose roomd has failed, with what to write in the file', () => {
    const reason = 'NetworkServices.HTTP.Mode can cut roomd off';
    expect(after(withOutcome('held', reason, 'NetworkServices.HTTP.Mode'))).toMatchObject({
      state: 'failed',
      isTouched: false,
      reason,
    });
  });

  test('that does not answer is off, one that knows roomd no more needs a person, unless it was written before', () => {
    expect(after(applied({ state: 'unreachable', reason: 'no answer' }))).toMatchObject({
      state: 'off',
      isTouched: false,
    });
    const refused = after(applied({ state: 'login-refused', reason: 'it refused the password' }));
    expect(refused).toMatchObject({ state: 'needs-bootstrap' });
    expect(refused.reason).toMatch(/it refused the password; .*roomd trust room-1 --retry-login/);
    expect(after(applied({ state: 'certificate-changed', reason: 'other' })).reason).toMatch(
      /other; where it was reset, make roomd's account on its web page again; then roomd trust room-1 --certificate/,
    );
    expect(after(applied({ state: 'unreachable' }), { isTouched: true })).toMatchObject({ state: 'soaking' });
  });

  test('fails for a setting that this rollout brings and the device lacks, not for one that it lacked before', () => {
    const lacks = applied({
      problems: [{ path: 'Audio.Nothing', message: 'the device has no such setting' }],
    });
    const brought = { after: { 'Audio.Nothing': { value: '1' } } };
    expect(after(lacks, brought)).toMatchObject({
      state: 'failed',
      reason: 'Audio.Nothing: the device has no such setting',
    });
    expect(after(lacks, { ...brought, before: brought.after })).toMatchObject({ state: 'passed' });
  });
});

describe('What a look at a written device makes of it', () => {
  const device = deviceOf(1, { state: 'soaking', writtenAt: NOW, isTouched: true });
  const check = (
    state: 'healthy' | 'silent' | 'unhealthy',
    now: number,
    changes: Partial<RolloutDevice> = {},
  ) =>
    afterCheck(
      { state, reason: 'why' },
      { device: { ...device, ...changes }, strategy, pace, listeningSince: 0, now },
    );

  test('lets it pass when it has held for its time, not before', () => {
    expect(check('healthy', NOW + 900)).toMatchObject({ state: 'soaking', nextAt: NOW + 1_000 });
    expect(check('healthy', NOW + 1_000)).toMatchObject({ state: 'passed' });
  });

  test('fails it on the second bad look in a row', () => {
    expect(check('unhealthy', NOW + 1)).toMatchObject({
      state: 'soaking',
      strikes: 1,
      reason: 'why',
      nextAt: NOW + 1 + 20,
    });
    expect(check('unhealthy', NOW + 1, { strikes: 1 })).toMatchObject({ state: 'failed', reason: 'why' });
    expect(check('healthy', NOW + 1, { strikes: 1 })).toMatchObject({ state: 'soaking', strikes: 0 });
  });

  test('bears silence for a while after the write or after the start of roomd, then counts it', () => {
    expect(check('silent', NOW + 1_999, { strikes: 1 })).toMatchObject({ state: 'soaking' });
    expect(check('silent', NOW + 2_000, { strikes: 1 })).toMatchObject({ state: 'failed' });
  });

  test('counts errors in Diagnostics, not warnings', () => {
    const leaves = new Map([
      ['Diagnostics.Message[1].Level', 'Error'],
      ['Diagnostics.Message[1].Type', 'MicrophonesConnected'],
      ['Diagnostics.Message[1].Description', 'no microphone'],
      ['Diagnostics.Message[2].Level', 'Warning'],
      ['Diagnostics.Message[3].Level', 'Critical'],
    ]);
    expect(errorsIn(leaves)).toEqual(['MicrophonesConnected: no microphone', 'unnamed']);
  });
});
