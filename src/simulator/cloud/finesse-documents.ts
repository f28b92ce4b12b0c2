import type { Call, FinesseCalls } from './finesse-calls.ts';
import type {
  FinesseState,
  StandInMessage,
  StandInPhoneBook,
  StandInQueue,
  StandInReasonCode,
  StandInTeam,
  StandInUser,
} from './finesse-state.ts';
import { type ErrorWords, type Shown, shown, texts, textsIn, write } from './finesse-xml.ts';

const API = '/finesse/api';

export interface SystemFacts {
  readonly now: number;
  readonly deployment: 'UCCE' | 'UCCX';
  /** The own host name first. */
  readonly nodes: readonly [string, string];
  readonly isInService: boolean;
  readonly authMode: 'SSO' | 'NON_SSO';
}

export function systemInfo({ now, deployment, nodes, isInService, authMode }: SystemFacts): Shown {
  const [primary, secondary] = nodes;
  return shown('SystemInfo', [
    ...textsIn({ currentTimestamp: timeText(now), deploymentType: deployment, peripheralId: '' }),
    texts('primaryNode', { host: primary, httpsPort: '8445', xmppPort: '5222', xmppSecurePort: '5223' }),
    texts('secondaryNode', { host: secondary }),
    ...textsIn({
      status: isInService ? 'IN_SERVICE' : 'OUT_OF_SERVICE',
      statusReason: '',
      systemAuthMode: authMode,
      timezoneOffset: '0',
      uri: `${API}/SystemInfo`,
      xmppDomain: primary,
      xmppPubSubDomain: `pubsub.${primary}`,
    }),
  ]);
}

/** A whole user, as GET answers it (the documentation's shape). */
export function wholeUser(user: StandInUser, state: FinesseState): Shown {
  const reason = user.reason === null ? [] : [wholeReason(user.reason)];
  return shown('User', [
    ...textsIn({ uri: uriOf(user) }),
    shown(
      'roles',
      user.roles.map((role) => shown('role', role)),
    ),
    ...textsIn({
      loginId: user.id,
      loginName: loginNameOf(user),
      state: user.state,
      stateChangeTime: timeText(user.stateChangedAt),
      mediaType: '1',
      pendingState: user.pendingState ?? '',
      reasonCodeId: user.reason?.id ?? '-1',
    }),
    ...reason,
    texts('settings', { wrapUpOnIncoming: 'OPTIONAL', wrapUpOnOutgoing: 'NOT_ALLOWED' }),
    ...textsIn({
      extension: user.extension ?? '',
      firstName: user.firstName,
      lastName: user.lastName,
      teamId: user.teamId ?? '',
      teamName: state.team(user.teamId)?.name ?? '',
      dialogs: `${uriOf(user)}/Dialogs`,
    }),
    shown('teams', supervisedBy(user, state)),
  ]);
}

/** A user in a notification, as it was captured: no ReasonCode, and no reasonCodeId where the user is READY. */
function notifiedUser(user: StandInUser, state: FinesseState): Shown {
  return shown('user', [
    ...textsIn({
      dialogs: `${uriOf(user)}/Dialogs`,
      extension: user.extension ?? '',
      firstName: user.firstName,
      lastName: user.lastName,
      loginId: user.id,
      loginName: loginNameOf(user),
      mediaType: '1',
      pendingState: user.pendingState ?? '',
      reasonCodeId: user.state === 'READY' ? null : (user.reason?.id ?? '-1'),
    }),
    shown(
      'roles',
      user.roles.map((role) => shown('role', role)),
    ),
    texts('settings', { wrapUpOnIncoming: 'OPTIONAL', wrapUpOnOutgoing: 'OPTIONAL' }),
    ...textsIn({
      state: user.state,
      stateChangeTime: timeText(user.stateChangedAt),
      teamId: user.teamId ?? '',
      teamName: state.team(user.teamId)?.name ?? '',
    }),
    shown('teams', supervisedBy(user, state)),
    ...textsIn({ uri: uriOf(user), wrapUpTimer: '7200' }),
  ]);
}

export function userUpdate(user: StandInUser, state: FinesseState): string {
  const data = shown('data', [notifiedUser(user, state)]);
  return write(shown('Update', [data, ...textsIn({ event: 'PUT', requestId: '', source: uriOf(user) })]));
}

/** What the notification service tells of an accepted request that failed, as it was captured. */
export function errorUpdate({ type, message, data }: ErrorWords, source: string): string {
  const error = texts('apiError', { errorType: type, errorMessage: message ?? '', errorData: data ?? '' });
  const body = shown('data', [shown('apiErrors', [error])]);
  return write(shown('Update', [body, ...textsIn({ requestId: '', source, event: 'put' })]));
}

