import {
  noContent,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './webex-answer.ts';
import type { WebexPerson, WebexRoom, WebexState } from './webex-state.ts';

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
    if (method === 'PUT') return update(room, call);
    if (method === 'DELETE') return remove(room, state);
  }
  throw new WebexRefusal(405, 'The method is not allowed on this resource.');
}

function list(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  return page(call, LIST_LIMITS, (query) => {
    const type = query.get('type');
    if (type !== null && type !== 'direct' && type !== 'group') {
      throw new WebexRefusal(400, 'type must be direct or group.');
    }
    const seen = state.rooms.filter(
      (room) => room.members.has(call.caller.personId) && (type === null || room.type === type),
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

function create(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const room = state.addRoom({
    title: titleOf(call.body),
    type: 'group',
    description: textOf(call.body, 'description'),
    creatorId: call.caller.personId,
    members: [call.caller.personId],
  });
  return ok(showRoom(room));
}

function update(room: WebexRoom, call: WebexCall<WebexPerson>): WebexAnswer {
  if (room.type === 'direct') throw new WebexRefusal(400, 'A direct room cannot be changed.');
  room.title = titleOf(call.body);
  room.description = textOf(call.body, 'description') ?? room.description;
  return ok(showRoom(room));
}

function remove(room: WebexRoom, state: WebexState): WebexAnswer {
  if (room.type === 'direct') throw new WebexRefusal(400, 'A direct room cannot be deleted.');
  state.removeRoom(room);
  return noContent;
}

function titleOf(body: Readonly<Record<string, unknown>>): string {
  const title = textOf(body, 'title');
  if (title === null || title.trim() === '') throw new WebexRefusal(400, 'title cannot be empty.');
  return title;
}

function showRoom(room: WebexRoom): object {
  return {
    id: room.id,
    title: room.title,
    type: room.type,
    isLocked: false,
    lastActivity: room.lastActivity,
    creatorId: room.creatorId,
    created: room.created,
    isAnnouncementOnly: false,
    isReadOnly: false,
    isPublic: false,
    ...(room.description === null ? {} : { description: room.description }),
  };
}
