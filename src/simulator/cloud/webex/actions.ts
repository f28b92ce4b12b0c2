import { neededText, notAllowed, ok, type WebexAnswer, type WebexCall, WebexRefusal } from './answer.ts';
import type { WebexAction, WebexPerson, WebexState } from './state.ts';

/** /attachment/actions and /attachment/actions/{id} (cloud facts 1.4): a create is answered with 202. */
export function answerActions(method: string, call: WebexCall<WebexPerson>, state: WebexState): WebexAnswer {
  if (call.id === null) {
    if (method !== 'POST') throw notAllowed();
    if (call.body['type'] !== 'submit') throw new WebexRefusal(400, 'type must be submit.');
    const { inputs } = call.body;
    if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs))
      throw new WebexRefusal(400, 'inputs must be an object.');
    const messageId = neededText(call.body, 'messageId');
    return { status: 202, body: showAction(press(state, call.caller, messageId, { ...inputs })) };
  }
  if (method !== 'GET') throw notAllowed();
  const action = state.actions.find(({ id, roomId }) => id === call.id && state.roomOf(call.caller, roomId));
  if (action === undefined) throw new WebexRefusal(404, 'Could not find that action.');
  return ok(showAction(action));
}

/** Somebody presses a button of the card of a message. */
export function press(
  state: WebexState,
  person: WebexPerson,
  messageId: string,
  inputs: Readonly<Record<string, unknown>>,
): WebexAction {
  const message = state.messages.find(({ id }) => id === messageId);
  const room = message === undefined ? undefined : state.roomOf(person, message.roomId);
  if (message === undefined || room === undefined) throw new WebexRefusal(404, 'Message not found.');
  if (message.attachments.length === 0) throw new WebexRefusal(400, 'The message has no card.');
  const action: WebexAction = {
    id: state.newId('ATTACHMENT_ACTION'),
    messageId,
    roomId: room.id,
    personId: person.personId,
    inputs,
    created: state.now(),
  };
  state.actions.push(action);
  // What was put into the card is not told: it is read by the action's id.
  const { inputs: _inputs, ...data } = showAction(action);
  const actorId = person.personId;
  state.onNews({ resource: 'attachmentActions', event: 'created', actorId, visibleIn: room, data });
  return action;
}

function showAction({ id, messageId, roomId, personId, inputs, created }: WebexAction) {
  return { id, type: 'submit', messageId, roomId, personId, inputs, created };
}
