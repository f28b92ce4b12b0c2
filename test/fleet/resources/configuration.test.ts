import { describe, expect, it } from 'vitest';
import type { ResourceDiff } from '../../../src/fleet/resource.ts';
import { ConfigurationResource } from '../../../src/fleet/resources/configuration.ts';
import { ValueSpaceCache } from '../../../src/fleet/value-space-cache.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { LaidOutConfiguration } from '../../../src/xapi/configuration-document.ts';
import type { DeviceValueSpace } from '../../../src/xapi/device.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { settingsOf, type Wishes } from '../world.ts';

const resource = new ConfigurationResource({
  spaces: new ValueSpaceCache(),
  proofs: { fingerprint: (value) => `f(${value.reveal()})`, load: () => Promise.resolve(new Map()) },
});

const SPACES = new Map<string, DeviceValueSpace>([
  ['Port', { space: { type: 'Integer', min: 0, max: 65_534, step: null }, hidden: false }],
  ['Hidden', { space: { type: 'String', minLength: 0, maxLength: 10 }, hidden: true }],
]);

function diff(
  wishes: Wishes,
  held: Readonly<Record<string, string>>,
  { refs = {}, proven = {} }: { refs?: Record<string, string>; proven?: Record<string, string> } = {},
): ResourceDiff {
  return resource.diff(sampleDevice('room-1', { configuration: settingsOf(wishes) }), {
    document: new LaidOutConfiguration(new Map(Object.entries(held)), new Map(Object.entries(refs))),
    spaces: SPACES,
    proven: new Map(Object.entries(proven)),
  });
}

describe('the difference of a configuration', () => {
  it('is only in what the file names, whatever the case of the path', () => {
    const { changes, untouched, problems } = diff(
      { 'a.b': '1', 'A.C': '2' },
      { 'A.B': '1', 'A.C': '3', 'A.D': '4' },
    );
    expect(changes.map(({ path, from, to }) => [path, from, to])).toEqual([['A.C', '3', '2']]);
    expect([untouched, problems]).toEqual([1, []]);
  });

  it('is in the order of the document, so that branches stand together', () => {
    const { changes } = diff({ 'b.Z': '1', A: '1', 'B.a': '1' }, { 'B.Z': '0', A: '0', 'B.a': '0' });
    expect(changes.map(({ path }) => path)).toEqual(['A', 'B.a', 'B.Z']);
  });

  it('is none where the device holds what its own value space leaves out', () => {
    const refs = { 'A.Port': 'Port' };
    expect(diff({ 'A.Port': '-1' }, { 'A.Port': '-1' }, { refs })).toMatchObject({
      untouched: 1,
      problems: [],
    });
    expect(diff({ 'A.Port': '-1' }, { 'A.Port': '0' }, { refs }).problems).toHaveLength(1);
  });

  it('of a hidden value is none once it is proven, and a secret otherwise, also where the file has it in clear', () => {
    const refs = { 'A.Key': 'Hidden' };
    const proven = { 'a.key': 'f(one)' };
    for (const wanted of ['one', new Secret('one')])
      expect(diff({ 'A.Key': wanted }, { 'A.Key': '***' }, { refs, proven }).untouched).toBe(1);
    const { changes } = diff({ 'A.Key': 'two' }, { 'A.Key': '***' }, { refs, proven });
    expect(changes).toMatchObject([{ from: '[secret]', to: '[secret]', unreadable: true }]);
    expect(JSON.stringify(changes)).not.toContain('two');
  });

  it('of a secret that the device shows is seen, and its texts are not told', () => {
    const { changes } = diff({ 'A.Key': new Secret('two') }, { 'A.Key': 'one' });
    expect(changes).toMatchObject([{ from: '[secret]', to: '[secret]', unreadable: false }]);
    expect(diff({ 'A.Key': new Secret('one') }, { 'A.Key': 'one' }).untouched).toBe(1);
  });

  it('waits for a free room unless the setting is listed as harmless', () => {
    const { changes } = diff(
      { 'Logging.Mode': 'On', 'Standby.Control': 'On' },
      { 'Logging.Mode': 'Off', 'Standby.Control': 'Off' },
    );
    expect(changes.map(({ path, noticeable }) => [path, noticeable])).toEqual([
      ['Logging.Mode', false],
      ['Standby.Control', true],
    ]);
  });

  it('hints at lines that would help and are not in the file', () => {
    const off = { 'NetworkServices.Websocket': 'Off' };
    expect(diff({}, off).hints).toEqual([
      'websocket is off, so roomd asks this device every now and then instead of being told at once; ' +
        'the line "NetworkServices.Websocket: FollowHTTPService" would change that',
    ]);
    expect(diff({ 'networkservices.websocket': 'Off' }, off).hints).toEqual([]);
  });
});
