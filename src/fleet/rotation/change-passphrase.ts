import { type AbortOptions, sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Device } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import type { RotationHand } from './hand.ts';

/** The two secrets that a device may accept while its passphrase is being changed. */
export interface SecretPair {
  readonly old: Secret;
  readonly next: Secret;
}

/** The device's word on a change: yes, no, or none that came through. */
export type Word =
  | { readonly said: 'yes' }
  | { readonly said: 'no'; readonly reason: string }
  | { readonly said: 'nothing'; readonly reason: string };

/** What came of a login: let in, turned away, or no answer, with why. */
export type Heard<T> =
  | { readonly heard: 'accepted'; readonly result: T }
  | { readonly heard: 'refused' | 'silent'; readonly reason: string };

/**
 * `UserManagement User Passphrase Change`, for the account that is signed in:
 * in the vendor's schemas since 9.15, for every role. It names the old
 * passphrase, so that a second one cannot undo what a first one did.
 */
export async function changePassphrase(
  device: Device,
  { old, next }: SecretPair,
  options: AbortOptions,
): Promise<Word> {
  try {
    await device.command(
      'UserManagement.User.Passphrase.Change',
      { NewPassphrase: next.reveal(), OldPassphrase: old.reveal() },
      options,
    );
    return { said: 'yes' };
  } catch (error) {
    options.signal?.throwIfAborted();
    // A device may repeat what it was sent.
    const reason = messageOf(error)
      .replaceAll(next.reveal(), String(next))
      .replaceAll(old.reveal(), String(old));
    const isNo = error instanceof XapiError && !error.retryable && !MAY_BE_LOST.has(error.code);
    return { said: isNo ? 'no' : 'nothing', reason };
  }
}

/** Logs in with the secret and works on the session; what happens before the work is what is heard. */
export async function hear<T>(
  hand: RotationHand,
  secret: Secret,
  work: (device: Device) => Promise<T>,
  { signal }: AbortOptions,
): Promise<Heard<T>> {
  try {
    return { heard: 'accepted', result: await hand.logIn(secret, work) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof XapiError)) throw error;
    const isRefused = error.code === 'login-refused' || error.code === 'login-blocked';
    return { heard: isRefused ? 'refused' : 'silent', reason: error.message };
  }
}

/** Whether the device lets in with the secret; one that is silent is asked again, with growing waits. */
export async function proves(
  hand: RotationHand,
  secret: Secret,
  { clock, waitsMs, signal }: { clock: Clock; waitsMs: readonly number[] } & AbortOptions,
): Promise<Heard<null>> {
  for (const waitMs of waitsMs) {
    const heard = await hear(hand, secret, async () => null, { signal });
    if (heard.heard !== 'silent') return heard;
    await sleep(waitMs, clock, { signal });
  }
  return hear(hand, secret, async () => null, { signal });
}

/** After these the device may have made the change all the same: its session broke, or the answer was no answer. */
const MAY_BE_LOST: ReadonlySet<XapiError['code']> = new Set([
  'tls',
  'certificate-changed',
  'login-refused',
  'login-blocked',
  'too-large',
  'serial-changed',
]);
