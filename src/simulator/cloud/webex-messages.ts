import {
  noContent,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './webex-answer.ts';
import type { WebexMessage, WebexPerson, WebexRoom, WebexState } from './webex-state.ts';

/** Bytes of UTF-8 that text and markdown may each have (cloud facts 1.4). */
const MOST_BYTES = 7439;
/** The greatest page with mentionedPeople is 100 (cloud facts 1.4); 1000 without is not confirmed. */
const LIST_LIMITS = { most: 1000, default: 50 };
const MENTIONED_LIMITS = { most: 100, default: 50 };

/** /messages, /messages/direct and /messages/{messageId} (cloud facts 1.4). */
export function answerMessages(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (call.id === null) {
    if (method === 'GET') return list(call, state);
    if (method === 'POST') return create(call, state);
  } else if (call.id === 'direct') {
    if (method === 'GET') return listDirect(call, state);
  } else {
    const message = findVisible(state, call.caller, call.id);
    if (message === undefined) throw new WebexRefusal(404, 'Message not found.');
    if (method === 'GET') return ok(showMessage(message));
    if (method === 'DELETE') return remove(message, call.caller, state);
  }
  throw new WebexRefusal(405, 'The method is not allowed on this resource.');
}

function create(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const { body, caller } = call;
  if (body['files'] !== undefined || body['attachments'] !== undefined) {
    throw new WebexRefusal(501, 'This stand-in takes text and markdown, no files and no cards.');
  }
  const text = contentOf(body, 'text');
  const markdown = contentOf(body, 'markdown');
  if (text === null && markdown === null)
    throw new WebexRefusal(400, 'One of text, markdown or files is needed.');
  const room = targetOf(call, state);
  const parentId = textOf(body, 'parentId');
  if (parentId !== null) checkParent(parentId, room, state);
  const message: WebexMessage = {
    id: state.newId('MESSAGE'),
    roomId: room.id,
    roomType: room.type,
    parentId,
    text: text ?? plainText(markdown ?? ''),
    markdown,
    personId: caller.personId,
    personEmail: caller.email,
    mentionedPeople: mentionsIn(markdown ?? '', state),
    created: state.now(),
  };
  state.messages.push(message);
  room.lastActivity = message.created;
  return ok(showMessage(message));
}

function contentOf(body: Readonly<Record<string, unknown>>, name: 'text' | 'markdown'): string | null {
  const content = textOf(body, name);
  if (content === null || content.trim() === '') return null;
  if (Buffer.byteLength(content) > MOST_BYTES) {
    throw new WebexRefusal(400, `${name} must not be longer than ${MOST_BYTES} bytes.`);
  }
  return content;
}

function targetOf(call: WebexCall<WebexPerson>, state: WebexState): WebexRoom {
  const roomId = textOf(call.body, 'roomId');
  const toPersonId = textOf(call.body, 'toPersonId');
  const toPersonEmail = textOf(call.body, 'toPersonEmail');
  if ([roomId, toPersonId, toPersonEmail].filter((target) => target !== null).length !== 1) {
    throw new WebexRefusal(400, 'Exactly one of roomId, toPersonId or toPersonEmail is needed.');
  }
  if (toPersonEmail !== null) return state.directRoom(call.caller, state.personByEmail(toPersonEmail));
  if (toPersonId !== null) {
    const person = state.personById(toPersonId);
    if (person === undefined) throw new WebexRefusal(404, 'Could not find a person with provided ID.');
    return state.directRoom(call.caller, person);
  }
  const room = state.roomOf(call.caller, roomId ?? '');
  if (room === undefined) throw new WebexRefusal(404, 'Could not find a room with provided ID.');
  return room;
}

/** A thread has one level: its parent stands in the same room and is no reply itself. */
function checkParent(parentId: string, room: WebexRoom, state: WebexState): void {
  const parent = state.messages.find((message) => message.id === parentId && message.roomId === room.id);
  if (parent === undefined) throw new WebexRefusal(400, 'parentId is no message of this room.');
  if (parent.parentId !== null) throw new WebexRefusal(400, 'parentId is itself a reply.');
}

function list(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const asked = call.query.has('mentionedPeople');
  return page(call, asked ? MENTIONED_LIMITS : LIST_LIMITS, (query) => {
    const roomId = query.get('roomId');
    if (roomId === null) throw new WebexRefusal(400, 'roomId is needed.');
    const room = state.roomOf(call.caller, roomId);
    if (room === undefined) throw new WebexRefusal(404, 'Could not find a room with provided ID.');
    const mentioned = query.get('mentionedPeople');
    if (mentioned !== null && mentioned !== 'me' && mentioned !== call.caller.personId) {
      throw new WebexRefusal(400, 'mentionedPeople takes me or the id of the caller.');
    }
    if (mentioned === null && call.caller.type === 'bot' && room.type === 'group') {
      throw new WebexRefusal(403, 'A bot lists the messages of a group room only with mentionedPeople=me.');
    }
    const isAsked = (message: WebexMessage): boolean =>
      message.roomId === room.id &&
      (mentioned === null || message.mentionedPeople.includes(call.caller.personId));
    return { items: newestFirst(state, query, isAsked), show: showMessage };
  });
}

function listDirect(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  return page(call, LIST_LIMITS, (query) => {
    const personId = query.get('personId');
    const email = query.get('personEmail');
    if ((personId === null) === (email === null)) {
      throw new WebexRefusal(400, 'Exactly one of personId or personEmail is needed.');
    }
    const other = state.people.find((person) => person.personId === personId || person.email === email);
    if (other === undefined) throw new WebexRefusal(404, 'Could not find that person.');
    const room = state.directRoom(call.caller, other);
    return { items: newestFirst(state, query, (message) => message.roomId === room.id), show: showMessage };
  });
}

function newestFirst(
  state: WebexState,
  query: URLSearchParams,
  isAsked: (message: WebexMessage) => boolean,
): WebexMessage[] {
  const parentId = query.get('parentId');
  const before = query.get('before');
  const beforeMessage = query.get('beforeMessage');
  const end =
    beforeMessage === null ? -1 : state.messages.findIndex((message) => message.id === beforeMessage);
  const earlier = end === -1 ? state.messages : state.messages.slice(0, end);
  return earlier
    .filter(
      (message) =>
        isAsked(message) &&
        (parentId === null || message.parentId === parentId) &&
        (before === null || Date.parse(message.created) < Date.parse(before)),
    )
    .toReversed();
}

function remove(message: WebexMessage, caller: WebexPerson, state: WebexState): WebexAnswer {
  if (message.personId !== caller.personId) {
    throw new WebexRefusal(403, 'Only the person who wrote a message may delete it.');
  }
  state.removeMessage(message);
  return noContent;
}

function findVisible(state: WebexState, caller: WebexPerson, id: string): WebexMessage | undefined {
  const message = state.messages.find((held) => held.id === id);
  return message !== undefined && state.roomOf(caller, message.roomId) !== undefined ? message : undefined;
}

function mentionsIn(markdown: string, state: WebexState): string[] {
  const mentions = markdown.matchAll(/<@(personEmail|personId):([^|>]+)(?:\|[^>]*)?>/g);
  return [...mentions].flatMap(([, kind, value = '']) =>
    state.people
      .filter((person) => (kind === 'personId' ? person.personId === value : person.email === value))
      .map((person) => person.personId),
  );
}

/** What a client without rich text shows: the marks of emphasis and code gone, links as their text. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|__|`+/g, '')
    .replaceAll(/^#{1,6} /gm, '');
}

function showMessage(message: WebexMessage): object {
  return {
    id: message.id,
    ...(message.parentId === null ? {} : { parentId: message.parentId }),
    roomId: message.roomId,
    roomType: message.roomType,
    text: message.text,
    ...(message.markdown === null ? {} : { markdown: message.markdown }),
    personId: message.personId,
    personEmail: message.personEmail,
    ...(message.mentionedPeople.length === 0 ? {} : { mentionedPeople: message.mentionedPeople }),
    created: message.created,
  };
}
