import type { WebexClient } from './client.ts';
import { WebexError } from './errors.ts';
import type { WebexCallOptions } from './transport.ts';

/** What a scope is for, and whether this credential has it, as far as can be told. */
export interface ScopeFinding {
  readonly scope: string;
  readonly use: string;
  /** `unknown`: nothing was there to try it on, or it cannot be tried without writing. */
  readonly state: 'granted' | 'missing' | 'unknown';
}

/**
 * The scopes that roomd's verbs need (cloud facts 1.2). A token does not tell
 * its scopes: those of reading are tried by a question whose answer is thrown
 * away, those of writing are not tried.
 */
const SCOPES: readonly {
  readonly scope: string;
  readonly use: string;
  readonly probe?: (client: WebexClient, options: WebexCallOptions) => Promise<unknown>;
}[] = [
  { scope: 'spark:people_read', use: 'look up people', probe: ({ people }, options) => people.me(options) },
  {
    scope: 'spark:rooms_read',
    use: 'look at rooms',
    probe: ({ rooms }, options) => first(rooms.list({ max: 1 }, options)),
  },
  { scope: 'spark:rooms_write', use: 'make, rename and delete rooms' },
  {
    scope: 'spark:memberships_read',
    use: 'see who is in a room',
    probe: ({ memberships }, options) => first(memberships.list({ max: 1 }, options)),
  },
  { scope: 'spark:memberships_write', use: 'invite to rooms' },
  { scope: 'spark:messages_read', use: 'read messages and what was pressed on cards', probe: readMessages },
  { scope: 'spark:messages_write', use: 'post, edit and delete messages' },
  {
    scope: 'spark:teams_read',
    use: 'look at teams',
    probe: ({ teams }, options) => first(teams.list({ max: 1 }, options)),
  },
  { scope: 'spark:teams_write', use: 'make, rename and delete teams' },
  { scope: 'spark:team_memberships_read', use: 'see who is in a team', probe: readTeam },
  { scope: 'spark:team_memberships_write', use: 'add to teams' },
  {
    scope: 'spark:webhooks_read',
    use: 'look at webhooks',
    probe: ({ webhooks }, options) => first(webhooks.list({ max: 1 }, options)),
  },
  { scope: 'spark:webhooks_write', use: 'make and delete webhooks' },
  {
    scope: 'spark-admin:organizations_read',
    use: 'look at organizations',
    probe: ({ organizations }, options) => first(organizations.list({}, options)),
  },
  {
    scope: 'spark-admin:devices_read',
    use: 'pull the devices of the cloud (inventory.webex)',
    probe: ({ devices }, options) => first(devices.list({}, options)),
  },
];

/** What an integration asks a person for: all of it but what takes an administrator. */
export const PERSONAL_SCOPES: readonly string[] = SCOPES.map(({ scope }) => scope).filter((scope) =>
  scope.startsWith('spark:'),
);

/** Throws what is no answer to the question, such as no connection. */
export async function findScopes(client: WebexClient, options: WebexCallOptions): Promise<ScopeFinding[]> {
  const findings: ScopeFinding[] = [];
  for (const { scope, use, probe } of SCOPES) {
    const state = probe === undefined ? 'unknown' : await tryScope(() => probe(client, options));
    findings.push({ scope, use, state });
  }
  return findings;
}

const NOT_TRIED = Symbol('nothing to try it on');

async function tryScope(probe: () => Promise<unknown>): Promise<ScopeFinding['state']> {
  try {
    return (await probe()) === NOT_TRIED ? 'unknown' : 'granted';
  } catch (error) {
    if (error instanceof WebexError && error.code === 'forbidden') return 'missing';
    throw error;
  }
}

/** Of any room, and only what mentions the asker: a bot may ask no more. */
async function readMessages({ rooms, messages }: WebexClient, options: WebexCallOptions): Promise<unknown> {
  const room = await firstIfAllowed(rooms.list({ type: 'group', max: 1 }, options));
  if (room === null) return NOT_TRIED;
  return first(messages.list({ roomId: room.id, mentionedPeople: 'me', max: 1 }, options));
}

async function readTeam(
  { teams, teamMemberships }: WebexClient,
  options: WebexCallOptions,
): Promise<unknown> {
  const team = await firstIfAllowed(teams.list({ max: 1 }, options));
  return team === null ? NOT_TRIED : first(teamMemberships.list({ teamId: team.id, max: 1 }, options));
}

async function first<Item>(items: AsyncGenerator<Item, void>): Promise<Item | null> {
  const { value } = await items.next();
  await items.return();
  return value ?? null;
}

/** A scope that is missing for what another is tried on says nothing of that other. */
async function firstIfAllowed<Item>(items: AsyncGenerator<Item, void>): Promise<Item | null> {
  try {
    return await first(items);
  } catch (error) {
    if (error instanceof WebexError && error.code === 'forbidden') return null;
    throw error;
  }
}
