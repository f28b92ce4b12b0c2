import {
  neededText,
  noContent,
  notAllowed,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './answer.ts';
import type { WebexPerson, WebexState, WebexTeam } from './state.ts';

const LIST_LIMITS = { most: 1000, default: 100 };

/** /teams and /teams/{teamId} (cloud facts 1.4). Who makes a team is in it. */
export function answerTeams(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const isSeen = ({ id }: WebexTeam): boolean => state.isIn(id, call.caller.personId, state.teamMemberships);
  if (call.id === null) {
    if (method === 'GET')
      return page(call, LIST_LIMITS, () => ({ items: state.teams.filter(isSeen), show: showTeam }));
    if (method !== 'POST') throw notAllowed();
    const team: WebexTeam = {
      id: state.newId('TEAM'),
      name: neededText(call.body, 'name'),
      description: textOf(call.body, 'description'),
      created: state.now(),
    };
    state.teams.push(team);
    state.join(state.teamMemberships, team.id, call.caller.personId, { isModerator: true });
    return ok(showTeam(team));
  }
  const team = state.teams.find((held) => held.id === call.id && isSeen(held));
  if (team === undefined) throw new WebexRefusal(404, 'Could not find a team with provided ID.');
  if (method === 'GET') return ok(showTeam(team));
  if (method === 'PUT') {
    team.name = neededText(call.body, 'name');
    team.description = textOf(call.body, 'description') ?? team.description;
    return ok(showTeam(team));
  }
  if (method !== 'DELETE') throw notAllowed();
  state.removeTeam(team);
  return noContent;
}

function showTeam({ id, name, description, created }: WebexTeam): object {
  return { id, name, ...(description === null ? {} : { description }), created };
}
