import { z } from 'zod';
import { isFullAdmin } from '../fleet/access/entry.ts';
import { hashPassword } from '../fleet/access/hash.ts';
import {
  devicesShape,
  evenLastShape,
  make,
  Note,
  nameShape,
  remove,
  roleShape,
  ShownAccess,
  showAccess,
  stored,
} from './access.ts';
import { type Action, ActionError } from './action.ts';
import { allOf } from './answers.ts';
import { selectDevices } from './select-devices.ts';
import { Removed } from './tokens.ts';

export const SHORTEST_PASSWORD = 12;

const Password = z
  .string()
  .max(200)
  .min(SHORTEST_PASSWORD, {
    error: `a password has at least ${SHORTEST_PASSWORD} characters; some words that nobody says together will do`,
  });

const NoInput = z.strictObject({});

const UserList = allOf(ShownAccess);
export type UserList = z.output<typeof UserList>;

export const listUsers: Action<z.output<typeof NoInput>, UserList> = {
  name: 'users',
  summary: 'The people who may sign in with a password.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'GET', path: '/users' },
  input: NoInput,
  answer: UserList,
  async run(_input, { access }) {
    await access.load();
    const users = access.entries().filter(({ kind }) => kind === 'user');
    return { items: users.map((user) => showAccess(user, access)), nextCursor: null };
  },
};

const CreateInput = z.strictObject({
  name: nameShape,
  role: roleShape.default('viewer'),
  devices: devicesShape,
  password: Password,
});

const ChangedUser = z.strictObject({ user: ShownAccess, note: Note });
export type ChangedUser = z.output<typeof ChangedUser>;

export const createUser: Action<z.output<typeof CreateInput>, ChangedUser> = {
  name: 'users.create',
  summary: 'Let somebody sign in with a password.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/users' },
  input: CreateInput,
  answer: ChangedUser,
  deed: ({ name, role, devices }) => `made the user ${name} (${role}, ${devices ?? 'the whole fleet'})`,
  async run({ password, ...wanted }, ports, { actor }) {
    await ports.access.load();
    const hash = await hashOf(password, wanted.name);
    const note = await make({ ...wanted, kind: 'user', hash, expiresAt: null }, ports, actor);
    return {
      user: showAccess(stored({ kind: 'user', name: wanted.name }, ports.access), ports.access),
      note,
    };
  },
};

const ChangeInput = z.strictObject({
  name: z.string(),
  role: roleShape.optional(),
  devices: z.string().nullable().optional().describe('Selector; null: the whole fleet from now on.'),
  evenLast: evenLastShape,
});

export const changeUser: Action<z.output<typeof ChangeInput>, ChangedUser> = {
  name: 'users.change',
  summary: 'Give a user another role or other devices; signs them out everywhere.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/users/:name' },
  input: ChangeInput,
  answer: ChangedUser,
  deed: ({ name, role, devices }) =>
    `changed the user ${name}: ${[role, devices === null ? 'the whole fleet' : devices].filter(Boolean).join(', ')}`,
  async run({ name, role, devices, evenLast }, ports, { actor }) {
    const { access } = ports;
    await access.load();
    if (devices != null) selectDevices(ports.fleet(), devices);
    return access.inTurn(async () => {
      const user = stored({ kind: 'user', name }, access);
      const changed = {
        ...user,
        role: role ?? user.role,
        devices: devices === undefined ? user.devices : devices,
      };
      const now = ports.now();
      const isLastAdmin = ![...access.entries().filter((one) => one !== user), changed].some((one) =>
        isFullAdmin(one, now),
      );
      if (isLastAdmin && isFullAdmin(user, now) && !evenLast)
        throw new ActionError(
          'conflict',
          'this is the last admin: afterwards nobody is one over HTTP; the command line on this machine may still do everything; say evenLast',
        );
      await access.put(changed, 'changed', actor);
      return { user: showAccess(changed, access), note: null };
    });
  },
};

const PasswordInput = z.strictObject({ name: z.string(), password: Password });

export const setPassword: Action<z.output<typeof PasswordInput>, ChangedUser> = {
  name: 'users.password',
  summary: 'Give a user another password; signs them out everywhere.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/users/:name/password' },
  input: PasswordInput,
  answer: ChangedUser,
  deed: ({ name }) => `gave the user ${name} another password`,
  async run({ name, password }, ports, { actor }) {
    const { access } = ports;
    await access.load();
    const hash = await hashOf(password, name);
    return access.inTurn(async () => {
      const changed = { ...stored({ kind: 'user', name }, access), hash };
      await access.put(changed, 'changed', actor);
      return { user: showAccess(changed, access), note: null };
    });
  },
};

const RemoveInput = z.strictObject({ name: z.string(), evenLast: evenLastShape });

export const removeUser: Action<z.output<typeof RemoveInput>, Removed> = {
  name: 'users.remove',
  summary: 'Take a user out; signs them out everywhere at once.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/users/:name/remove' },
  input: RemoveInput,
  answer: Removed,
  deed: ({ name }) => `took out the user ${name}`,
  async run({ name, evenLast }, ports, { actor }) {
    await ports.access.load();
    return { name, note: await remove({ kind: 'user', name }, ports, { actor, evenLast }) };
  },
};

function hashOf(password: string, name: string): Promise<string> {
  if (
    password.toLowerCase().includes(name.toLowerCase()) &&
    password.length < name.length + SHORTEST_PASSWORD
  )
    throw new ActionError('bad-input', 'a password is not made of the name of who has it');
  return hashPassword(password);
}
