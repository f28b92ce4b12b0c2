/**
 * How long a Retry-After header asks to be left alone, in milliseconds:
 * seconds or an HTTP date (RFC 9110 section 10.2.3); null where there is none
 * that can be read. A date that has passed gives a negative number.
 */
export function retryAfterHeaderMs(header: string | string[] | undefined, now: number): number | null {
  const text = String(header ?? '').trim();
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(asked) ? null : asked;
}
