import { RoomdError } from './errors.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | unreachable | no connection, or it broke: name, route, refused, reset; `details.sent` is false where nothing was sent | yes |
 * | deadline | no complete answer in time | yes |
 * | tls | the handshake failed, or no trusted authority vouches for the certificate | no |
 * | certificate-changed | the certificate is not the pinned one; nothing was sent | no |
 * | proxy | the proxy refuses the way, or is none; nothing was sent | no |
 * | too-large | the answer is larger than the cap | no |
 * | aborted | the caller's signal or `close` ended it; the reason is the cause | no |
 */
export type HttpClientErrorCode =
  | 'unreachable'
  | 'deadline'
  | 'tls'
  | 'certificate-changed'
  | 'proxy'
  | 'too-large'
  | 'aborted';

export class HttpClientError extends RoomdError<HttpClientErrorCode> {
  constructor(
    code: HttpClientErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: code === 'unreachable' || code === 'deadline' });
  }
}

/** What a failed connection or a broken exchange means, as one of our errors. */
export function connectionError(
  thrown: unknown,
  where: string,
  known: { readonly sent?: false } = {},
): HttpClientError {
  if (thrown instanceof HttpClientError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = 'code' in error ? String(error.code) : '';
  if (isTlsCode(code))
    return new HttpClientError('tls', `the TLS handshake with ${where} failed (${code}): ${error.message}`, {
      details: { code, ...known },
      cause: error,
    });
  return new HttpClientError('unreachable', `no answer from ${where}: ${REASONS[code] ?? error.message}`, {
    details: { code, ...known },
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (nothing listens there)',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'it did not answer',
  EPIPE: 'the connection was closed while sending',
  UND_ERR_SOCKET: 'the connection was closed before the whole answer came',
};

/** OpenSSL's verification results have no common prefix in Node, hence the list of their beginnings. */
function isTlsCode(code: string): boolean {
  return (
    code === 'EPROTO' ||
    /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|CRL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_|HOSTNAME_MISMATCH|ERROR_IN_CERT|PATH_LENGTH)/.test(
      code,
    )
  );
}
