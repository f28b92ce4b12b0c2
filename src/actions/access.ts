import { z } from 'zod';
import type { StoredEntry } from '../fleet/access/access-store.ts';
import { type AccessEntry, isFullAdmin } from '../fleet/access/entry.ts';

import { ActionError } from './action.ts';
import { Time } from './answers.ts';
import type { AccessPorts, Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { selectDevices } from './select-devices.ts';

/*
 * What the verbs over tokens and those over users have in common.
 */

export const nameShape = z
  .string()
  .regex(/^[\w.@-]{1,64}$/, { error: 'a name of at most 64 letters, digits and . _ - @' });

export const roleShape = z.enum(['viewer', 'operator', 'admin']);

export const devicesShape = z
  .string()
  .nullable()
  .default(null)
  .describe('Selector of the devices that it sees and may touch; the whole fleet where absent.');

export const evenLastShape = z
  .boolean()
  .default(false)
  .describe('Also the last admin without a limit, or the last of all tokens and users.');

export const ShownAccess = z.strictObject({
  name: z.string(),
  role: z.enum(['viewer', 'operator', 'admin']),
  devices: z.string().nullable().describe('The selector of its rooms; null: all.'),
  made: Time.nullable(),
  madeBy: z.string().nullable(),
  lastUsed: Time.nullable(),
});
export type ShownAccess = z.output<typeof ShownAccess>;

export const Note = z.string().nullable().describe('What follows for others, in a sentence; null: nothing.');

export function showAccess(entry: AccessEntry, access: AccessPorts): ShownAccess {
  const { name, role, devices, madeAt, madeBy } = entry;
  return { name, role, devices, made: rfc3339(madeAt), madeBy, lastUsed: rfc3339(access.lastUsed(entry)) };
}

/**
 * Puts a new one in. @returns a sentence on what follows for others; null: nothing
 * @throws ActionError `conflict` where there is one of its name, `bad-input` and `not-found` for its selector
 */
export function make(
  entry: Pick<AccessEntry, 'kind' | 'name' | 'role' | 'devices' | 'hash' | 'expiresAt'>,
  ports: Ports,
  actor: string,
): Promise<string | null> {
  const { access } = ports;
  if (entry.devices !== null) selectDevices(ports.fleet(), entry.devices);
  return access.inTurn(async () => {
    const all = access.entries();
    const same = all.find(({ kind, name }) => kind === entry.kind && name === entry.name);
    if (same !== undefined)
      throw new ActionError(
        'conflict',
        `there is a ${entry.kind} "${entry.name}" already, in the ${same.place}`,
      );
    const made = { ...entry, place: 'database', madeAt: ports.now(), madeBy: actor } as const;
    await access.put(made, 'made', actor);
    if (all.length === 0)
      return 'this is the first: from now on every request needs a token or a user; the command line on this machine does not';
    if (access.entries().some((one) => isFullAdmin(one, ports.now()))) return null;
    return 'nobody is an admin over HTTP; the command line on this machine may do everything';
  });
}

/**
 * Takes one out of the database.
 * @throws ActionError `not-found`, and `conflict` for one of the file, or the last
 */
export function remove(
  which: Pick<AccessEntry, 'kind' | 'name'>,
  ports: Ports,
  { actor, evenLast }: { actor: string; evenLast: boolean },
): Promise<string | null> {
  const { access } = ports;
  return access.inTurn(async () => {
    const entry = stored(which, access);
    const rest = access.entries().filter((one) => one !== entry);
    const isLastAdmin = isFullAdmin(entry, ports.now()) && !rest.some((one) => isFullAdmin(one, ports.now()));
    if (!evenLast && rest.length === 0) throw new ActionError('conflict', `${LAST_OF_ALL}; say evenLast`);
    if (!evenLast && isLastAdmin) throw new ActionError('conflict', `${LAST_ADMIN}; say evenLast`);
    await access.remove(entry, actor);
    if (rest.length === 0) return LAST_OF_ALL;
    return isLastAdmin ? LAST_ADMIN : null;
  });
}

const LAST_OF_ALL =
  'this is the last of all tokens and users: without it whoever is on this machine is an operator, and nobody else comes in';
const LAST_ADMIN =
  'this is the last admin: without it nobody is one over HTTP; the command line on this machine may still do everything';

/** @throws ActionError `not-found`, and `conflict` for one of the file */
export function stored({ kind, name }: Pick<AccessEntry, 'kind' | 'name'>, access: AccessPorts): StoredEntry {
  const found = access.entries().filter((one) => one.kind === kind && one.name === name);
  const own = found.find(isStored);
  if (own !== undefined) return own;
  if (found.length > 0)
    throw new ActionError(
      'conflict',
      `"${name}" stands in the fleet file: take it out of daemon.tokens there, which counts as soon as the file is saved`,
    );
  throw new ActionError('not-found', `there is no ${kind} "${name}"`);
}

function isStored(entry: AccessEntry): entry is StoredEntry {
  return entry.place === 'database';
}
