import { isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../lib/secret.ts';
import type { DeviceAddress } from './device.ts';

/** What a device has shown of itself since roomd speaks to it. */
export interface Met {
  readonly serial: string | null;
  readonly fingerprint256: string | null;
}

/**
 * Whether `next` is `present`, or what became of it when it was bound to the
 * serial number and the certificate that were met. A password that is to
 * replace the present one does not make it another: it counts from the next login.
 */
export function isSameOrBound(next: DeviceAddress, present: DeviceAddress, met: Met): boolean {
  const { password: _next, next: _nextNext, serial, tls, ...rest } = next;
  const {
    password: _present,
    next: _presentNext,
    serial: presentSerial,
    tls: presentTls,
    ...presentRest
  } = present;
  const isPinOfMet =
    tls.mode === 'pin' &&
    presentTls.mode === 'pin' &&
    presentTls.fingerprint256 === null &&
    tls.fingerprint256 === met.fingerprint256;
  return (
    isDeepStrictEqual(rest, presentRest) &&
    next.password.reveal() === present.password.reveal() &&
    (serial === presentSerial || (presentSerial === null && serial === met.serial)) &&
    (isPinOfMet || isDeepStrictEqual(tls, presentTls))
  );
}

/** The address with this one secret. */
export function loginWith({ next: _next, ...address }: DeviceAddress, password: Secret): DeviceAddress {
  return { ...address, password };
}

/** The address once for each of its secrets, the password first. */
export function loginsOf(address: DeviceAddress): DeviceAddress[] {
  const { password, next } = address;
  return [password, ...(next === undefined ? [] : [next])].map((secret) => loginWith(address, secret));
}

/** As people are told: with the port where it is not the usual one. */
export function hostText({ host, port }: Pick<DeviceAddress, 'host' | 'port'>): string {
  if (port === 443) return host;
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The device's HTTPS origin. */
export function originOf({ host, port }: DeviceAddress): string {
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
