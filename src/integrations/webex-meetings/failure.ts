import { unreachable } from '../../lib/errors.ts';
import type { HttpClientError, HttpResponse } from '../../lib/http-client.ts';
import { retryAfterHeaderMs } from '../../lib/http-headers.ts';
import { MeetingsError, type MeetingsErrorCode } from './errors.ts';

const DEFAULT_RETRY_AFTER_MS = 15_000;
const SHORTEST_RETRY_AFTER_MS = 1_000;
const WAITED_OUT: ReadonlySet<number> = new Set([423, 429, 503]);

/** A failure below HTTP, as a typed error. */
export function transportError(error: HttpClientError, what: string): MeetingsError {
  const { code } = error;
  const sent = error.details['sent'] !== false;
  switch (code) {
    case 'tls':
    case 'certificate-changed':
    case 'proxy':
      return new MeetingsError('unreachable', `${what} did not reach the service: ${error.message}`, {
        sent: false,
        cause: error,
      });
    case 'unreachable':
    case 'aborted':
      return new MeetingsError('unreachable', `${what} did not reach the service: ${error.message}`, {
        sent,
        cause: error,
      });
    case 'deadline':
      return new MeetingsError('deadline', `${what} was not answered in time: ${error.message}`, {
        cause: error,
      });
    case 'too-large':
      return new MeetingsError('malformed', `${what} was answered with too much: ${error.message}`, {
        cause: error,
      });
    default:
      return unreachable(code);
  }
}

/**
 * An HTTP status that is no success, as a typed error. The wait that 423, 429
 * and 503 ask for is 15 s where they do not say, and at least 1 s (cloud facts 1.3).
 */
export function statusError(
  response: HttpResponse,
  what: string,
  said: { now: number; reason: string | null; trackingId: string | null },
): MeetingsError {
  const { status, headers } = response;
  const code = codeOf(status);
  const asked = retryAfterHeaderMs(headers['retry-after'], said.now) ?? DEFAULT_RETRY_AFTER_MS;
  const trace = said.trackingId === null ? '' : ` (trackingId ${said.trackingId})`;
  return new MeetingsError(
    code,
    `${what} failed with ${status}: ${said.reason ?? 'no reason was given'}${trace}. ${ADVICE[code]}`,
    {
      status,
      reason: said.reason,
      trackingId: said.trackingId,
      retryAfterMs: WAITED_OUT.has(status) ? Math.max(SHORTEST_RETRY_AFTER_MS, asked) : null,
    },
  );
}

/** What a person does about it, as a sentence without its full stop. */
export const ADVICE: Readonly<Record<MeetingsErrorCode, string>> = {
  unauthorized: 'Check the credentials; nothing is tried again with these',
  forbidden: 'Check that the account may schedule meetings on this site',
  'not-found': 'Check the id, and that the account hosts the meeting',
  'rate-limited': 'Try again later',
  invalid: 'Check what was sent',
  'no-address': 'Check that the site lets video systems join meetings',
  unavailable: 'Try again later',
  unreachable: 'Try again later',
  deadline: 'Try again later',
  malformed: 'Check the address and any proxy in between',
};

function codeOf(status: number): MeetingsErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 429) return 'rate-limited';
  if (status === 408 || status === 423 || status >= 500) return 'unavailable';
  return status >= 400 ? 'invalid' : 'malformed';
}
