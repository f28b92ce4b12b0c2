import {
  flagOf,
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
import { take, type WebexMembership, type WebexPerson, type WebexState } from './state.ts';

const LIST_LIMITS = { most: 1000, default: 100 };

/** Of rooms, or of teams: both answer alike. */
interface Group {
  readonly list: WebexMembership[];
  /** What the id of the group is called. */
  readonly key: 'roomId' | 'teamId';
  /** Whether a list may go without the group's id: then it shows one's own. */
  readonly isIdNeeded: boolean;
  readonly isSeen: (groupId: string) => boolean;
  readonly show: (membership: WebexMembership) => Readonly<Record<string, unknown>>;
  readonly tell: (event: 'created' | 'updated' | 'deleted', membership: WebexMembership) => void;
}

/** /memberships and /memberships/{membershipId} (cloud facts 1.4). */
export function answerMemberships(
  method: string,
  call: WebexCall<WebexPerson>,
  state: WebexState,
): WebexAnswer {
  const show = (membership: WebexMembership) => ({
    ...shown(membership, 'roomId', state),
    roomType: state.rooms.find(({ id }) => id === membership.groupId)?.type ?? 'group',
    isMonitor: false,
    isRoomHidden: membership.isHidden,
  });
  return answer(method, call, state, {
    list: state.memberships,
    key: 'roomId',
    isIdNeeded: false,
    isSeen: (roomId) => state.roomOf(call.caller, roomId) !== undefined,
    show,
    tell: (event, membership) => {
      const room = state.rooms.find(({ id }) => id === membership.groupId);
      if (room === undefined) return;
      const actorId = call.caller.personId;
      state.onNews({ resource: 'memberships', event, actorId, visibleIn: room, data: show(membership) });
    },
  });
}

/** /team/memberships and /team/memberships/{membershipId} (cloud facts 1.4). */
export function answerTeamMemberships(
  method: string,
  call: WebexCall<WebexPerson>,
  state: WebexState,
): WebexAnswer {
  return answer(method, call, state, {
    list: state.teamMemberships,
    key: 'teamId',
    isIdNeeded: true,
    isSeen: (teamId) => state.isIn(teamId, call.caller.personId, state.teamMemberships),
    show: (membership) => shown(membership, 'teamId', state),
    tell: () => undefined,
  });
}

function answer(method: string, call: WebexCall<WebexPerson>, state: WebexState, group: Group): WebexAnswer {
  if (call.id === null) {
    if (method === 'GET') return list(call, state, group);
    if (method === 'POST') return create(call, state, group);
    throw notAllowed();
  }
  const membership = group.list.find(({ id, groupId }) => id === call.id && group.isSeen(groupId));
  if (membership === undefined) throw new WebexRefusal(404, 'Could not find that membership.');
  if (method === 'GET') return ok(group.show(membership));
  if (method === 'PUT') {
    const isModerator = flagOf(call.body, 'isModerator');
    if (isModerator === null) throw new WebexRefusal(400, 'isModerator is needed.');
    membership.isModerator = isModerator;
    membership.isHidden = flagOf(call.body, 'isRoomHidden') ?? membership.isHidden;
    group.tell('updated', membership);
    return ok(group.show(membership));
  }
  if (method !== 'DELETE') throw notAllowed();
  group.tell('deleted', membership);
  take(group.list, membership);
  return noContent;
}

function list(call: WebexCall<WebexPerson>, state: WebexState, group: Group): WebexAnswer {
  return page(call, LIST_LIMITS, (query) => {
    const groupId = query.get(group.key);
    if (groupId === null && group.isIdNeeded) throw new WebexRefusal(400, `${group.key} is needed.`);
    if (groupId !== null && !group.isSeen(groupId))
      throw new WebexRefusal(404, `Could not find that ${group.key}.`);
    const email = query.get('personEmail');
    const personId = email === null ? query.get('personId') : state.personByEmail(email).personId;
    // Without a room the list is the caller's own memberships.
    const wanted = groupId === null ? (personId ?? call.caller.personId) : personId;
    const items = group.list.filter(
      (membership) =>
        group.isSeen(membership.groupId) &&
        (groupId === null || membership.groupId === groupId) &&
        (wanted === null || membership.personId === wanted),
    );
    return { items, show: group.show };
  });
}

function create({ body }: WebexCall<WebexPerson>, state: WebexState, group: Group): WebexAnswer {
  const groupId = neededText(body, group.key);
  if (!group.isSeen(groupId)) throw new WebexRefusal(404, `Could not find that ${group.key}.`);
  if (state.rooms.find(({ id }) => id === groupId)?.type === 'direct')
    throw new WebexRefusal(400, 'Nobody can be added to a direct room.');
  const person = whomOf(body, state);
  if (state.isIn(groupId, person.personId, group.list))
    throw new WebexRefusal(409, 'The person is already a member.');
  const isModerator = flagOf(body, 'isModerator') ?? false;
  const membership = state.join(group.list, groupId, person.personId, { isModerator });
  group.tell('created', membership);
  return ok(group.show(membership));
}

function whomOf(body: Readonly<Record<string, unknown>>, state: WebexState): WebexPerson {
  const personId = textOf(body, 'personId');
  const email = textOf(body, 'personEmail');
  if ((personId === null) === (email === null))
    throw new WebexRefusal(400, 'Exactly one of personId or personEmail is needed.');
  const person = personId === null ? state.personByEmail(email ?? '') : state.personById(personId);
  if (person === undefined) throw new WebexRefusal(404, 'Could not find a person with provided ID.');
  return person;
}

function shown(
  { id, groupId, personId, isModerator, created }: WebexMembership,
  key: Group['key'],
  state: WebexState,
) {
  const person = state.personById(personId);
  return {
    id,
    [key]: groupId,
    personId,
    personEmail: person?.email ?? '',
    personDisplayName: person?.displayName ?? '',
    personOrgId: state.organization.id,
    isModerator,
    created,
  };
}
