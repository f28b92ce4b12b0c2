import { RoomdError } from '../../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and Unified CM.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | unauthorized | 401: the user or its password is wrong; nothing more is asked with it | no |
 * | forbidden | 403: the user lacks the role for this interface | no |
 * | version-unsupported | 599: Unified CM does not speak that version of AXL | no |
 * | not-found | axlcode 5007: there is nothing of that name | no |
 * | duplicate | axlcode -239: there is something of that name already | no |
 * | query-too-large | more rows than AXL answers at once; `rows` says how many fit | no |
 * | throttled | AXL's memory or RISPort70's rate is used up at the moment | yes |
 * | refused | any other fault: the request is not what Unified CM takes | no |
 * | unavailable | 503 and other 5xx without a fault: the service cannot do it now | yes |
 * | unreachable | no connection, TLS failures included | yes |
 * | deadline | no answer in time | yes |
 * | malformed | the answer is not what Unified CM answers: another service, a page of a proxy | yes |
 */
export type CucmErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'version-unsupported'
  | 'not-found'
  | 'duplicate'
  | 'query-too-large'
  | 'throttled'
  | 'refused'
  | 'unavailable'
  | 'unreachable'
  | 'deadline'
  | 'malformed';

const RETRYABLE: ReadonlySet<CucmErrorCode> = new Set([
  'throttled',
  'unavailable',
  'unreachable',
  'deadline',
  'malformed',
]);

export class CucmError extends RoomdError<CucmErrorCode> {
  /** How many rows Unified CM offers to answer at once, with `query-too-large`; null where it does not say. */
  readonly rows: number | null;

  constructor(
    code: CucmErrorCode,
    message: string,
    options: { status?: number; axlCode?: string | null; rows?: number | null; cause?: unknown } = {},
  ) {
    const { status = null, axlCode = null, rows = null, cause } = options;
    super(code, message, { retryable: RETRYABLE.has(code), details: { status, axlCode, rows }, cause });
    this.rows = rows;
  }
}