/** A team with the summary of its users; those who are signed out only where they are asked for. */
export function teamDocument(team: StandInTeam, users: readonly StandInUser[]): Shown {
  const summaries = users.map((user) => {
    const values = textsIn({
      uri: uriOf(user),
      loginId: user.id,
      firstName: user.firstName,
      lastName: user.lastName,
      dialogs: `${uriOf(user)}/Dialogs`,
      extension: user.extension ?? '',
      pendingState: user.pendingState ?? '',
      state: user.state,
      stateChangeTime: timeText(user.stateChangedAt),
    });
    return shown('User', user.reason === null ? values : [...values, summaryReason(user.reason)]);
  });
  return shown('Team', [
    ...textsIn({ uri: `${API}/Team/${team.id}`, id: team.id, name: team.name }),
    shown('users', summaries),
  ]);
}

export function messageDocument(message: StandInMessage): Shown {
  const { id, by, at, durationSeconds, content, teamIds } = message;
  return shown('TeamMessage', [
    ...textsIn({ uri: `${API}/TeamMessage/${id}`, id }),
    texts('createdBy', { id: by.id, firstName: by.firstName, lastName: by.lastName }),
    ...textsIn({ createdAt: String(Math.floor(at / 1_000)), duration: String(durationSeconds), content }),
    shown(
      'teams',
      teamIds.map((teamId) => shown('team', teamId)),
    ),
  ]);
}

/** Figures that the stand-in is not told are -1, "not assigned". */
const STATISTICS = [
  'callsInQueue',
  'startTimeOfLongestCallInQueue',
  'agentsReady',
  'agentsNotReady',
  'agentsBusyOther',
  'agentsLoggedOn',
  'agentsTalkingInbound',
  'agentsTalkingOutbound',
  'agentsTalkingInternal',
  'agentsWrapUpNotReady',
  'agentsWrapUpReady',
];

export function queueDocument({ id, name, statistics = {} }: StandInQueue): Shown {
  const figures = STATISTICS.map((figure) => shown(figure, statistics[figure] ?? '-1'));
  return shown('Queue', [...textsIn({ uri: `${API}/Queue/${id}`, name }), shown('statistics', figures)]);
}

/** Some contacts of a book, in the shape of the documentation of TeamResource. */
export function phoneBookDocument(book: StandInPhoneBook, contacts: StandInPhoneBook['contacts']): Shown {
  return shown('PhoneBook', [
    ...textsIn({ name: book.name, type: book.teamId === undefined ? 'GLOBAL' : 'TEAM' }),
    shown(
      'Contacts',
      contacts.map((contact) => texts('Contact', { ...contact })),
    ),
  ]);
}

/** A call, in the shape of the documentation. */
export function dialogDocument(call: Call, calls: FinesseCalls): Shown {
  const participants = call.legs.map((leg) =>
    shown('Participant', [
      shown(
        'actions',
        calls.actionsOf(call, leg).map((action) => shown('action', action)),
      ),
      ...textsIn({
        mediaAddress: leg.address,
        mediaAddressType: 'AGENT_DEVICE',
        startTime: timeText(leg.startedAt),
        state: leg.state,
        stateCause: leg.cause,
        stateChangeTime: timeText(leg.changedAt),
      }),
    ]),
  );
  const consulted = call.consultsFor === null ? '' : `${API}/Dialog/${call.consultsFor}`;
  return shown('Dialog', [
    ...textsIn({ associatedDialogUri: consulted, fromAddress: call.from, id: call.id }),
    texts('mediaProperties', {
      mediaId: '1',
      DNIS: call.to,
      callType: call.callType,
      dialedNumber: call.to,
      outboundClassification: '',
    }),
    ...textsIn({ mediaType: 'Voice' }),
    shown('participants', participants),
    ...textsIn({ state: call.state, toAddress: call.to, uri: `${API}/Dialog/${call.id}` }),
  ]);
}

function supervisedBy(user: StandInUser, state: FinesseState): Shown[] {
  const team = user.roles.includes('Supervisor') ? state.team(user.teamId) : null;
  if (team === null) return [];
  return [texts('Team', { id: team.id, name: team.name, uri: `${API}/Team/${team.id}` })];
}

function wholeReason({ category, code, label, id }: StandInReasonCode): Shown {
  const uri = `${API}/ReasonCode/${id}`;
  return texts('ReasonCode', { category, uri, code, label, forAll: 'true', systemCode: 'false', id });
}

function summaryReason({ category, code, label, id }: StandInReasonCode): Shown {
  return texts('reasonCode', { category, code, label, id, uri: `${API}/ReasonCode/${id}` });
}

function uriOf(user: StandInUser): string {
  return `${API}/User/${user.id}`;
}

function loginNameOf(user: StandInUser): string {
  return `user-${user.id}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
