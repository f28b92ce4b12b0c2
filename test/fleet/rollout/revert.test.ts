import { describe, expect, test } from 'vitest';
import { CONTENT } from '../../../src/fleet/approved-settings.ts';
import { resolveRings } from '../../../src/fleet/campaign/rings.ts';
import type { Revision } from '../../../src/fleet/revision.ts';
import { cutOffHints, cutOffRefusal } from '../../../src/fleet/rollout/cut-off.ts';
import { inForceOn } from '../../../src/fleet/rollout/in-force.ts';
import { returnOf, untouchedOf } from '../../../src/fleet/rollout/revert.ts';
import type { Rollout, RolloutDevice } from '../../../src/fleet/rollout/rollout.ts';
import { parseSelector } from '../../../src/fleet/selector.ts';
import type { ReplacedRecord } from '../../../src/fleet/write-store.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { deviceOf, rolloutOf } from './rollouts.ts';

const value = (text: string) => ({ value: text });
const panel = (key: string, digest: string) => ({ kind: 'ui-panel', key, digest }) as const;
const thing = (path: string, key: string, replaced: Partial<ReplacedRecord>, kind = 'ui-panel') => ({
  deviceId: 1,
  kind,
  path,
  replaced: { key, isOurs: false, digest: null, lacks: null, ...replaced },
});
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
    const values = [
      { deviceId: 1, path: 'Audio.DefaultVolume', before: '44', isSecret: false },
      { deviceId: 3, path: 'Standby.Delay', before: '7', isSecret: false },
      { deviceId: 3, path: 'SIP.Authentication.Password', before: '[secret]', isSecret: true },
    ];
    const { states, devices: changed } = returnOf(devices, { values, things: [] });
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

  test('is the approved content where it was approved, what stood there where it was not, and nothing where nothing did', () => {
    const before = { 'Panel[ours]': panel('ours', 'aa') };
    const { states, devices } = returnOf([deviceOf(1, { isTouched: true, before })], {
      values: [],
      things: [
        thing('Panel[ours]', 'ours', { isOurs: true, digest: 'drifted' }),
        thing('Panel[new]', 'new', {}),
        thing('Panel[foreign]', 'foreign', { digest: 'bb', lacks: 'its picture' }),
        thing('DeviceMacro[light]', 'light', { digest: 'cc', active: true }, 'device-macro'),
        thing('Branding[Background]', 'Background', { lacks: 'it is too large' }, 'branding'),
      ],
    });
    expect(states.get(1)).toEqual({
      'DeviceMacro[light]': {
        kind: 'device-macro',
        key: 'light',
        digest: 'cc',
        active: true,
        givesBack: true,
      },
      'Panel[foreign]': { ...panel('foreign', 'bb'), givesBack: true },
      'Panel[ours]': panel('ours', 'aa'),
    });
    expect(devices[0]?.reason).toBe(
      'Panel[foreign] is put back without its picture; Branding[Background] cannot be put back as it was: it is too large',
    );
  });

  test('leaves content as it is where an older roomd approved it by one digest, and says so', () => {
    const before = { [CONTENT]: { digest: 'all' }, 'Standby.Delay': value('10') };
    const things = [
      {
        deviceId: 1,
        kind: 'ui-panel',
        path: 'Panel[new]',
        replaced: { key: 'new', isOurs: false, digest: null, lacks: null },
      },
    ];
    const { states, devices } = returnOf([deviceOf(1, { isTouched: true, before })], { values: [], things });
    expect(states.get(1)).toEqual(before);
    expect(devices[0]?.reason).toMatch(
      /approved with an older roomd .* left as the rollout put it: Panel\[new\]/,
    );
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
    commit: null,
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
    const authority = 'Certificate[ca 12:34…]';
    expect(cutOffRefusal(authority, [])).toMatch(
      /\(whom the device believes, .*name Security\.Certificates\.CA under rollout\.allowCutOff/,
    );
    expect(cutOffRefusal(authority, ['Security.Certificates.CA'])).toBeNull();
    expect(cutOffRefusal('Certificate[service 12:34…]', ['Security.Certificates.CA'])).not.toBeNull();
    for (const path of [
      'Network[1].IPv4.Address',
      'Security.Session.MaxFailedLogins',
      'HttpFeedback.TlsVerify',
      // A device on Wi-Fi that may not use it is gone; so is one that finds its VLAN by these protocols.
      'NetworkServices.Wifi.Allowed',
      'NetworkServices.CDP.Mode',
      'NetworkServices.LLDP.Mode',
    ])
      expect(cutOffRefusal(path, [])).not.toBeNull();
  });

  test('are hinted at in every plan, each once, because an apply writes them to all devices at once', () => {
    expect(cutOffHints(['Audio.DefaultVolume', 'NetworkServices.SSH.Mode'])).toEqual([
      'NetworkServices.SSH.Mode can cut roomd off (the way in for a person when the others are closed); an apply writes it to every device at once, a rollout to one at a time',
    ]);
  });
});
