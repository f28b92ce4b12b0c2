import type { AbortOptions } from '../lib/abort.ts';
import type { Device, LeafMap } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import { type Account, mayDo } from './account-role.ts';

/** What a device says of the account that roomd logs in with. */
export interface AccountOnDevice {
  /** Null where it does not tell. */
  readonly roles: readonly string[] | null;
  /** In what way it is less than the file says, a sentence; null where it is not, or where nobody knows. */
  readonly lack: string | null;
}

/**
 * Asks a device for the roles of the account itself. Only an administrator may
 * ask (schema: UserManagement User Get, Admin), so a refusal is an answer.
 * @throws XapiError where the device cannot be reached
 */
export async function readAccount(
  device: Device,
  account: Account,
  { signal }: AbortOptions,
): Promise<AccountOnDevice> {
  try {
    const { username } = device.address;
    const told = rolesIn(await device.command('UserManagement.User.Get', { Username: username }, { signal }));
    return { roles: told, lack: told === null ? null : lackOf(account, told) };
  } catch (error) {
    if (!(error instanceof XapiError)) throw error;
    if (error.code === 'permission') return { roles: null, lack: refusedLack(account) };
    if (error.code === 'unknown-path' || error.code === 'bad-value' || error.code === 'command-failed')
      return { roles: null, lack: null };
    throw error;
  }
}

function lackOf({ name, roles }: Account, told: readonly string[]): string | null {
  const has = { name, roles: told };
  const missing = roles.filter((role) => !mayDo(has, [role]));
  if (missing.length === 0) return null;
  return `the account "${name}" lacks the role ${missing.join(' and ')} that the file says it has; on the device it has ${told.join(' and ')}`;
}

function refusedLack(account: Account): string | null {
  return mayDo(account, ['Admin'])
    ? `the account "${account.name}" is no administrator on the device, as the file says it is: it may not even ask for its roles`
    : null;
}

/** No capture tells the shape of the answer: every leaf at or below something called Role counts. */
function rolesIn(result: LeafMap): string[] | null {
  const roles = [...result]
    .filter(([path]) => /(?:^|\.)Roles?(?:\[\d+\])?(?:$|\.)/i.test(path) && !/\.id$/i.test(path))
    .flatMap(([, value]) => value.split(/[;,\s]+/))
    .filter((role) => role !== '');
  return roles.length === 0 ? null : [...new Set(roles)];
}
