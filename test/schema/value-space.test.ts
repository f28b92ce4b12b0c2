import { describe, expect, it } from 'vitest';
import type { ValueSpace } from '../../src/schema/product-schema.ts';
import { describeValueSpace } from '../../src/schema/value-space.ts';

const integer = (min: number | null, max: number | null, step: number | null = null): ValueSpace => ({
  type: 'Integer',
  min,
  max,
  step,
});
const text = (minLength: number, maxLength: number | null): ValueSpace => ({
  type: 'String',
  minLength,
  maxLength,
});

describe('A value space in words', () => {
  it.each<[ValueSpace, string]>([
    [{ type: 'Literal', values: ['Auto', 'Off'] }, 'one of Auto, Off'],
    [{ type: 'Literal', values: ['Off'] }, 'nothing but Off'],
    [integer(0, 100), 'an integer from 0 to 100'],
    [integer(0, 100, 5), 'an integer from 0 to 100 in steps of 5'],
    [integer(1, null), 'an integer of at least 1'],
    [integer(null, 9), 'an integer of at most 9'],
    [integer(null, null), 'an integer'],
    [text(1, 50), '1 to 50 bytes of UTF-8'],
    [text(0, 50), 'at most 50 bytes of UTF-8'],
    [text(5, 5), 'exactly 5 bytes of UTF-8'],
    [text(3, null), 'at least 3 bytes of UTF-8'],
    [text(0, null), 'any number of bytes of UTF-8'],
  ])('%j is "%s"', (space, words) => {
    expect(describeValueSpace(space)).toBe(words);
  });

  it('names the first of very many values and says how many more there are', () => {
    const values = Array.from({ length: 40 }, (_, at) => `Zone/${at}`);
    expect(describeValueSpace({ type: 'Literal', values })).toMatch(
      /^one of Zone\/0, .*Zone\/11 and 28 more$/,
    );
  });
});
