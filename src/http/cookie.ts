import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CookieOptions, Request, Response } from 'express';

export const SESSION_COOKIE = 'roomd_session';
const ID = /^[\w-]{43}$/;

/**
 * The id in the request's cookie; null without one. One that cannot be
 * roomd's, and two at once, of which one is somebody else's, are empty: that
 * opens nothing.
 */
export function cookieOf(request: Request): string | null {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .flatMap((pair) =>
      pair.startsWith(`${SESSION_COOKIE}=`) ? [pair.slice(SESSION_COOKIE.length + 1)] : [],
    );
  const [id, another] = values;
  if (id === undefined) return null;
  return another === undefined && ID.test(id) ? id : '';
}

export function setCookie(request: Request, response: Response, id: string, maxAgeMs: number): void {
  response.cookie(SESSION_COOKIE, id, { ...options(request), maxAge: maxAgeMs });
}

export function clearCookie(request: Request, response: Response): void {
  response.clearCookie(SESSION_COOKIE, options(request));
}

/** No script reads it, no other site's page has it sent, and where TLS is spoken it is sent over nothing else. */
function options(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: request.secure };
}

/** What a page must say with each POST: only a page that may read roomd's answers knows it. It follows from the id, so it need not be kept. */
export function csrfOf(id: string): string {
  return createHmac('sha256', id).update('roomd csrf').digest('base64url');
}

export function isCsrfOf(id: string, given: string | undefined): boolean {
  const expected = Buffer.from(csrfOf(id));
  const actual = Buffer.from(given ?? '');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/**
 * Whether a request may come from a page of roomd's own, as far as the browser
 * tells. `Sec-Fetch-Site` (W3C Fetch Metadata) counts before `Origin`
 * (RFC 6454), which a proxy that writes another `Host` would spoil; a client
 * that sends neither is no browser of these years.
 */
export function isSameOrigin(request: Request): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === request.host?.toLowerCase();
}
