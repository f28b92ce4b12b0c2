import { answerActions } from './actions.ts';
import { ok, type WebexAnswer, type WebexCall, WebexRefusal } from './answer.ts';
import { answerDevices } from './devices.ts';
import { answerMemberships, answerTeamMemberships } from './memberships.ts';
import { answerMessages } from './messages.ts';
import { answerOrganizations, answerPeople } from './people.ts';
import { answerRooms } from './rooms.ts';
import type { WebexPerson, WebexState } from './state.ts';
import { answerTeams } from './teams.ts';
import { answerWebhooks } from './webhooks.ts';

interface Route {
  readonly answer: (method: string, call: WebexCall<WebexPerson>, state: WebexState) => WebexAnswer;
  /** The scope that looking takes, and the one that writing takes; names as integrations ask for them. */
  readonly scopes: readonly [read: string, write: string];
}

const spark = (noun: string): Route['scopes'] => [`spark:${noun}_read`, `spark:${noun}_write`];

/** The collections of the service by their paths. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'attachment/actions': { answer: answerActions, scopes: spark('messages') },
  contents: { answer: answerContents, scopes: spark('messages') },
  devices: { answer: answerDevices, scopes: ['spark-admin:devices_read', 'spark-admin:devices_write'] },
  memberships: { answer: answerMemberships, scopes: spark('memberships') },
  messages: { answer: answerMessages, scopes: spark('messages') },
  organizations: {
    answer: answerOrganizations,
    scopes: ['spark-admin:organizations_read', 'spark-admin:organizations_write'],
  },
  people: { answer: answerPeople, scopes: ['spark:people_read', 'spark-admin:people_write'] },
  rooms: { answer: answerRooms, scopes: spark('rooms') },
  'team/memberships': { answer: answerTeamMemberships, scopes: spark('team_memberships') },
  teams: { answer: answerTeams, scopes: spark('teams') },
  webhooks: { answer: answerWebhooks, scopes: spark('webhooks') },
};

/** The status of a refusal is chosen. `spark:all` stands for every scope of messaging, and for no administrator's. */
export function checkScope(
  [read, write]: Route['scopes'],
  method: string,
  scopes: readonly string[] | null,
): void {
  const needed = method === 'GET' ? read : write;
  if (scopes === null || scopes.includes(needed)) return;
  if (needed.startsWith('spark:') && scopes.includes('spark:all')) return;
  throw new WebexRefusal(403, 'Missing required scopes or insufficient permissions.');
}

/** A file of a message, for those in its room. */
function answerContents(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const file = state.files.find(({ id, roomId }) => id === call.id && state.roomOf(call.caller, roomId));
  if (file === undefined || method !== 'GET') throw new WebexRefusal(404, 'Could not find that file.');
  const disposition = `attachment; filename="${file.name}"`;
  return {
    ...ok(file.bytes),
    headers: { 'content-type': file.contentType, 'content-disposition': disposition },
  };
}
