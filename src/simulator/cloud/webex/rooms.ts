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
import type { WebexPerson, WebexRoom, WebexState } from './state.ts';

const LIST_LIMITS = { most: 1000, default: 100 };

/** /rooms and /rooms/{roomId} (cloud facts 1.4). */
export function answerRooms(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (call.id === null) {
    if (method === 'GET') return list(call, state);
    if (method === 'POST') return create(call, state);
  } else {
    const room = state.roomOf(call.caller, call.id);
    if (room === undefined) throw new WebexRefusal(404, 'Could not find a room with provided ID.');
    if (method === 'GET') return ok(showRoom(room));
    if (method === 'PUT') return update(room, call, state);
    if (method === 'DELETE') return remove(room, call, state);
  }
  throw notAllowed();
}

function list(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  return page(call, LIST_LIMITS, (query) => {
    const type = query.get('type');
    const teamId = query.get('teamId');
    if (type !== null && type !== 'direct' && type !== 'group') {
      throw new WebexRefusal(400, 'type must be direct or group.');
    }
    const seen = state.rooms.filter(
      (room) =>
        state.isIn(room.id, call.caller.personId) &&
        (type === null || room.type === type) &&
        (teamId === null || room.teamId === teamId),
    );
    return { items: seen.toSorted(orderOf(query.get('sortBy'))), show: showRoom };
  });
}

function orderOf(sortBy: string | null): (a: WebexRoom, b: WebexRoom) => number {
  switch (sortBy) {
    case null:
    case 'lastactivity':
      return (a, b) => b.lastActivity.localeCompare(a.lastActivity);
    case 'created':
      return (a, b) => b.created.localeCompare(a.created);
    case 'id':
      return (a, b) => a.id.localeCompare(b.id);
    default:
      throw new WebexRefusal(400, 'sortBy must be id, lastactivity or created.');
  }
}

function create({ body, caller }: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const teamId = textOf(body, 'teamId');
  if (teamId !== null && !state.isIn(teamId, caller.personId, state.teamMemberships))
    throw new WebexRefusal(404, 'Could not find a team with provided ID.');
  const description = textOf(body, 'description');
  const isPublic = flagOf(body, 'isPublic') ?? false;
  if (isPublic && description === null) throw new WebexRefusal(400, 'A public room needs a description.');
  const room = state.addRoom({
    title: neededText(body, 'title'),
    type: 'group',
    description,
    teamId,
    isPublic,
    isLocked: flagOf(body, 'isLocked') ?? false,
    isAnnouncementOnly: flagOf(body, 'isAnnouncementOnly') ?? false,
    creatorId: caller.personId,
    members: [caller.personId],
  });
  tell('created', room, caller, state);
  return ok(showRoom(room));
}

function update(room: WebexRoom, { body, caller }: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (room.type === 'direct') throw new WebexRefusal(400, 'A direct room cannot be changed.');
  room.title = neededText(body, 'title');
  room.description = textOf(body, 'description') ?? room.description;
  room.isPublic = flagOf(body, 'isPublic') ?? room.isPublic;
  room.isLocked = flagOf(body, 'isLocked') ?? room.isLocked;
  room.isAnnouncementOnly = flagOf(body, 'isAnnouncementOnly') ?? room.isAnnouncementOnly;
  tell('updated', room, caller, state);
  return ok(showRoom(room));
}

function remove(room: WebexRoom, { caller }: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (room.type === 'direct') throw new WebexRefusal(400, 'A direct room cannot be deleted.');
  tell('deleted', room, caller, state);
  state.removeRoom(room);
  return noContent;
}

function tell(
  event: 'created' | 'updated' | 'deleted',
  room: WebexRoom,
  { personId }: WebexPerson,
  state: WebexState,
): void {
  state.onNews({ resource: 'rooms', event, actorId: personId, visibleIn: room, data: { ...showRoom(room) } });
}

function showRoom(room: WebexRoom): object {
  return {
    id: room.id,
    title: room.title,
    type: room.type,
    isLocked: room.isLocked,
    ...(room.teamId === null ? {} : { teamId: room.teamId }),
    lastActivity: room.lastActivity,
    creatorId: room.creatorId,
    created: room.created,
    isAnnouncementOnly: room.isAnnouncementOnly,
    isReadOnly: false,
    isPublic: room.isPublic,
    ...(room.description === null ? {} : { description: room.description }),
  };
}
