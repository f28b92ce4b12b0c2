import { RoomdError } from '../../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and a Finesse server (cloud facts 2.1 to 2.3).
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | login-refused | 401: the server does not take this user id and secret; nothing more is sent with it | no |
 * | forbidden | 401 or 403: the account is fine and may not do this | no |
 * | not-found | 404: no such user, team, dialog or queue | no |
 * | invalid-state | the user or dialog is in no state in which this can be done | no |
 * | invalid | 400 and any other refusal of what was sent | no |
 * | unsupported | 501: this deployment cannot do it | no |
 * | out-of-service | 503: this node takes no requests now, the other one may | yes |
 * | failed | the server failed | yes |
 * | call-failed | the call was made and came to nothing: the other is busy, or there is none | no |
 * | no-outcome | accepted with 202, and the effect was not seen in time; whether it comes is unknown | no |
 * | unreachable | no connection to the server, TLS failures included | yes |
 * | deadline | no answer in time; what was asked may have been done all the same | yes |
 * | malformed | the answer is not what Finesse answers: cut short, a proxy's page, a wrong port | yes |
 */
export type FinesseErrorCode =
  | 'login-refused'
  | 'forbidden'
  | 'not-found'
  | 'invalid-state'
  | 'invalid'
  | 'unsupported'
  | 'out-of-service'
  | 'failed'
  | 'call-failed'
  | 'no-outcome'
  | 'unreachable'
  | 'deadline'
  | 'malformed';

const RETRYABLE: ReadonlySet<FinesseErrorCode> = new Set([
  'out-of-service',
  'failed',
  'unreachable',
  'deadline',
  'malformed',
]);

/** One of the errors of an ApiErrors document, in Finesse's own words. */
export interface ApiError {
  /** Such as `Invalid State`. */
  readonly errorType: string;
  /** Such as `CF_INVALID_OBJECT_STATE`; null where it is left out. */
  readonly errorMessage: string | null;
  /** What it is about: a user, a parameter, a number; null where it is left out. */
  readonly errorData: string | null;
}

export class FinesseError extends RoomdError<FinesseErrorCode> {
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly apiErrors: readonly ApiError[];
  /** With `out-of-service`, the host names of the cluster's other nodes as far as they are known. */
  readonly otherNodes: readonly string[];

  constructor(
    code: FinesseErrorCode,
    message: string,
    options: {
      status?: number;
      apiErrors?: readonly ApiError[];
      otherNodes?: readonly string[];
      cause?: unknown;
    } = {},
  ) {
    const { status = null, apiErrors = [], otherNodes = [], cause } = options;
    super(code, message, {
      retryable: RETRYABLE.has(code),
      details: { status, apiErrors, otherNodes },
      cause,
    });
    this.status = status;
    this.apiErrors = apiErrors;
    this.otherNodes = otherNodes;
  }
}
