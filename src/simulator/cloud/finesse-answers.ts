import { ACCEPTED, type FinesseAnswer, type FinesseCall } from './finesse-call.ts';
import { answerDialog, placeCall } from './finesse-dialogs.ts';
import {
  dialogDocument,
  messageDocument,
  phoneBookDocument,
  queueDocument,
  teamDocument,
  wholeUser,
} from './finesse-documents.ts';
import type { FinesseState, StandInTeam, StandInUser } from './finesse-state.ts';
import { changeUser } from './finesse-users.ts';
import { FinesseRefusal, needed, readRequest, type Shown, shown } from './finesse-xml.ts';

const LARGEST_MESSAGE = 255;
const LARGEST_LOG = 1_048_576;

/** @throws FinesseRefusal */
export function answer(call: FinesseCall): FinesseAnswer {
  const [collection = '', id = null, below = null] = call.path;
  const route = `${call.method} ${collection}${id === null ? '' : '/ID'}${below === null ? '' : `/${below}`}`;
  const found = ROUTES[route];
  if (found === undefined || call.path.length > 3) throw new FinesseRefusal(404, 'Not Found');
  return found(call, id ?? '');
}

const ROUTES: Readonly<Record<string, (call: FinesseCall, id: string) => FinesseAnswer>> = {
  'GET Users': (call) => {
    if (!call.caller.isAdministrator) throw unauthorized(call);
    return ok(
      'Users',
      call.state.users.map((user) => wholeUser(user, call.state)),
    );
  },
  'GET User/ID': (call, id) => ({ status: 200, document: wholeUser(userFor(call, id), call.state) }),
  'PUT User/ID': (call, id) => changeUser(call, userFor(call, id)),
  'GET User/ID/Dialogs': (call, id) =>
    ok(
      'Dialogs',
      call.calls.of(userFor(call, id)).map((one) => dialogDocument(one, call.calls)),
    ),
  'POST User/ID/Dialogs': (call, id) => placeCall(call, userFor(call, id)),
  'GET User/ID/PhoneBooks': (call, id) => phoneBooks(call, userFor(call, id).teamId),
  'GET TeamResource/ID/PhoneBooks': (call, id) => phoneBooks(call, teamOf(call, id).id),
  'GET User/ID/Queues': (call, id) => {
    const user = userFor(call, id);
    return ok(
      'Queues',
      queuesOf(call)
        .filter(({ userIds = [] }) => userIds.includes(user.id))
        .map(queueDocument),
    );
  },
  'GET Queue/ID': (call, id) => {
    const queue = queuesOf(call).find((one) => one.id === id);
    if (queue === undefined) throw new FinesseRefusal(404, 'Not Found', 'QUEUE_NOT_FOUND', id);
    return { status: 200, document: queueDocument(queue) };
  },
  'POST User/ID/ClientLog': (call, id) => {
    const user = userFor(call, id);
    const text = needed(readRequest(call.body, 'ClientLog'), 'logData');
    if (text.length > LARGEST_LOG) throw new FinesseRefusal(400, 'Invalid Input', 'TOO_LARGE', 'logData');
    call.state.clientLogs.push({ userId: user.id, text });
    return ACCEPTED;
  },
  'GET Dialog/ID': (call, id) => answerDialog(call, id),
  'PUT Dialog/ID': (call, id) => answerDialog(call, id),
  'GET Team/ID': (call, id) => {
    const team = supervised(call, id);
    const isWhole = call.query.get('includeLoggedOutAgents') === 'true';
    const members = call.state.users.filter(
      ({ teamId, state }) => teamId === team.id && (isWhole || state !== 'LOGOUT'),
    );
    return { status: 200, document: teamDocument(team, members) };
  },
  'GET Team/ID/TeamMessages': (call, id) => {
    const team = teamOf(call, id);
    const now = call.state.clock.now();
    const current = call.state.messages.filter(
      ({ teamIds, at, durationSeconds }) => teamIds.includes(team.id) && at + durationSeconds * 1_000 > now,
    );
    return ok('TeamMessages', current.map(messageDocument));
  },
  'POST TeamMessage': (call) => postMessage(call),
};

