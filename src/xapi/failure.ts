import { DeadlineError } from '../lib/abort.ts';
import { messageOf } from '../lib/errors.ts';
import { HttpClientError } from '../lib/http-client.ts';
import { XmlError } from '../lib/xml/element.ts';
import { loginsOf } from './address.ts';
import type { DeviceAddress } from './device.ts';
import { XapiError, type XapiErrorCode } from './errors.ts';
import { PathError } from './path.ts';

/** Turns whatever was thrown into an `XapiError`; a call of an aborted signal gives the signal's reason instead. */
export function toXapiError(thrown: unknown, what: string, signal?: AbortSignal): Error {
  if (signal?.aborted) return signal.reason instanceof Error ? signal.reason : new Error('aborted');
  if (thrown instanceof XapiError) return thrown;
  if (thrown instanceof DeadlineError)
    return new XapiError('deadline', thrown.message, { details: thrown.details });
  if (thrown instanceof PathError)
    return new XapiError('unknown-path', thrown.message, { details: thrown.details });
  if (thrown instanceof XmlError) return new XapiError('bad-value', `${what}: ${thrown.message}`);
  if (thrown instanceof HttpClientError) {
    return new XapiError(codeOf(thrown.code), thrown.message, { details: thrown.details, cause: thrown });
  }
  return new XapiError('rejected', `${what}: ${messageOf(thrown)}`, { cause: thrown });
}

/** Devices are reached without a proxy. */
function codeOf(code: HttpClientError['code']): XapiErrorCode {
  if (code === 'aborted') return 'closed';
  return code === 'proxy' ? 'unreachable' : code;
}

/** Whether the device may have seen what was to be sent when this was thrown. */
export function mayHaveBeenSent(thrown: unknown): boolean {
  if (thrown instanceof HttpClientError)
    return !(
      thrown.code === 'tls' ||
      thrown.code === 'certificate-changed' ||
      thrown.details['sent'] === false
    );
  return true;
}

/** `Authorization` by Basic authentication (RFC 7617), in UTF-8. */
export function basicAuthorization({ username, password }: DeviceAddress): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`;
}

/** The login as a websocket subprotocol, since CE9.8 (TG): base64url without padding. */
export function loginSubprotocol({ username, password }: DeviceAddress): string {
  return `auth-${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64url')}`;
}

/** A device may echo what it was sent; no message repeats the login. */
export function withoutLogin(error: Error, address: DeviceAddress): Error {
  const forms = loginsOf(address).flatMap(formsOf);
  if (!(error instanceof XapiError) || !forms.some((form) => error.message.includes(form))) return error;
  const message = forms.reduce((text, form) => text.replaceAll(form, '[secret]'), error.message);
  return new XapiError(error.code, message, { details: error.details });
}

/** A login in every form in which it goes over the wire; none of an empty password. */
function formsOf(address: DeviceAddress): string[] {
  const password = address.password.reveal();
  if (password === '') return [];
  return [
    basicAuthorization(address).slice('Basic '.length),
    loginSubprotocol(address).slice('auth-'.length),
    password,
  ];
}
