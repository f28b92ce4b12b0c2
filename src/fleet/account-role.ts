import { didYouMean } from '../lib/suggest.ts';
import type { PathText } from '../xapi/path.ts';
import { Wrong } from './forms.ts';

/** What a device lets an account be (xCommand UserManagement User Add Role); an account may have several. */
export const ACCOUNT_ROLES = ['Admin', 'Audit', 'Integrator', 'RoomControl', 'User'] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

/** The account that roomd logs in with; an account of which the file says nothing is an administrator's. */
export interface Account {
  /** Its name under `credentials:`. */
  readonly name: string;
  readonly roles: readonly string[];
}

export function accountOf({
  credential,
  accountRoles,
}: {
  readonly credential: string;
  readonly accountRoles?: readonly AccountRole[];
}): Account {
  return { name: credential, roles: accountRoles ?? ['Admin'] };
}

/** `admin`, `RoomControl`, or several as devices write them: `Integrator;User`. Letter case does not count. */
export function readAccountRoles(text: string): AccountRole[] | Wrong {
  const roles: AccountRole[] = [];
  for (const word of text.split(';').map((part) => part.trim())) {
    const role = ACCOUNT_ROLES.find((known) => known.toLowerCase() === word.toLowerCase());
    if (role === undefined)
      return new Wrong(
        `"${word}" is no role of an account: write ${ACCOUNT_ROLES.map((known) => known.toLowerCase()).join(', ')}, or several parted by ;.${didYouMean(word, ACCOUNT_ROLES)}`,
      );
    if (!roles.includes(role)) roles.push(role);
  }
  return roles;
}

/** Whether one of an account's roles is among those that something needs; letter case does not count. */
export function mayDo({ roles }: Account, needed: readonly string[]): boolean {
  const mine = new Set(roles.map((role) => role.toLowerCase()));
  return needed.some((role) => mine.has(role.toLowerCase()));
}

/** Why the account may not write a setting, in a sentence; null where it may, or where nobody knows which roles may. */
export function roleRefusal(
  path: PathText,
  needed: readonly string[] | null,
  account: Account,
): string | null {
  if (needed === null || needed.length === 0 || mayDo(account, needed)) return null;
  return `${path} needs the role ${eitherOf(needed)}; the account "${account.name}" has ${account.roles.join(' and ')}.`;
}

function eitherOf(roles: readonly string[]): string {
  const last = roles.at(-1) ?? '';
  return roles.length === 1 ? last : `${roles.slice(0, -1).join(', ')} or ${last}`;
}
