import { describe, expect, test } from 'vitest';
import type { CampaignStrategy } from '../../../src/fleet/campaign/campaign.ts';
import { aborted, paused } from '../../../src/fleet/campaign/verbs.ts';
import { adviceOn } from '../../../src/fleet/rotation/advice.ts';
import { type Candidate, chooseProbe } from '../../../src/fleet/rotation/begin.ts';
import { decideRotation, type RotationAct } from '../../../src/fleet/rotation/decide.ts';
import { obstacleTo, type Rotation, type RotationDevice } from '../../../src/fleet/rotation/rotation.ts';

const NOW = 10_000;

function rotationOf(changes: Partial<Rotation> = {}, strategy: Partial<CampaignStrategy> = {}): Rotation {
  return {
    id: 'r',
    actor: 'cli:anna',
    credential: 'roomd',
    nextFingerprint: 'f',
    state: 'running',
    isPaused: false,
    reason: null,
    strategy: {
      failureBudget: { kind: 'number', devices: 0 },
      windows: [],
      freezes: [],
      parallel: 2,
      ...strategy,
    },
    rings: ['probe', 'all others'],
    ring: 1,
    startedAt: 0,
    endedAt: null,
    ...changes,
  };
}

/** Device 1 is the probe. */
function deviceOf(id: number, changes: Partial<RotationDevice> = {}): RotationDevice {
  return {
    id,
    name: `room-${id}`,
    ring: id === 1 ? 0 : 1,
    state: 'pending',
    reason: null,
    isDoubtful: false,
    acceptedAt: null,
    nextAt: 0,
    ...changes,
  };
}

function decided(rotation: Rotation, devices: readonly RotationDevice[], blocked: string | null = null) {
  return decideRotation(rotation, devices, { now: NOW, blocked, timezone: () => 'Europe/Oslo' });
}

function acts(rotation: Rotation, devices: readonly RotationDevice[]): string[] {
  return decided(rotation, devices).acts.map(wordOf);
}

function wordOf(act: RotationAct): string {
  if ('device' in act) return `${act.act} ${act.device.id}`;
  return act.act === 'go' ? `go ${act.to}` : act.act;
}

const PROVEN = deviceOf(1, { state: 'accepted' });

describe('The next step of a rotation', () => {
  test('touches no other device before the probe has accepted', () => {
    const devices = [deviceOf(1), deviceOf(2)];
    expect(acts(rotationOf({ ring: -1 }), devices)).toEqual(['begin-ring']);
    expect(acts(rotationOf({ ring: 0 }), devices)).toEqual(['set 1']);
    expect(acts(rotationOf({ ring: 0 }), [deviceOf(1, { state: 'setting' }), deviceOf(2)])).toEqual([]);
    const off = deviceOf(1, { state: 'waiting', reason: 'off', nextAt: NOW + 5 });
    expect(decided(rotationOf({ ring: 0 }), [off, deviceOf(2)])).toMatchObject({
      acts: [],
      nextLookAt: NOW + 5,
      waitsFor: 'the probe room-1 does not accept the new passphrase yet (off); the others wait for it',
    });
    expect(acts(rotationOf({ ring: 0 }), [PROVEN, deviceOf(2)])).toEqual(['begin-ring']);
  });

  test('stops when the probe fails, whatever the budget, and at the budget afterwards', () => {
    const budget = { failureBudget: { kind: 'number', devices: 1 } } as const;
    const failed = deviceOf(1, { state: 'failed', reason: 'too short' });
    expect(decided(rotationOf({ ring: 0 }, budget), [failed, deviceOf(2)]).acts).toEqual([
      { act: 'stop', reason: 'the probe room-1 failed, so no other device was touched: too short' },
    ]);
    const one = [PROVEN, deviceOf(2, { state: 'failed' }), deviceOf(3)];
    expect(acts(rotationOf(), one)).toEqual(['stop']);
    expect(acts(rotationOf({}, budget), one)).toEqual(['set 3']);
    const two = [PROVEN, deviceOf(2, { state: 'failed' }), deviceOf(3, { state: 'unknown' })];
    expect(acts(rotationOf({}, budget), two)).toEqual(['stop']);
  });

  test('has no more devices in hand than it may', () => {
    const devices = [PROVEN, ...[2, 3, 4].map((id) => deviceOf(id))];
    expect(acts(rotationOf(), devices)).toEqual(['set 2', 'set 3']);
    const underWay = [PROVEN, deviceOf(2, { state: 'setting' }), deviceOf(3), deviceOf(4)];
    expect(acts(rotationOf(), underWay)).toEqual(['set 3']);
  });

  test('ends when every device accepts, and waits for those that were off', () => {
    expect(acts(rotationOf(), [PROVEN, deviceOf(2, { state: 'accepted' })])).toEqual(['go done']);
    const off = [PROVEN, deviceOf(2, { state: 'waiting', nextAt: NOW + 1 })];
    expect(acts(rotationOf(), off)).toEqual(['go catching-up']);
    expect(decided(rotationOf({ state: 'catching-up' }), off)).toMatchObject({
      acts: [],
      nextLookAt: NOW + 1,
    });
    const back = [PROVEN, deviceOf(2, { state: 'waiting', nextAt: NOW })];
    expect(acts(rotationOf({ state: 'catching-up' }), back)).toEqual(['set 2']);
  });

  test('begins nothing while paused or blocked', () => {
    expect(decided(rotationOf({ isPaused: true, reason: 'lunch' }), [PROVEN, deviceOf(2)])).toMatchObject({
      acts: [],
      waitsFor: 'paused: lunch',
    });
    expect(decided(rotationOf(), [PROVEN, deviceOf(2)], 'safe mode').waitsFor).toBe('safe mode');
  });

  test('asks what was in hand, and sets nothing, before it is stopped or aborted', () => {
    const doubtful = deviceOf(2, { isDoubtful: true });
    expect(acts(rotationOf({ state: 'aborting' }), [PROVEN, doubtful, deviceOf(3)])).toEqual(['ask 2']);
    expect(acts(rotationOf({ state: 'stopping' }), [PROVEN, deviceOf(2, { state: 'setting' })])).toEqual([]);
    const known = [PROVEN, deviceOf(2, { state: 'waiting', isDoubtful: true }), deviceOf(3)];
    expect(acts(rotationOf({ state: 'aborting' }), known)).toEqual(['go aborted']);
    expect(acts(rotationOf({ state: 'stopping' }), known)).toEqual(['go stopped']);
  });

  test('waits for the windows of the rollout section, by the clock of each device', () => {
    const windows = [{ days: ['thu'] as const, fromMinute: 22 * 60, toMinute: 5 * 60 }];
    const decision = decided(rotationOf({ ring: 0 }, { windows }), [deviceOf(1)]);
    expect([decision.acts, decision.nextLookAt]).toEqual([[], 21 * 3_600_000]);
    expect(decision.waiting.get(1)).toMatch(/waits for its window/);
  });
});

