import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expandPattern,
  formatPattern,
  matchIndices,
  namesKey,
  parsePattern,
  withIndices,
} from '../../src/schema/path-pattern.ts';
import type { PatternSegment } from '../../src/schema/product-schema.ts';

const SEED = { seed: 20261123, numRuns: 300 };

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,11}$/);
const range = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 4 }))
  .map(([first, more]) => ({ first, last: first + more }));
const segment: fc.Arbitrary<PatternSegment> = fc.record({
  name,
  index: fc.oneof(fc.constant(null), range, fc.constant({ first: null, last: null })),
});
const pattern = fc.array(segment, { minLength: 1, maxLength: 5 });

describe('A path pattern', () => {
  it('reads names, one index, a range and an open list', () => {
    expect(parsePattern('Audio Input HDMI[2..5] Connector[n] Mode')).toEqual([
      { name: 'Audio', index: null },
      { name: 'Input', index: null },
      { name: 'HDMI', index: { first: 2, last: 5 } },
      { name: 'Connector', index: { first: null, last: null } },
      { name: 'Mode', index: null },
    ]);
    expect(parsePattern('Network[1].MTU')[0]).toEqual({ name: 'Network', index: { first: 1, last: 1 } });
  });

  it.each(['', 'Audio Input[]', 'Audio 9', 'Audio[1..]', 'Audio[3..1]', 'Audio[x]', 'A$'])(
    'refuses "%s" with a typed error',
    (text) => {
      expect(() => parsePattern(text)).toThrow(expect.objectContaining({ code: 'pattern-invalid' }));
    },
  );

  it('is the same after writing and reading it, with dots as with spaces', () => {
    fc.assert(
      fc.property(pattern, (segments) => {
        const text = formatPattern(segments);
        expect(parsePattern(text)).toEqual(segments);
        expect(parsePattern(text.replaceAll(/(?<!\.)\.(?!\.)/g, ' '))).toEqual(segments);
      }),
      SEED,
    );
  });

  it('matches every path it stands for, whose indices give the path back', () => {
    fc.assert(
      fc.property(pattern, fc.integer({ min: 1, max: 3 }), (segments, openCount) => {
        const paths = expandPattern(segments, openCount);
        expect(new Set(paths.map(({ path }) => path)).size).toBe(paths.length);
        for (const { path, indices } of paths) {
          expect(matchIndices(segments, path)).toEqual(indices);
          expect(withIndices(segments, indices)).toBe(path);
          expect(namesKey(path)).toBe(segments.map((one) => one.name.toLowerCase()).join('.'));
        }
      }),
      SEED,
    );
  });

  it('stands for as many paths as the product of its ranges', () => {
    fc.assert(
      fc.property(pattern, fc.integer({ min: 0, max: 3 }), (segments, openCount) => {
        const sizes = segments.map(({ index }) =>
          index === null ? 1 : index.first === null ? openCount : (index.last ?? 0) - index.first + 1,
        );
        expect(expandPattern(segments, openCount)).toHaveLength(sizes.reduce((a, b) => a * b, 1));
      }),
      SEED,
    );
  });

  it('matches no index outside its range, none too few and none too many', () => {
    const hdmi = parsePattern('Audio.Input.HDMI[2..5].Mode');
    expect(matchIndices(hdmi, 'Audio.Input.HDMI[2].Mode')).toEqual([2]);
    expect(matchIndices(hdmi, 'Audio.Input.HDMI[1].Mode')).toBeNull();
    expect(matchIndices(hdmi, 'Audio.Input.HDMI[6].Mode')).toBeNull();
    expect(matchIndices(hdmi, 'Audio.Input.HDMI.Mode')).toBeNull();
    expect(matchIndices(hdmi, 'Audio[1].Input.HDMI[2].Mode')).toBeNull();
    expect(matchIndices(hdmi, 'Audio.Input.HDMI[2][3].Mode')).toBeNull();
  });
});
