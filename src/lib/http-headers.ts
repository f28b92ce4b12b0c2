/**
 * How long a Retry-After header asks to be left alone, in milliseconds:
 * seconds or an HTTP date (RFC 9110 section 10.2.3); null where there is none
 * that can be read. A date that has passed gives a negative number.
 */
export function retryAfterHeaderMs(header: string | string[] | undefined, now: number): number | null {
  const text = String(header ?? '').trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse takes much for a date; those of HTTP end with the zone.
  const at = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at - now;
}

/** The next-page address of a Link header (RFC 8288); null on the last page. */
export function nextLink(header: string | string[] | undefined): string | null {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  for (const [, target = '', parameters = ''] of text.matchAll(/<([^>]*)>((?:\s*;\s*[^,;]+)*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters)) return target;
  }
  return null;
}
