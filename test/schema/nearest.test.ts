import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/schema/nearest.ts';

describe('The nearest names', () => {
  it('come best first and only when they are near', () => {
    const names = ['barents', 'barents_70d', 'brooklyn', 'davinci'];
    expect(nearest('barent', names)).toEqual(['barents']);
    expect(nearest('BROKLYN', names)).toEqual(['brooklyn']);
    expect(nearest('something else', names)).toEqual([]);
  });

  it('are put into a question', () => {
    expect(didYouMean([])).toBe('');
    expect(didYouMean(['a'])).toBe('did you mean a?');
    expect(didYouMean(['a', 'b', 'c'])).toBe('did you mean a, b or c?');
  });
});
