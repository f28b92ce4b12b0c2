import { describe, expect, it } from 'vitest';
import { nextPage, retryAfterMs } from '../../../src/integrations/webex-messaging/response.ts';

const now = Date.parse('2026-11-23T08:00:00Z');

function answer(status: number, headers: Record<string, string | string[]> = {}) {
  return { status, headers, body: Buffer.alloc(0) };
}

describe('retryAfterMs', () => {
  it('reads seconds and dates, at least one second', () => {
    expect(retryAfterMs(answer(429, { 'retry-after': '12' }), now)).toBe(12_000);
    expect(retryAfterMs(answer(429, { 'retry-after': '0' }), now)).toBe(1_000);
    expect(retryAfterMs(answer(503, { 'retry-after': 'Mon, 23 Nov 2026 08:00:30 GMT' }), now)).toBe(30_000);
    expect(retryAfterMs(answer(503, { 'retry-after': 'Mon, 23 Nov 2026 07:00:00 GMT' }), now)).toBe(1_000);
  });

  it('takes 15 s where nothing readable is said', () => {
    expect(retryAfterMs(answer(429), now)).toBe(15_000);
    expect(retryAfterMs(answer(423, { 'retry-after': 'soon' }), now)).toBe(15_000);
  });

  it('asks for no wait with any other status', () => {
    expect(retryAfterMs(answer(500, { 'retry-after': '12' }), now)).toBeNull();
  });
});

describe('nextPage', () => {
  it('finds the next page among other links, verbatim', () => {
    const next = 'https://webexapis.com/v1/rooms?max=2&cursor=a%2Fb==';
    expect(nextPage(answer(200, { link: `<https://x/first>; rel="first", <${next}>; rel="next"` }))).toBe(
      next,
    );
    expect(nextPage(answer(200, { link: ['<https://x/first>; rel=first', `<${next}>; rel=next`] }))).toBe(
      next,
    );
  });

  it('finds none on the last page', () => {
    expect(nextPage(answer(200))).toBeNull();
    expect(nextPage(answer(200, { link: '<https://x/first>; rel="first"' }))).toBeNull();
  });
});
