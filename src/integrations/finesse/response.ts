import { unreachable } from '../../lib/errors.ts';
import type { HttpClientError, HttpResponse } from '../../lib/http-client.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import { childrenNamed, malformed, textOf } from './document.ts';
import { type ApiError, FinesseError, type FinesseErrorCode } from './errors.ts';

/** The errors of an ApiErrors document; none where the body is something else, such as a proxy's page. */
export function apiErrorsOf(body: Buffer): ApiError[] {
  let root: XmlElement;
  try {
    ({ root } = readXml(body.toString('utf8')));
  } catch {
    return [];
  }
  return childrenNamed(root, 'ApiError').map((error) => ({
    errorType: textOf(error, 'ErrorType') ?? 'unnamed error',
    errorMessage: textOf(error, 'ErrorMessage'),
    errorData: textOf(error, 'ErrorData'),
  }));
}

/**
 * Whether a refusal is of the login itself, or may be: the words are the same
 * for a wrong secret and for an account that lacks the role (cloud facts 2.3).
 */
export function mayBeWrongSecret(response: HttpResponse): boolean {
  if (response.status !== 401) return false;
  const errors = apiErrorsOf(response.body);
  return errors.every(({ errorType }) => errorType.toLowerCase() === 'authorization failure');
}

/** A status that is no success, as a typed error. */
export function refusalOf(
  response: HttpResponse,
  { what, code, otherNodes = [] }: { what: string; code?: FinesseErrorCode; otherNodes?: readonly string[] },
): FinesseError {
  const { status } = response;
  if (status < 400) {
    return malformed(what, `it was sent elsewhere with status ${status}; Finesse speaks HTTPS only`);
  }
  const apiErrors = apiErrorsOf(response.body);
  const chosen = code ?? codeOf(status, apiErrors);
  const nodes = otherNodes.length === 0 ? 'the other node of the cluster' : otherNodes.join(' or ');
  const advice = chosen === 'out-of-service' ? `Try ${nodes}` : ADVICE[chosen];
  const said = apiErrors.length === 0 ? 'no reason was given' : apiErrors.map(sentenceOf).join('; ');
  return new FinesseError(chosen, `${what} failed with ${status}: ${said}. ${advice}`, {
    status,
    apiErrors,
    otherNodes: chosen === 'out-of-service' ? otherNodes : [],
  });
}

/** A failure below HTTP, as a typed error. */
export function transportError(error: HttpClientError, what: string): FinesseError {
  const { code } = error;
  switch (code) {
    case 'unreachable':
    case 'tls':
    case 'certificate-changed':
    case 'proxy':
    case 'aborted':
      return new FinesseError('unreachable', `${what} did not reach Finesse: ${error.message}`, {
        cause: error,
      });
    case 'deadline':
      return new FinesseError('deadline', `${what} was not answered in time: ${error.message}`, {
        cause: error,
      });
    case 'too-large':
      return malformed(what, error.message, error);
    default:
      return unreachable(code);
  }
}

const ADVICE: Readonly<Record<FinesseErrorCode, string>> = {
  'login-refused':
    'Correct the user id or the secret; nothing more is sent with this one, as five failures lock the account',
  forbidden: 'Check the roles of the account, and whether it supervises the team',
  'not-found': 'Check the id',
  'invalid-state': 'The user or the call is in no state in which this can be done',
  invalid: 'Check what was sent',
  unsupported: 'This deployment of Finesse cannot do it',
  'out-of-service': '',
  failed: 'It may work later',
  'call-failed': '',
  'no-outcome': '',
  unreachable: 'It may work later',
  deadline: 'It may work later',
  malformed: 'Check the address and any proxy in between',
};

function codeOf(status: number, errors: readonly ApiError[]): FinesseErrorCode {
  if (errors.some(({ errorType }) => errorType.toLowerCase() === 'invalid state')) return 'invalid-state';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 501) return 'unsupported';
  if (status === 503) return 'out-of-service';
  return status >= 500 ? 'failed' : 'invalid';
}

function sentenceOf({ errorType, errorMessage, errorData }: ApiError): string {
  const message = errorMessage === null ? '' : ` ${errorMessage}`;
  return `${errorType}${message}${errorData === null ? '' : ` (${errorData})`}`;
}
