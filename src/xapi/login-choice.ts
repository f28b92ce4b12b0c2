import type { DeviceAddress } from './device.ts';
import { XapiError } from './errors.ts';
import type { LoginRecord } from './login-record.ts';

/** What is known of one secret: at the device, and in the fleet. */
export interface SecretRecord {
  readonly device: LoginRecord;
  readonly credential: LoginRecord;
}

/**
 * Which of the secrets of an address to log in with, by its place in `records`:
 * the one that the device accepted last, or else the first that neither the
 * device nor, where none has accepted it, the fleet has refused. Null: none.
 *
 * The order keeps accounts from being locked. `password` comes before `next`: a
 * device whose change of passphrase was lost refuses the old one once, and then
 * it is not tried any more, however often roomd is killed.
 */
export function chooseSecret(records: readonly SecretRecord[]): number | null {
  let choice: number | null = null;
  for (const [place, { device }] of records.entries()) {
    if (device.state !== 'accepted') continue;
    if (choice === null || device.at > (records[choice]?.device.at ?? 0)) choice = place;
  }
  if (choice !== null) return choice;
  const open = records.findIndex(
    ({ device, credential }) => device.state !== 'refused' && credential.state !== 'refused',
  );
  return open === -1 ? null : open;
}

/** Makes the attempt, which enters the gate by itself, once more where a secret was refused and the address has another that may be tried. */
export async function withEachSecret<T>(
  { next }: Pick<DeviceAddress, 'next'>,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (refusal) {
    if (next === undefined || !hasCode(refusal, 'login-refused')) throw refusal;
    try {
      return await attempt();
    } catch (error) {
      throw hasCode(error, 'login-blocked') ? refusal : error;
    }
  }
}

function hasCode(error: unknown, code: XapiError['code']): boolean {
  return error instanceof XapiError && error.code === code;
}
