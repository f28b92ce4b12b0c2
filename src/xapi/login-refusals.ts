import type { DeviceAddress } from './device.ts';
import { XapiError } from './errors.ts';

/** The device refused every secret that there is for it. */
export function blocked({ name, credential, next }: DeviceAddress, reason: string | null): XapiError {
  const said = reason ?? 'no reason kept';
  const sentence =
    next === undefined
      ? `${name} refused this password before (${said}), so it is not tried again`
      : `${name} refused both password and next before (${said}), so neither is tried again`;
  return new XapiError(
    'login-blocked',
    `${sentence}: correct the credentials "${credential}", or run: roomd trust ${name} --retry-login`,
  );
}

export function blockedEverywhere({ name, credential }: DeviceAddress, refusals: number): XapiError {
  return new XapiError(
    'login-blocked',
    `${refusals} devices refused the password of the credentials "${credential}" and none accepted it, so it is not tried on ${name}: correct it, or run: roomd trust ${name} --retry-login`,
  );
}

export function tooSoon({ name }: DeviceAddress, waitMs: number): XapiError {
  return new XapiError(
    'busy',
    `the last login attempts at ${name} ended without an answer; the next one is made in ${Math.ceil(waitMs / 1000)} s, lest the account be locked`,
    { details: { waitMs } },
  );
}
