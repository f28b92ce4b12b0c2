import type { AbortOptions } from '../../lib/abort.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Device } from '../../xapi/device.ts';

/** What is on record of a secret at a device. */
export type Standing = 'open' | 'trying' | 'accepted' | 'refused';

/** The logins of the devices, as far as a rotation deals with them; `daemon/rotations` provides them. */
export interface RotationLogins {
  standing(device: Device, secret: Secret): Promise<Standing>;
  /** Takes the device in hand for the work: nobody else logs in there meanwhile. */
  inHand<T>(device: Device, work: (hand: RotationHand) => Promise<T>, options: AbortOptions): Promise<T>;
}

export interface RotationHand {
  /**
   * Logs in with this secret, in a session of its own, looks whether it is the
   * right unit, and works on that session.
   * @throws XapiError where it does not get so far; what `work` throws
   */
  logIn<T>(secret: Secret, work: (device: Device) => Promise<T>): Promise<T>;
  /** From now on nothing is known of the secret at the device. */
  doubt(secret: Secret): Promise<void>;
  /** From now on the secret is not tried there any more. */
  retire(secret: Secret): Promise<void>;
}
