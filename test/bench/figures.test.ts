import { expect, test } from 'vitest';
import { judge } from './benchmark.ts';
import { median, percentile, ratios, spread, table } from './figures.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test('a percentile is a value that was measured', () => {
  const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([7], 0.5)).toBe(7);
});

test('a spread shows the median between the smallest and the largest', () => {
  expect(spread([3, 1, 2], 1)).toBe('2.0 (1.0 – 3.0)');
});

test('ratios are taken round by round', () => {
  expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
});

test('the columns of a table are as wide as their widest cell', () => {
  expect(table(['what', 'ms'], [['plan', '12.5']])).toEqual(['what    ms', '----  ----', 'plan  12.5']);
});

test('a benchmark is over where its ratio or one of its checks is beyond its limit, and where nothing was measured', () => {
  const check = { what: 'requests in flight', value: 32, most: 32 };
  const within = { ratio: 1.99, limit: 2, checks: [check] };
  expect(judge('posts', within)).toEqual({
    lines: ['check: requests in flight 32 (limit 32) ok', 'bench posts: ratio 1.99 (limit 2) ok'],
    isOver: false,
  });
  expect(judge('posts', { ...within, ratio: 2.01 }).isOver).toBe(true);
  expect(judge('posts', { ...within, ratio: Number.NaN }).isOver).toBe(true);
  expect(judge('posts', { ...within, checks: [{ ...check, value: 33 }] }).isOver).toBe(true);
});
