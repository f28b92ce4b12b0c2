import { describe, expect, it } from 'vitest';
import type { DesiredDevice } from '../../../src/fleet/fleet.ts';
import { Acceptance, VendorWord } from '../../../src/fleet/knowledge/acceptance.ts';
import { Acceptances } from '../../../src/fleet/knowledge/acceptances.ts';
import { ProductKnowledge } from '../../../src/fleet/knowledge/product-knowledge.ts';
import type { ResourceDiff } from '../../../src/fleet/resource.ts';
import { ConfigurationResource } from '../../../src/fleet/resources/configuration.ts';
import { ValueSpaceCache } from '../../../src/fleet/value-space-cache.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { AcceptedSetting } from '../../../src/schema/accepted-setting.ts';
import { parsePattern } from '../../../src/schema/path-pattern.ts';
import type { ValueSpace } from '../../../src/schema/product-schema.ts';
import { LaidOutConfiguration } from '../../../src/xapi/configuration-document.ts';
import type { DeviceValueSpace } from '../../../src/xapi/device.ts';
import { sampleDevice } from '../../macros/sample-fleet.ts';
import { settingsOf, type Wishes } from '../world.ts';

const resource = new ConfigurationResource({
  accepts: new Acceptances({ spaces: new ValueSpaceCache() }),
  proofs: { fingerprint: (value) => `f(${value.reveal()})`, load: () => Promise.resolve(new Map()) },
});

const SPACES = new Map<string, DeviceValueSpace>([
  ['Port', { space: { type: 'Integer', min: 0, max: 65_534, step: null }, hidden: false }],
  ['AtLeast', { space: { type: 'Integer', min: 10, max: null, step: null }, hidden: false }],
  ['Hidden', { space: { type: 'String', minLength: 0, maxLength: 10 }, hidden: true }],
]);

