import { describe, expect, test } from 'vitest';
import type { Revision } from '../../../src/fleet/revision.ts';
import { cutOffRefusal } from '../../../src/fleet/rollout/cut-off.ts';
import { inForceOn } from '../../../src/fleet/rollout/in-force.ts';
import { returnOf, untouchedOf } from '../../../src/fleet/rollout/revert.ts';
import { resolveRings } from '../../../src/fleet/rollout/rings.ts';
import type { Rollout, RolloutDevice } from '../../../src/fleet/rollout/rollout.ts';
import { parseSelector } from '../../../src/fleet/selector.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { deviceOf, rolloutOf } from './rollouts.ts';

const value = (text: string) => ({ value: text });
const group = (text: string) => ({ text, selector: parseSelector(text) });

describe('What is approved when a rollout is reverted', () => {
  test('is what was approved before, with the values that the device held before the writes', () => {
    const before = { 'Audio.DefaultVolume': value('50'), 'Standby.Delay': value('10') };
    const devices = [
      deviceOf(1, { isTouched: true, before, state: 'failed' }),
      deviceOf(2, { before }),
      deviceOf(3, { isTouched: true }),
      deviceOf(4, { state: 'left-out', before }),
    ];
    const { states, devices: changed } = returnOf(devices, [
      { deviceId: 1, path: 'Audio.DefaultVolume', before: '44', isSecret: false },
      { deviceId: 3, path: 'Standby.Delay', before: '7', isSecret: false },
      { deviceId: 3, path: 'SIP.Authentication.Password', before: '[secret]', isSecret: true },
    ]);
    expect([...states]).toEqual([
      [1, { 'Audio.DefaultVolume': value('44'), 'Standby.Delay': value('10') }],
      [2, before],
      [3, { 'Standby.Delay': value('7') }],
    ]);
    expect(changed.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      [1, 'to-revert', null],
      [3, 'to-revert', 'the old secret is not on record and stays overwritten: SIP.Authentication.Password'],
    ]);
  });

  test('on an abort is what stood before for devices that had no turn', () => {
    const before = { 'Standby.Delay': value('10') };
    const devices = [
      deviceOf(1, { state: 'passed', before }),
      deviceOf(2, { before }),
      deviceOf(3, { isTouched: true }),
    ];
    expect([...untouchedOf(devices)]).toEqual([[2, before]]);
  });
});

describe('What drift repair restores while a rollout is under way', () => {
  const before = { 'Standby.Delay': value('10') };
  const after = { 'Standby.Delay': value('30') };
  const latest: Revision = {
    id: 'new',
    fingerprint: 'f',
    approvedAt: 0,
    approvedBy: 'cli:anna',
    desired: new Map([[1, after]]),
  };
  const restored = (changes: Partial<RolloutDevice>, rollout: Partial<Rollout> = {}) => {
    const device = deviceOf(1, { before, ...changes });
    const revision = inForceOn(rolloutOf({ revisionBefore: 'old', ...rollout }), device, latest);
    return revision === null ? null : [revision.id, revision.desired.get(1)];
  };

  test('is the old state before the turn of the device, nothing in its midst, the new one after', () => {
    for (const state of ['pending', 'off', 'needs-bootstrap'] as const) {
      expect(restored({ state })).toEqual(['old', before]);
      expect(restored({ state, isTouched: true })).toBeNull();
    }
    for (const state of ['applying', 'to-revert', 'reverting'] as const)
      expect(restored({ state })).toBeNull();
    for (const state of ['soaking', 'passed', 'failed', 'left-out', 'reverted'] as const)
      expect(restored({ state })).toEqual(['new', after]);
    expect(restored({}, { state: 'done' })).toEqual(['new', after]);
    expect(restored({ before: null })).toBeNull();
  });
});

describe('Rings', () => {
  test('take each device once, canaries first, and drop what is empty', () => {
    const devices = ['a', 'b', 'c', 'd'].map((name) => sampleDevice(name, { protected: name === 'a' }));
    const rings = resolveRings(
      { canary: { kind: 'number', devices: 1 }, rings: [group('b'), group('b | c')] },
      devices,
    );
    expect(rings.map(({ label, devices: members }) => [label, members.map(({ name }) => name)])).toEqual([
      ['canary', ['b']],
      ['b | c', ['c']],
      ['all others', ['a', 'd']],
    ]);
  });
});

describe('Settings that can cut roomd off', () => {
  test('are refused unless the file names them or what they lie below', () => {
    expect(cutOffRefusal('Audio.DefaultVolume', [])).toBeNull();
    expect(cutOffRefusal('NetworkServices.HTTP.Mode', ['Network'])).toMatch(
      /name it under rollout\.allowCutOff/,
    );
    expect(cutOffRefusal('NetworkServices.HTTP.Mode', ['NetworkServices.HTTP'])).toBeNull();
    for (const path of [
      'Network[1].IPv4.Address',
      'Security.Session.MaxFailedLogins',
      'HttpFeedback.TlsVerify',
    ])
      expect(cutOffRefusal(path, [])).not.toBeNull();
  });
});
