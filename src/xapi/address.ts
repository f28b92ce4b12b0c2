import { isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { DeviceAddress } from './device.ts';

/** What a device has shown of itself since roomd speaks to it. */
export interface Met {
  readonly serial: string | null;
  readonly fingerprint256: string | null;
}

/**
 * Whether `next` is `present`, or what became of it when it was bound to the
 * serial number and the certificate that were met.
 */
export function isSameOrBound(next: DeviceAddress, present: DeviceAddress, met: Met): boolean {
  const { password: _next, serial, tls, ...rest } = next;
  const { password: _present, serial: presentSerial, tls: presentTls, ...presentRest } = present;
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

/** The device's HTTPS origin. */
export function originOf({ host, port }: DeviceAddress): string {
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
