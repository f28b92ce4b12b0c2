import type { z } from 'zod';
import { unreachable } from '../../lib/errors.ts';
import { HttpClientError, type HttpResponse } from '../../lib/http-client.ts';
import { WebexError, type WebexErrorCode } from './errors.ts';
import { ErrorBody } from './schema.ts';

const DEFAULT_RETRY_AFTER_MS = 15_000;
const SHORTEST_RETRY_AFTER_MS = 1_000;
const WAITED_OUT: ReadonlySet<number> = new Set([423, 429, 503]);

/**
 * How long to wait before asking again, null where the status does not ask for
 * it. Seconds or an HTTP date (RFC 9110 section 10.2.3); 15 s when the service
 * does not say, at least 1 s (cloud facts 1.3).
 */
export function retryAfterMs(response: HttpResponse, now: number): number | null {
  if (!WAITED_OUT.has(response.status)) return null;
  const text = String(response.headers['retry-after'] ?? '').trim();
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(asked) ? DEFAULT_RETRY_AFTER_MS : Math.max(SHORTEST_RETRY_AFTER_MS, asked);
}

/** The body of a success, read by `schema`. */
export function readBody<T>(response: HttpResponse, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(parseJson(response.body));
  if (parsed.success) return parsed.data;
  throw new WebexError(
    'malformed',
    `${what} was answered with ${response.status} but not with what Webex answers; check the base URL and any proxy in between`,
    { status: response.status, trackingId: headerText(response, 'trackingid'), cause: parsed.error },
  );
}

/** A status that is no success, as a typed error. */
export function refusalOf(response: HttpResponse, what: string, now: number): WebexError {
  const body = ErrorBody.parse(parseJson(response.body));
  const code = codeOf(response.status);
  const said = body.errors[0]?.description ?? body.message ?? 'no reason was given';
  const trackingId = body.trackingId ?? headerText(response, 'trackingid');
  const trace = trackingId === null ? '' : ` (trackingId ${trackingId})`;
  return new WebexError(code, `${what} failed with ${response.status}: ${said}${trace}. ${ADVICE[code]}`, {
    status: response.status,
    trackingId,
    retryAfterMs: retryAfterMs(response, now),
  });
}

/** A failure below HTTP, as a typed error. */
export function transportError(error: HttpClientError, what: string): WebexError {
  const { code } = error;
  switch (code) {
    case 'unreachable':
    case 'tls':
    case 'certificate-changed':
    case 'proxy':
    case 'aborted':
      return new WebexError('unreachable', `${what} did not reach Webex: ${error.message}`, { cause: error });
    case 'deadline':
      return new WebexError('deadline', `${what} was not answered in time: ${error.message}`, {
        cause: error,
      });
    case 'too-large':
      return new WebexError('malformed', `${what} was answered with too much: ${error.message}`, {
        cause: error,
      });
    default:
      return unreachable(code);
  }
}

/** The next-page address of a `Link` header (RFC 8288), null on the last page. */
export function nextPage(response: HttpResponse): string | null {
  const header = response.headers['link'];
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  for (const [, target = '', parameters = ''] of text.matchAll(/<([^>]*)>((?:\s*;\s*[^,;]+)*)/g)) {
    if (/;\s*rel\s*=\s*"?(?:[^"]*\s)?next(?:\s[^"]*)?"?\s*(?:;|$)/i.test(parameters)) return target;
  }
  return null;
}

const ADVICE: Readonly<Record<WebexErrorCode, string>> = {
  unauthorized: 'Check that the token is a valid bot token; nothing is tried again with this one',
  forbidden: 'Check that the bot is a member of the room and may do this',
  'not-found': 'Check the id, and that the bot is a member of the room',
  'rate-limited': 'It is tried again later',
  invalid: 'Check what was sent',
  unavailable: 'It is tried again later',
  unreachable: 'It is tried again later',
  deadline: 'It is tried again later',
  malformed: 'Check the base URL and any proxy in between',
};

function codeOf(status: number): WebexErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status === 408 || status === 423 || status >= 500) return 'unavailable';
  return status >= 400 ? 'invalid' : 'malformed';
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function headerText(response: HttpResponse, name: string): string | null {
  const value = response.headers[name];
  return value === undefined ? null : String(value);
}
