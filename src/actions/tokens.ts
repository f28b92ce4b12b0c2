import { z } from 'zod';
import { digestOf, newToken } from '../fleet/access/hash.ts';
import { readDuration, Wrong } from '../fleet/forms.ts';
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
} from './access.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';

const NoInput = z.strictObject({});

const ShownToken = z.strictObject({
  ...ShownAccess.shape,
  place: z.enum(['file', 'database']).describe('Where it stands.'),
  expires: Time.nullable(),
});
export type ShownToken = z.output<typeof ShownToken>;

const TokenList = allOf(ShownToken);
export type TokenList = z.output<typeof TokenList>;

export const listTokens: Action<z.output<typeof NoInput>, TokenList> = {
  name: 'tokens',
  summary: 'The tokens of the fleet file and of the database; the tokens themselves are on no record.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'GET', path: '/tokens' },
  input: NoInput,
  answer: TokenList,
  async run(_input, { access }) {
    await access.load();
    const tokens = access.entries().filter(({ kind }) => kind === 'token');
    const items = tokens.map((token) => ({
      ...showAccess(token, access),
      place: token.place,
      expires: rfc3339(token.expiresAt),
    }));
    return { items, nextCursor: null };
  },
};

const CreateInput = z.strictObject({
  name: nameShape,
  role: roleShape.default('viewer'),
  devices: devicesShape,
  expires: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'When it ends: in how long, such as `90d`, or a time such as `2026-03-01T08:00:00Z`; never where absent.',
    ),
});

const CreatedToken = z.strictObject({
  token: z.string().describe('Shown this once.'),
  expires: Time.nullable(),
  note: Note,
});
export type CreatedToken = z.output<typeof CreatedToken>;

export const createToken: Action<z.output<typeof CreateInput>, CreatedToken> = {
  name: 'tokens.create',
  summary: 'Make a token, kept in the database; it is shown this once.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/tokens' },
  input: CreateInput,
  answer: CreatedToken,
  deed: ({ name, role, devices }) => `made the token ${name} (${role}, ${devices ?? 'the whole fleet'})`,
  async run({ expires, ...wanted }, ports, { actor }) {
    await ports.access.load();
    const token = newToken();
    const expiresAt = expires === null ? null : endOf(expires, ports.now());
    const note = await make({ ...wanted, kind: 'token', hash: digestOf(token), expiresAt }, ports, actor);
    return { token, expires: rfc3339(expiresAt), note };
  },
};

const RevokeInput = z.strictObject({ name: z.string(), evenLast: evenLastShape });

export const Removed = z.strictObject({ name: z.string(), note: Note });
export type Removed = z.output<typeof Removed>;

export const revokeToken: Action<z.output<typeof RevokeInput>, Removed> = {
  name: 'tokens.revoke',
  summary: 'Take a token out of the database; whoever uses it is shut out at once, also from event streams.',
  role: 'admin',
  reach: 'fleet',
  http: { method: 'POST', path: '/tokens/:name/revoke' },
  input: RevokeInput,
  answer: Removed,
  deed: ({ name }) => `revoked the token ${name}`,
  async run({ name, evenLast }, ports, { actor }) {
    await ports.access.load();
    return { name, note: await remove({ kind: 'token', name }, ports, { actor, evenLast }) };
  },
};

/** @throws ActionError `bad-input` */
function endOf(text: string, now: number): number {
  const instant = z.iso.datetime({ offset: true }).safeParse(text);
  const length = instant.success ? null : readDuration(text);
  if (length instanceof Wrong)
    throw new ActionError(
      'bad-input',
      `"${text}" is no time: write in how long, such as 90d, or 2026-03-01T08:00:00Z`,
    );
  const end = instant.success ? Date.parse(instant.data) : now + (length ?? 0);
  if (end <= now) throw new ActionError('bad-input', 'this token would have expired already');
  return end;
}
