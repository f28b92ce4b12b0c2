import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineXml } from '../../src/lib/xml/outline.ts';
import { readXml } from '../../src/lib/xml/reader.ts';
import { writeXml, type XmlNode } from '../../src/lib/xml/writer.ts';
import { configurationOf } from '../../src/xapi/configuration-document.ts';
import { leavesFromXml } from '../../src/xapi/document.ts';

const pieces = fc.record(
  {
    name: fc.constantFrom('A', 'Ab', 'B', 'Mode'),
    item: fc.constantFrom('1', '2', '10'),
    ref: fc.constantFrom('/Valuespace/OnOff', 'Other'),
    ghost: fc.constantFrom('True', 'False'),
  },
  { requiredKeys: ['name'] },
);

const node: fc.Memo<XmlNode> = fc.memo((depth) => {
  const children = depth > 1 ? fc.array(node(depth - 1), { maxLength: 4 }) : fc.constant([]);
  return fc
    .tuple(pieces, children, fc.constantFrom('', 'On', 'a & b', '  a somewhat longer text <é> '))
    .map(([{ name, item, ref, ghost }, inside, text]) => ({
      name,
      attributes: {
        ...(item === undefined ? {} : { item }),
        ...(ref === undefined ? {} : { valueSpaceRef: ref }),
        ...(ghost === undefined ? {} : { ghost }),
      },
      ...(inside.length > 0 ? { children: inside } : { text }),
    }));
});

/** What both kinds of document say, in any case of the paths and of paths that are absent, beside what the whole tree holds. */
function told(text: string): { said: unknown; held: unknown } {
  const outline = outlineXml(text);
  const { root } = readXml(text);
  const { leaves, valueSpaceRefs } = leavesFromXml(root);
  const document = configurationOf({ outline, root });
  const laidOut = configurationOf({ outline: null, root });
  const absent = [...leaves.keys()].flatMap((path) => [`${path}.X`, `${path}[3]`, path.slice(0, -1)]);
  const paths = [...leaves.keys(), ...absent, '', 'A', 'A[1]', 'A.B'];
  const expected = paths.map((path) => {
    const value = leaves.get(path);
    return value === undefined ? null : { path, value, valueSpaceRef: valueSpaceRefs.get(path) ?? null };
  });
  return {
    said: {
      isOutlined: outline !== null,
      found: paths.map((path) => document.find(path.toUpperCase())),
      foundLaidOut: paths.map((path) => laidOut.find(path.toLowerCase())),
      leaves: [...document.leaves],
      valueSpaceRefs: [...document.valueSpaceRefs],
    },
    held: {
      isOutlined: true,
      found: expected,
      foundLaidOut: expected,
      leaves: [...leaves],
      valueSpaceRefs: [...valueSpaceRefs],
    },
  };
}

describe('a configuration document', () => {
  it('finds single settings as a reading of the whole does', () => {
    fc.assert(
      fc.property(fc.array(node(4), { maxLength: 5 }), (children) => {
        const { said, held } = told(writeXml({ name: 'Configuration', children }));
        expect(said).toEqual(held);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('tells the path as the device spells it', () => {
    const text = '<Configuration><Video><Output item="2"><Mode>On</Mode></Output></Video></Configuration>';
    const document = configurationOf({ outline: outlineXml(text), root: readXml(text).root });
    expect(document.find('video.OUTPUT[2].mode')).toEqual({
      path: 'Video.Output[2].Mode',
      value: 'On',
      valueSpaceRef: null,
    });
    expect(document.find('Video.Output[1].Mode')).toBe(null);
  });
});

const fixtures = process.env['ROOMD_FIXTURES'];

it.skipIf(fixtures === undefined)('every setting of a captured document is found', () => {
  const file = join(fixtures ?? '', 'avispl', 'configuration.xml');
  if (!existsSync(file)) throw new Error(`ROOMD_FIXTURES is set, and ${file} is missing`);
  const { said, held } = told(readFileSync(file, 'utf8'));
  expect(said).toEqual(held);
});

const twin = (volume: string, extra = '') => {
  const filler = Array.from({ length: 120 }, (_, at) => `<Other item="${at + 1}">x</Other>`).join('');
  const text = `<Configuration product="Twins">${extra}<Audio><Volume valueSpaceRef="/Valuespace/INT">${volume}</Volume></Audio>${filler}</Configuration>`;
  return configurationOf({ outline: outlineXml(text), root: readXml(text).root });
};

describe('documents of devices that write alike', () => {
  it('share where a setting stands, never what it holds', () => {
    const [one, other] = [twin('10'), twin('99')];
    expect(one.find('audio.volume')).toEqual({ path: 'Audio.Volume', value: '10', valueSpaceRef: 'INT' });
    expect(other.find('audio.volume')).toEqual({ path: 'Audio.Volume', value: '99', valueSpaceRef: 'INT' });
    expect([one.find('Video.Mode'), other.find('Video.Mode')]).toEqual([null, null]);
    expect(twin('5', '<Video><Mode>On</Mode></Video>').find('Video.Mode')?.value).toBe('On');
    expect(twin('6').find('Audio.Volume')?.value).toBe('6');
  });
});
