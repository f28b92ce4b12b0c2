import { RoomdError } from '../../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and Webex Meetings, by either API.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | unauthorized | the password, ticket or token is wrong, expired or revoked | no |
 * | forbidden | the account may not do this | no |
 * | not-found | there is no such meeting, or it is not visible to the account | no |
 * | rate-limited | too many requests, and the wait asked for exceeds the caller's deadline | yes |
 * | invalid | the service refuses what was sent, or it is refused before it is sent | no |
 * | no-address | the meeting has no SIP address, so no room can dial it | no |
 * | unavailable | the service cannot do it now | yes |
 * | unreachable | no connection to the service, TLS failures included | yes |
 * | deadline | no answer in time | yes |
 * | malformed | the answer is not what the service answers: a proxy's page, a wrong address | yes |
 */
export type MeetingsErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'invalid'
  | 'no-address'
  | 'unavailable'
  | 'unreachable'
  | 'deadline'
  | 'malformed';

const RETRYABLE: ReadonlySet<MeetingsErrorCode> = new Set([
  'rate-limited',
  'unavailable',
  'unreachable',
  'deadline',
  'malformed',
]);

/** Failures of which nobody knows whether the service did what it was asked. */
const IN_DOUBT: ReadonlySet<MeetingsErrorCode> = new Set([
  'unavailable',
  'unreachable',
  'deadline',
  'malformed',
]);

interface MeetingsErrorFacts {
  /** Of the HTTP answer. The XML API fails with 200, too. */
  readonly status?: number | null;
  /** The XML API's number of the failure, such as `060001`. */
  readonly exceptionId?: string | null;
  /** What the service says of it, in its own words. */
  readonly reason?: string | null;
  /** What Webex support asks for. */
  readonly trackingId?: string | null;
  /** How long the service asks to be left alone. */
  readonly retryAfterMs?: number | null;
  /** False where it is certain that nothing reached the service. */
  readonly sent?: boolean;
}

export class MeetingsError extends RoomdError<MeetingsErrorCode> {
  readonly exceptionId: string | null;
  readonly reason: string | null;
  readonly retryAfterMs: number | null;
  /** Whether the service may have done what was asked all the same. */
  readonly isInDoubt: boolean;

  constructor(
    code: MeetingsErrorCode,
    message: string,
    options: MeetingsErrorFacts & { cause?: unknown } = {},
  ) {
    const {
      status = null,
      exceptionId = null,
      reason = null,
      trackingId = null,
      retryAfterMs = null,
    } = options;
    super(code, message, {
      retryable: RETRYABLE.has(code),
      details: { status, exceptionId, reason, trackingId, retryAfterMs },
      cause: options.cause,
    });
    this.exceptionId = exceptionId;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.isInDoubt = IN_DOUBT.has(code) && options.sent !== false;
  }
}