function diff(
  wishes: Wishes,
  held: Readonly<Record<string, string>>,
  {
    refs = {},
    proven = {},
    vendor = null,
    device = {},
  }: {
    refs?: Record<string, string>;
    proven?: Record<string, string>;
    vendor?: VendorWord | null;
    device?: Partial<DesiredDevice>;
  } = {},
): ResourceDiff {
  return resource.diff(sampleDevice('room-1', { configuration: settingsOf(wishes), ...device }), {
    document: new LaidOutConfiguration(new Map(Object.entries(held)), new Map(Object.entries(refs))),
    accepts: new Acceptance('ce26.4.1.0.5100d00000a', { spaces: SPACES, vendor }),
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

const vendorFile = {
  software: '26.4.1',
  settings: [
    accepted('Audio.DefaultVolume', { type: 'Integer', min: 0, max: 100, step: null }),
    accepted('SIP.ANAT', { type: 'Literal', values: ['Off', 'On'] }, { roles: ['Admin', 'Integrator'] }),
    accepted('Video.Output.Connector[1..3].Mode', { type: 'Literal', values: ['Off', 'On'] }),
    accepted('Security.Key', { type: 'String', minLength: 0, maxLength: 8 }, { hidden: true }),
  ],
};

function accepted(
  path: string,
  space: ValueSpace,
  { roles = ['Admin'], hidden = false }: { roles?: string[]; hidden?: boolean } = {},
): AcceptedSetting {
  return { path: parsePattern(path), space, hidden, defaults: null, roles };
}

function word(...variants: (readonly AcceptedSetting[])[]): VendorWord {
  return new VendorWord(
    variants.map(
      (settings, at) =>
        new ProductKnowledge({ source: 'vendor', product: `barents_${at}`, software: '26.4.1' }, settings),
    ),
  );
}

describe('what a configuration is judged by', () => {
  const vendor = word(vendorFile.settings);
  const bySchema = "(by the vendor's schema 26.4.1)";

  it("is the vendor's schema where the device says nothing, and the sentence names it", () => {
    const { changes, problems } = diff(
      { 'Audio.DefaultVolume': '120', 'SIP.ANAT': 'on', 'Security.Key': 'much too long' },
      { 'Audio.DefaultVolume': '50', 'SIP.ANAT': 'Off', 'Security.Key': '' },
      { vendor },
    );
    expect(changes).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      `the device refuses "120": expected an integer from 0 to 100 ${bySchema}.`,
      `the device refuses "on": expected one of Off, On ${bySchema}. Did you mean "On"?`,
      `the device refuses the secret: expected at most 8 bytes of UTF-8, not 13 ${bySchema}.`,
    ]);
    expect(problems[0]?.place).toEqual({ file: 'fleet.yaml', line: 1, column: 1 });
  });

  it('is the device itself first; a limit that it leaves out is the vendor’s', () => {
    const refs = { 'Audio.DefaultVolume': 'AtLeast' };
    const held = { 'Audio.DefaultVolume': '50' };
    const told = (wanted: string): string | undefined =>
      diff({ 'Audio.DefaultVolume': wanted }, held, { refs, vendor }).problems[0]?.message;
    expect(told('5')).toBe(
      'the device refuses "5": expected an integer of at least 10 (by the device itself).',
    );
    expect(told('101')).toContain(`expected an integer from 10 to 100 ${bySchema}`);
    expect(told('100')).toBeUndefined();
  });

  it('is nobody where variants of a product disagree', () => {
    const other = word(vendorFile.settings, [
      accepted('Audio.DefaultVolume', { type: 'Literal', values: ['Loud'] }),
    ]);
    const { changes, hints } = diff(
      { 'Audio.DefaultVolume': '120' },
      { 'Audio.DefaultVolume': '50' },
      { vendor: other },
    );
    expect(changes).toHaveLength(1);
    expect(hints).toEqual([
      'whether the device takes this change is not known: Audio.DefaultVolume; neither the device nor a schema file says',
    ]);
  });

  it('is not known once for a device, whatever number of settings, with what to do', () => {
    const wishes = Object.fromEntries(['A', 'B', 'C', 'D'].map((name) => [`X.${name}`, '1']));
    const held = Object.fromEntries(Object.keys(wishes).map((path) => [path, '0']));
    expect(diff(wishes, held).hints).toEqual([
      'whether the device takes these 4 changes is not known: X.A, X.B, X.C and 1 more; ' +
        "neither the device nor a schema file says; roomd schema import FILE with the vendor's schema of 26.4.1 may tell",
    ]);
    expect(diff(wishes, wishes).hints).toEqual([]);
  });

  it('is the role of the account, as the vendor tells it', () => {
    const wishes = { 'Audio.DefaultVolume': '60', 'SIP.ANAT': 'On' };
    const held = { 'Audio.DefaultVolume': '50', 'SIP.ANAT': 'Off' };
    const device = { accountRoles: ['Integrator'] } as const;
    const { changes, problems } = diff(wishes, held, { vendor, device });
    expect(changes.map(({ path }) => path)).toEqual(['SIP.ANAT']);
    expect(problems.map(({ message }) => message)).toEqual([
      'Audio.DefaultVolume needs the role Admin; the account "roomd" has Integrator.',
    ]);
    expect(
      diff(wishes, held, { vendor, device: { accountRoles: ['Integrator', 'Admin'] } }).problems,
    ).toEqual([]);
    expect(diff(wishes, held, { device }).hints.join('\n')).toContain(
      'which settings the account "roomd" may write as Integrator is not known',
    );
  });

  it('tells an index that the device does not have, with those that it has', () => {
    const held = {
      'Video.Output.Connector[1].Mode': 'On',
      'Video.Output.Connector[2].Mode': 'On',
      'Video.Output.Connector[4].Mode': 'On',
    };
    const of = (path: string): string | undefined =>
      diff({ [path]: 'On' }, held, { vendor }).problems[0]?.message;
    const sentence =
      'the device has no such item; it has Video.Output.Connector[1..2].Mode, Video.Output.Connector[4].Mode. ' +
      'Write one of these, or take the line out.';
    expect(of('Video.Output.Connector[9].Mode')).toBe(sentence);
    expect(of('Video.Output.Connector.Mode')).toBe(sentence);
    expect(of('SIP.ANAT')).toBe(
      "this device does not show it, though the vendor's schema 26.4.1 has it; it may come with a peripheral or an option.",
    );
    expect(of('Video.Output.Conector[1].Mode')).toBe(
      'the device has no such setting. Did you mean "Video.Output.Connector[1].Mode"?',
    );
  });
});
