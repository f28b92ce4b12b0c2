import { RoomdError } from '../../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and the Webex messaging service.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | unauthorized | 401: the token is wrong, expired or revoked | no |
 * | grant-ended | a code, refresh token or guest issuer is used up, expired or revoked: a person must grant anew | no |
 * | forbidden | 403: the token's owner may not do this | no |
 * | not-found | 404: no such room, person or message, or not visible to the token's owner | no |
 * | rate-limited | 429: too many requests, and the wait asked for exceeds the caller's deadline | yes |
 * | invalid | 400 and any other refusal of what was sent | no |
 * | unavailable | 423, 408 or 5xx: the service cannot do it now | yes |
 * | unreachable | no connection to the service, TLS failures included | yes |
 * | deadline | no answer in time; a message may have been posted all the same | yes |
 * | malformed | the answer is not what the service answers: a proxy's page, a wrong base URL | yes |
 */
export type WebexErrorCode =
  | 'unauthorized'
  | 'grant-ended'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'invalid'
  | 'unavailable'
  | 'unreachable'
  | 'deadline'
  | 'malformed';

const RETRYABLE: ReadonlySet<WebexErrorCode> = new Set([
  'rate-limited',
  'unavailable',
  'unreachable',
  'deadline',
  'malformed',
]);

export class WebexError extends RoomdError<WebexErrorCode> {
  /** What Webex support asks for; null where the service did not answer. */
  readonly trackingId: string | null;
  /** How long the service asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null;

  constructor(
    code: WebexErrorCode,
    message: string,
    options: {
      status?: number;
      trackingId?: string | null;
      retryAfterMs?: number | null;
      cause?: unknown;
    } = {},
  ) {
    const { status = null, trackingId = null, retryAfterMs = null, cause } = options;
    super(code, message, {
      retryable: RETRYABLE.has(code),
      details: { status, trackingId, retryAfterMs },
      cause,
    });
    this.trackingId = trackingId;
    this.retryAfterMs = retryAfterMs;
  }
}
