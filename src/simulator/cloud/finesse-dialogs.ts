import { ACCEPTED, type FinesseAnswer, type FinesseCall } from './finesse-call.ts';
import { dialogDocument } from './finesse-documents.ts';
import type { StandInUser } from './finesse-state.ts';
import { FinesseRefusal, isNamed, needed, type RequestFields, readRequest } from './finesse-xml.ts';

/** POST of a dialog: a call from the caller's own extension. */
export function placeCall(call: FinesseCall, user: StandInUser): FinesseAnswer {
  const fields = readRequest(call.body, 'Dialog');
  const [action, from, to] = [
    needed(fields, 'requestedAction'),
    needed(fields, 'fromAddress'),
    needed(fields, 'toAddress'),
  ];
  if (action !== 'MAKE_CALL') throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_ACTION', action);
  if (user.state === 'LOGOUT') throw new FinesseRefusal(400, 'Invalid State', 'NOT_SIGNED_IN', user.state);
  if (from !== user.extension) throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_ADDRESS', from);
  if (from === to) throw new FinesseRefusal(400, 'Invalid Destination', 'INVALID_DESTINATION', to);
  call.later(`/finesse/api/User/${user.id}/Dialogs`, () => call.calls.place(from, to));
  return ACCEPTED;
}

/** GET of a dialog, or PUT: an action of the caller's own extension in it. */
export function answerDialog(call: FinesseCall, id: string): FinesseAnswer {
  const { calls, caller, settings } = call;
  const held = calls.call(id);
  const own = held?.legs.find(({ address }) => address === caller.user.extension);
  if (held === null) throw new FinesseRefusal(404, 'Not Found', 'DIALOG_NOT_FOUND', id);
  if (own === undefined && !caller.isAdministrator)
    throw new FinesseRefusal(401, 'Invalid Authorization User Specified', 'UNAUTHORIZED', caller.user.id);
  if (call.method === 'GET') return { status: 200, document: dialogDocument(held, calls) };
  const fields = readRequest(call.body, 'Dialog');
  const [action, target] = [needed(fields, 'requestedAction'), needed(fields, 'targetMediaAddress')];
  if (target !== caller.user.extension)
    throw new FinesseRefusal(401, 'Invalid Authorization User Specified', 'UNAUTHORIZED', target);
  if (!ACTIONS.includes(action)) throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_ACTION', action);
  if (action === 'START_RECORDING' && settings.deployment === 'UCCE')
    throw new FinesseRefusal(501, 'Not Implemented', 'NOT_IMPLEMENTED', action);
  const detail = detailOf(fields, action);
  call.later(`/finesse/api/Dialog/${id}`, () => calls.act(held, target, action, detail));
  return ACCEPTED;
}

const ACTIONS = [
  'ANSWER',
  'HOLD',
  'RETRIEVE',
  'DROP',
  'TRANSFER_SST',
  'CONSULT_CALL',
  'TRANSFER',
  'CONFERENCE',
  'SEND_DTMF',
  'START_RECORDING',
];

/** Whom to, or which tones. */
function detailOf(fields: RequestFields, action: string): string {
  if (action === 'TRANSFER_SST' || action === 'CONSULT_CALL') return needed(fields, 'toAddress');
  if (action !== 'SEND_DTMF') return '';
  const parameters = fields.root.children.find((child) => isNamed(child, 'actionParams'))?.children ?? [];
  const digits = parameters
    .filter(({ children }) => children.some(({ text }) => text.trim() === 'dtmfString'))
    .flatMap(({ children }) => children.filter((child) => isNamed(child, 'value')))
    .map(({ text }) => text.trim());
  if (digits[0] === undefined || !/^[0-9*#A-D]+$/.test(digits[0]))
    throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_INPUT', 'dtmfString');
  return digits[0];
}
