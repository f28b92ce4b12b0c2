import { RoomdError } from '../lib/errors.ts';

/**
 * Everything that can go wrong between roomd and a device, as one closed set.
 *
 * | code | meaning | retryable |
 * |---|---|---|
 * | unreachable | no connection: name, route, refused, reset | yes |
 * | deadline | no answer in time | yes |
 * | tls | the handshake failed, or a CA does not vouch for the certificate | no |
 * | certificate-changed | the certificate is not the pinned one | no |
 * | login-refused | 401, 403 or a sign-in page: this secret is not to be tried again | no |
 * | login-blocked | the login gate is shut, nothing was sent | no |
 * | websocket-off | the device serves HTTPS and does not upgrade | no |
 * | busy | 503 or a full queue: come back later | yes |
 * | closed | the session ended while the request was under way | yes |
 * | serial-changed | another serial number answers at this address | no |
 * | too-large | an answer or frame beyond the cap | no |
 * | malformed | the answer cannot be read | yes |
 * | unknown-path | the device has no such path or command | no |
 * | bad-value | the device refuses the value or argument | no |
 * | permission | the account's role does not suffice | no |
 * | command-failed | the command was understood and failed | no |
 * | not-ready | the device is starting | yes |
 * | rejected | any other refusal, its text in the message | no |
 */
export type XapiErrorCode =
  | 'unreachable'
  | 'deadline'
  | 'tls'
  | 'certificate-changed'
  | 'login-refused'
  | 'login-blocked'
  | 'websocket-off'
  | 'busy'
  | 'closed'
  | 'serial-changed'
  | 'too-large'
  | 'malformed'
  | 'unknown-path'
  | 'bad-value'
  | 'permission'
  | 'command-failed'
  | 'not-ready'
  | 'rejected';

const RETRYABLE: ReadonlySet<XapiErrorCode> = new Set([
  'unreachable',
  'deadline',
  'busy',
  'closed',
  'malformed',
  'not-ready',
]);

export class XapiError extends RoomdError<XapiErrorCode> {
  constructor(
    code: XapiErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: RETRYABLE.has(code) });
  }
}
