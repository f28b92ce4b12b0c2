import { describe, expect, it } from 'vitest';
import { nextLink, retryAfterHeaderMs } from '../../src/lib/http-headers.ts';

describe('Retry-After', () => {
  const now = Date.parse('2027-01-01T00:00:00Z');

  it('is seconds or a date, and nothing where it cannot be read', () => {
    expect(retryAfterHeaderMs('7', now)).toBe(7000);
    expect(retryAfterHeaderMs(' 0 ', now)).toBe(0);
    expect(retryAfterHeaderMs('Fri, 01 Jan 2027 00:00:20 GMT', now)).toBe(20_000);
    expect(retryAfterHeaderMs('Thu, 31 Dec 2026 23:59:50 GMT', now)).toBe(-10_000);
    for (const header of [undefined, '', 'soon', ['1', '2']])
      expect(retryAfterHeaderMs(header, now)).toBeNull();
  });
});

describe('Link', () => {
  it('leads to the next page by its relation, whatever else it has', () => {
    expect(nextLink('<https://a/b?c=1,2>; rel="next"')).toBe('https://a/b?c=1,2');
    expect(nextLink('</first>; rel="first", </n>; title=x; rel=next')).toBe('/n');
    expect(nextLink(['</p>; rel="prev"', '</n>; rel="last next"'])).toBe('/n');
    for (const header of [undefined, '', '</p>; rel="prev"', '</n>; rel="nextpage"'])
      expect(nextLink(header)).toBeNull();
  });
});
