import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XmlError } from '../../../src/lib/xml/element.ts';
import { readXml } from '../../../src/lib/xml/reader.ts';
import { unwritable, writeXml } from '../../../src/lib/xml/writer.ts';

function refusal(work: () => unknown): XmlError {
  try {
    work();
  } catch (error) {
    if (error instanceof XmlError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the reader', () => {
  it('builds a tree of names, attributes, children and text', () => {
    const { root } = readXml(
      '<?xml version="1.0"?>\n<A x="1&amp;2"><B> a &lt; b </B>\n<C/><B><![CDATA[<raw>]]></B></A>',
    );
    expect(root.name).toBe('A');
    expect(root.attributes['x']).toBe('1&2');
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['B', ' a < b '],
      ['C', ''],
      ['B', '<raw>'],
    ]);
    expect(root.text).toBe('');
  });

  it('forgives white space before the declaration', () => {
    expect(readXml('\n  <?xml version="1.0"?><A/>').root.name).toBe('A');
  });

  it('takes out control characters, raw or as references, and counts them', () => {
    const { root, strippedControls } = readXml('<A>a\u0001b\u001f&#3;&#x1B;c&#9;\n</A>');
    expect(root.text).toBe('abc\t\n');
    expect(strippedControls).toBe(4);
  });

  it('refuses a DOCTYPE and entities beyond the five', () => {
    expect(refusal(() => readXml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')).code).toBe('xml-forbidden');
    expect(refusal(() => readXml('<a>&nbsp;</a>')).code).toBe('xml-forbidden');
  });

  it('says line and column of what is not well-formed', () => {
    const error = refusal(() => readXml('<A>\n  <B></C>\n</A>'));
    expect(error.code).toBe('xml-malformed');
    expect(error.details).toMatchObject({ line: 2 });
    expect(error.message).toMatch(/^line 2:\d+: /);
    for (const text of ['', 'text', '<A>', '<A/><B/>', '<A b=c/>', '{"a":1}'])
      expect(refusal(() => readXml(text)).code).toBe('xml-malformed');
  });

  it('limits depth and size', () => {
    const nested = `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`;
    expect(refusal(() => readXml(nested)).code).toBe('xml-too-deep');
    expect(readXml(nested, { maxDepth: 65 }).root.name).toBe('a');
    expect(refusal(() => readXml(nested, { maxLength: 100 })).code).toBe('xml-too-large');
  });
});

describe('the writer', () => {
  it('escapes text and attributes', () => {
    const text = writeXml({
      name: 'A',
      attributes: { x: '"<&>\n' },
      children: [{ name: 'B', text: 'a<b>&"\r' }],
    });
    expect(text).toBe('<A x="&quot;&lt;&amp;&gt;&#10;"><B>a&lt;b&gt;&amp;"&#13;</B></A>');
  });

  it('writes names with a prefix', () => {
    expect(writeXml({ name: 'a:B', attributes: { 'xmlns:a': 'urn:a' } })).toBe('<a:B xmlns:a="urn:a"/>');
  });

  it('refuses what XML cannot carry and names that do not fit', () => {
    for (const bad of ['\u0000', 'a\u001f', '\ud800', '\uffff'])
      expect(refusal(() => writeXml({ name: 'A', text: bad })).code).toBe('xml-unwritable');
    for (const name of ['A B', ':A', 'a:', 'a:b:c'])
      expect(refusal(() => writeXml({ name })).code).toBe('xml-unwritable');
    expect(refusal(() => writeXml({ name: 'A', attributes: { 'x y': '' } })).code).toBe('xml-unwritable');
    expect(unwritable('a\u0007')).toContain('U+0007');
    expect(unwritable('smile \u{1f600}\t\n')).toBeNull();
  });

  it('writes what the reader reads back, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, value) => {
        fc.pre(unwritable(text) === null && unwritable(value) === null);
        const { root } = readXml(writeXml({ name: 'A', attributes: { v: value }, text }));
        expect(root.text).toBe(text);
        expect(root.attributes['v']).toBe(value);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
