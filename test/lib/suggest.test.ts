import { describe, expect, test } from 'vitest';
import { didYouMean, nearest } from '../../src/lib/suggest.ts';

describe('the nearest names', () => {
  test('come best first and only when they are near', () => {
    const names = ['barents', 'barents_70d', 'brooklyn', 'davinci'];
    expect(nearest('barent', names)).toEqual(['barents']);
    expect(nearest('BROKLYN', names)).toEqual(['brooklyn']);
    expect(nearest('something else', names)).toEqual([]);
  });

  test('count a swap of neighbours as one mistake', () => {
    expect(nearest('hots', ['host', 'port'])).toEqual(['host']);
  });

  test('are put into a question', () => {
    expect(didYouMean('hots', ['host'])).toBe(' Did you mean "host"?');
    expect(didYouMean('xyz', ['host'])).toBe('');
  });
});