/** The user whom the caller may see: an agent its own, an administrator everyone. */
function userFor(call: FinesseCall, id: string): StandInUser {
  const user = call.state.user(id);
  const isOwn = call.caller.user.id === id;
  if (!isOwn && !call.caller.isAdministrator) {
    throw new FinesseRefusal(401, 'Invalid Authorization User Specified', 'UNAUTHORIZED', id);
  }
  if (user === null) throw new FinesseRefusal(404, 'User Not Found', 'UNKNOWN_USER', id);
  return user;
}

function teamOf(call: FinesseCall, id: string): StandInTeam {
  const team = call.state.team(id);
  if (team === null) throw new FinesseRefusal(404, 'Not Found', 'TEAM_NOT_FOUND', id);
  return team;
}

function supervised(call: FinesseCall, id: string): StandInTeam {
  const { user, isAdministrator } = call.caller;
  const isSupervisor = user.roles.includes('Supervisor') && user.teamId === id;
  if (!isAdministrator && !isSupervisor) throw unauthorized(call);
  return teamOf(call, id);
}

/** The same words as for a wrong password (cloud facts 2.3). */
function unauthorized({ caller }: FinesseCall): FinesseRefusal {
  return new FinesseRefusal(401, 'Authorization Failure', 'UNAUTHORIZED', caller.user.id);
}

function queuesOf({ settings, state }: FinesseCall): FinesseState['queues'] {
  if (settings.deployment === 'UCCX') throw new FinesseRefusal(404, 'Not Found', 'QUEUE_NOT_FOUND');
  return state.queues;
}

/** 207 where some of the teams do not exist: what its body says is not in the facts, so it has none. */
function postMessage(call: FinesseCall): FinesseAnswer {
  const { user, isAdministrator } = call.caller;
  if (!isAdministrator && !user.roles.includes('Supervisor')) throw unauthorized(call);
  const fields = readRequest(call.body, 'TeamMessage');
  const [content, duration] = [needed(fields, 'content'), Number(needed(fields, 'duration'))];
  if (content.length > LARGEST_MESSAGE || !(duration > 0))
    throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_INPUT', 'content');
  const asked = fields.list('teams', 'team');
  const teamIds = asked.filter((id) => call.state.team(id) !== null);
  if (teamIds.length === 0) throw new FinesseRefusal(400, 'Invalid Input', 'INVALID_INPUT', 'teams');
  const at = call.state.clock.now();
  call.state.messages.push({ id: call.newId(), by: user, at, durationSeconds: duration, content, teamIds });
  return { status: teamIds.length === asked.length ? 200 : 207, document: null };
}

/** The contacts of a range, counted through all books, the global ones first. */
function phoneBooks(call: FinesseCall, teamId: string | null): FinesseAnswer {
  const { phoneBooks: all } = call.state;
  const { mostContacts, rangeBehindEnd } = call.settings;
  const books = [
    ...all.filter((book) => book.teamId === undefined),
    ...all.filter((book) => book.teamId === teamId && teamId !== null),
  ];
  const total = books.reduce((sum, { contacts }) => sum + contacts.length, 0);
  const [, from = '', to = ''] = /^objects=(\d+)-(\d+)$/.exec(call.range ?? '') ?? [];
  const [first, last] = [Number(from), Number(to)];
  const isRefused = rangeBehindEnd === 'refused' && first > total && total > 0;
  if (first < 1 || last < first || last > mostContacts || isRefused)
    throw new FinesseRefusal(416, 'Invalid Input', 'INVALID_RANGE', call.range);
  let counted = 0;
  const pages = books.map((book) => {
    const contacts = book.contacts.slice(Math.max(0, first - 1 - counted), Math.max(0, last - counted));
    counted += book.contacts.length;
    return phoneBookDocument(book, contacts);
  });
  const isWhole = first === 1 && last >= total;
  return { status: isWhole ? 200 : 206, document: shown('PhoneBooks', pages) };
}

function ok(name: string, members: readonly Shown[]): FinesseAnswer {
  return { status: 200, document: shown(name, members) };
}