function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    desired: { name } as Candidate['desired'],
    isUp: true,
    forbidden: null,
    isDone: false,
    ...changes,
  };
}

function nameOf(chosen: ReturnType<typeof chooseProbe>): string {
  return typeof chosen === 'string' ? chosen : chosen.name;
}

describe('The probe', () => {
  test('is the first that answers, may be written to and still has the old passphrase', () => {
    const devices = [
      candidate('off', { isUp: false }),
      candidate('held', { forbidden: 'held by anna' }),
      candidate('done', { isDone: true }),
      candidate('good'),
      candidate('better'),
    ];
    expect(nameOf(chooseProbe(devices, null))).toBe('good');
    expect(nameOf(chooseProbe(devices, 'off'))).toBe('off');
    expect(chooseProbe(devices, 'held')).toBe('the probe held: held by anna');
    expect(chooseProbe(devices, 'done')).toMatch(/accepts next already/);
    expect(chooseProbe(devices, 'nobody')).toMatch(/not among the devices/);
    expect(chooseProbe(devices.slice(0, 3), null)).toMatch(/no device that could come first/);
    expect(chooseProbe([candidate('done', { isDone: true })], null)).toMatch(/move it to password/);
  });
});

describe('What people are told and may do', () => {
  const accepted = [
    { name: 'a', accepts: 'next' },
    { name: 'b', accepts: 'password' },
  ] as const;

  test('keep both secrets in the file until every device accepts the new one', () => {
    const done = rotationOf({ state: 'done' });
    expect(adviceOn(done, { accepted, hasNext: true })).toMatch(
      /^leave password and next.*: b does not accept/,
    );
    expect(adviceOn(rotationOf(), { accepted, hasNext: true })).toBeNull();
    expect(adviceOn(done, { accepted: accepted.slice(0, 1), hasNext: true })).toMatch(/move it to password/);
    expect(adviceOn(done, { accepted: [], hasNext: false })).toBeNull();
  });

  test('one rotation at a time, and a word only where it changes something', () => {
    expect(obstacleTo('roomd', rotationOf())).toMatch(/let it end, or abort it first/);
    expect(obstacleTo('roomd', rotationOf({ state: 'catching-up' }))).toBeNull();
    expect(obstacleTo('lobby', rotationOf({ state: 'catching-up' }))).toMatch(/roomd is catching-up/);
    expect(obstacleTo('lobby', rotationOf({ state: 'stopped' }))).toBeNull();
    expect(paused('rotation', rotationOf({ state: 'done' }), 'x')).toMatch(/nothing to do/);
    expect(aborted('rotation', rotationOf(), 'enough')).toMatchObject({
      state: 'aborting',
      reason: 'enough',
    });
  });
});
