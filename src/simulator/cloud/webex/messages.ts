import {
  noContent,
  notAllowed,
  ok,
  page,
  textOf,
  type WebexAnswer,
  type WebexCall,
  WebexRefusal,
} from './answer.ts';
import { cardsIn, filesIn } from './message-parts.ts';
import { take, type WebexMessage, type WebexPerson, type WebexRoom, type WebexState } from './state.ts';

/** Bytes of UTF-8 that text and markdown may each have (cloud facts 1.4). */
const MOST_BYTES = 7439;
/** Cloud facts 1.4. */
const MOST_EDITS = 10;
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
    if (method === 'PUT') return edit(message, call, state);
    if (method === 'DELETE') return remove(message, call.caller, state);
  }
  throw notAllowed();
}

function create(call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  const { body, caller } = call;
  const text = contentOf(body, 'text');
  const markdown = contentOf(body, 'markdown');
  const attachments = cardsIn(body);
  const hasFile = call.upload !== null || body['files'] !== undefined;
  if (text === null && markdown === null && (!hasFile || attachments.length > 0))
    throw new WebexRefusal(
      400,
      'One of text, markdown or files is needed, and a card needs a text to fall back on.',
    );
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
    files: filesIn(call, room, state),
    attachments,
    personId: caller.personId,
    personEmail: caller.email,
    mentionedPeople: mentionsIn(markdown ?? '', state),
    created: state.now(),
    updated: null,
    edits: 0,
  };
  state.messages.push(message);
  room.lastActivity = message.created;
  tell('created', message, caller, room, state);
  return ok(showMessage(message));
}

/** Words only, by their writer, ten times (cloud facts 1.4). The status of each refusal is chosen. */
function edit(
  message: WebexMessage,
  { body, caller }: WebexCall<WebexPerson>,
  state: WebexState,
): WebexAnswer {
  if (message.personId !== caller.personId)
    throw new WebexRefusal(403, 'Only the person who wrote a message may edit it.');
  const room = state.roomOf(caller, message.roomId);
  if (room === undefined || textOf(body, 'roomId') !== room.id)
    throw new WebexRefusal(400, 'roomId is not that of the message.');
  if (body['files'] !== undefined || body['attachments'] !== undefined)
    throw new WebexRefusal(400, 'files and attachments cannot be edited.');
  const text = contentOf(body, 'text');
  const markdown = contentOf(body, 'markdown');
  if (text === null && markdown === null) throw new WebexRefusal(400, 'text or markdown is needed.');
  if (message.edits >= MOST_EDITS) throw new WebexRefusal(400, 'The message was edited too often.');
  message.text = text ?? plainText(markdown ?? '');
  message.markdown = markdown;
  message.edits += 1;
  message.updated = state.now();
  tell('updated', message, caller, room, state);
  return ok(showMessage(message));
}

/** What a webhook tells of a message: all but its words (cloud facts 1.4). */
function tell(
  event: 'created' | 'updated' | 'deleted',
  message: WebexMessage,
  actor: WebexPerson,
  room: WebexRoom,
  state: WebexState,
): void {
  const { text: _text, markdown: _markdown, attachments: _cards, ...data } = showMessage(message);
  const { mentionedPeople } = message;
  state.onNews({
    resource: 'messages',
    event,
    actorId: actor.personId,
    visibleIn: room,
    mentionedPeople,
    data,
  });
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
  const room = state.roomOf(caller, message.roomId);
  if (room !== undefined) tell('deleted', message, caller, room, state);
  take(state.messages, message);
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

function showMessage(message: WebexMessage) {
  const { files, attachments, mentionedPeople } = message;
  return {
    id: message.id,
    ...(message.parentId === null ? {} : { parentId: message.parentId }),
    roomId: message.roomId,
    roomType: message.roomType,
    text: message.text,
    ...(message.markdown === null ? {} : { markdown: message.markdown }),
    ...(files.length === 0 ? {} : { files }),
    ...(attachments.length === 0 ? {} : { attachments }),
    personId: message.personId,
    personEmail: message.personEmail,
    ...(mentionedPeople.length === 0 ? {} : { mentionedPeople }),
    created: message.created,
    ...(message.updated === null ? {} : { updated: message.updated }),
  };
}
