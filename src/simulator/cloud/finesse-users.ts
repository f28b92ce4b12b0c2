import { ACCEPTED, type FinesseAnswer, type FinesseCall } from './finesse-call.ts';
import { INVALID_STATE, type StandInReasonCode, type StandInUser } from './finesse-state.ts';
import { type ErrorWords, FinesseRefusal, needed, type RequestFields, readRequest } from './finesse-xml.ts';

/** As it was captured when an agent signed in at an extension that no device has. */
const INVALID_DEVICE: ErrorWords = {
  type: 'Invalid Device',
  message: 'CF_INVALID_LOGON_DEVICE_SPECIFIED',
  data: '260',
};

/** PUT of a user: signs in or out, or changes the state. */
export function changeUser(call: FinesseCall, user: StandInUser): FinesseAnswer {
  const { state, settings } = call;
  const fields = readRequest(call.body, 'User');
  const asked = needed(fields, 'state');
  const source = `/finesse/api/User/${user.id}`;
  switch (asked) {
    case 'LOGIN': {
      const extension = needed(fields, 'extension');
      const isKnown = settings.extensions === null || settings.extensions.includes(extension);
      call.later(source, () => {
        if (!isKnown) return INVALID_DEVICE;
        state.signIn(user, extension);
        return null;
      });
      return ACCEPTED;
    }
    case 'LOGOUT': {
      if (user.state === 'LOGOUT') throw invalidState();
      const reason = reasonFor(call, fields, 'LOGOUT');
      call.later(source, () => {
        state.signOut(user, reason);
        return null;
      });
      return ACCEPTED;
    }
    case 'READY':
    case 'NOT_READY': {
      if (user.state === 'LOGOUT' && settings.refusesAtOnce) throw invalidState();
      const reason = asked === 'READY' ? null : reasonFor(call, fields, asked);
      call.later(source, () => state.request(user, asked, reason));
      return ACCEPTED;
    }
    default:
      throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_STATE', asked);
  }
}

function invalidState(): FinesseRefusal {
  return new FinesseRefusal(400, INVALID_STATE.type, INVALID_STATE.message, INVALID_STATE.data);
}

function reasonFor(
  { state }: FinesseCall,
  fields: RequestFields,
  category: StandInReasonCode['category'],
): StandInReasonCode | null {
  const codes = state.reasonCodes.filter((code) => code.category === category);
  const id = fields.text('reasonCodeId');
  if (id === null) {
    if (codes.length === 0) return null;
    throw new FinesseRefusal(
      400,
      'Parameter Missing',
      'finesse.api.reasoncode.require_reasoncode',
      'reasonCodeId',
    );
  }
  const code = codes.find((candidate) => candidate.id === id);
  if (code === undefined) throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_REASON_CODE', id);
  return code;
}
