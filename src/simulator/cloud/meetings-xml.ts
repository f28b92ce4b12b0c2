import { readXml, type XmlElement, XmlSyntaxError } from '../xml-reader.ts';
import type { HeldMeeting, MeetingsAccount, MeetingsState } from './meetings-state.ts';
import {
  calendarUrls,
  details,
  failureDocument,
  group,
  successDocument,
  summary,
  tag,
  XmlFailure,
} from './meetings-xml-answer.ts';
import { readXmlDate, type XmlZone, zoneById, zoneByName } from './meetings-zones.ts';

export interface XmlSettings {
  /** Whether an empty list is the FAILURE 000015, which some report, or a SUCCESS without meetings. */
  readonly emptyListFails: boolean;
  /** Whether a meeting needs a password, as in the captures (060026). */
  readonly needsPassword: boolean;
  /** How long a session ticket lasts. */
  readonly ticketSeconds: number;
  /** The most meetings in one answer, whatever `maximumNum` asks for. */
  readonly pageSize: number;
  /** The zone in which meetings are shown whose own has no number. */
  readonly siteZoneId: number;
}

/** The operation that a document asks for, such as `CreateMeeting`; empty where it cannot be read. */
export function xmlOperationOf(text: string): string {
  return (
    /\bxsi:type\s*=\s*["']java:com\.webex\.service\.binding\.(?:meeting|user)\.(\w+)["']/.exec(text)?.[1] ??
    ''
  );
}

/**
 * What the XML service answers to a document (cloud facts 3): always a
 * document, whatever happened. Prefixes are passed over, declared or not, and
 * the order of elements does not matter.
 */
export function answerXml(text: string, state: MeetingsState, settings: XmlSettings): string {
  const operation = xmlOperationOf(text);
  const service = operation === 'AuthenticateUser' ? 'user' : 'meeting';
  try {
    const root = parse(text);
    const body = at(root, 'body', 'bodyContent');
    const security = at(root, 'header', 'securityContext');
    if (body === undefined || security === undefined)
      throw new XmlFailure(UNREADABLE, 'The request has no securityContext or no bodyContent');
    const call: XmlCall = { state, settings, body, security };
    if (operation === 'AuthenticateUser') return authenticate(call);
    const answer = OPERATIONS.get(operation);
    if (answer === undefined) throw new XmlFailure(UNREADABLE, 'This stand-in does not serve that operation');
    const type = `meet:${operation.charAt(0).toLowerCase()}${operation.slice(1)}Response`;
    return successDocument(service, type, answer(call, accountOf(call)));
  } catch (error) {
    if (error instanceof XmlFailure) return failureDocument(service, error.exceptionId, error.message);
    throw error;
  }
}

interface XmlCall {
  readonly state: MeetingsState;
  readonly settings: XmlSettings;
  readonly body: XmlElement;
  readonly security: XmlElement;
}

/** The service's numbers for what it cannot read or does not know are not in the facts; this one stands for them. */
const UNREADABLE = '999999';

type Operation = (call: XmlCall, account: MeetingsAccount) => string[];

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries<Operation>({
    CreateMeeting: create,
    GetMeeting: (call, account) => {
      const meeting = found(call, account, 'meetingKey');
      return details(meeting, zoneOf(meeting, call), call.state.siteName);
    },
    SetMeeting: set,
    DelMeeting: (call, account) => {
      const meeting = found(call, account, 'meetingKey');
      call.state.remove(meeting);
      return [calendarUrls(meeting, call.state.siteName)];
    },
    LstsummaryMeeting: list,
    GetjoinurlMeeting: (call, account) => {
      const { id, number } = found(call, account, 'sessionKey');
      const site = call.state.siteName;
      return [
        tag('meet:joinMeetingURL', `https://${site}.webex.com/${site}/e.php?AT=SI&MK=${number}`),
        tag('meet:inviteMeetingURL', `https://${site}.webex.com/${site}/j.php?MTID=m${id}`),
      ];
    },
  }),
);

function authenticate(call: XmlCall): string {
  const { state, settings, body, security } = call;
  const token = textAt(body, 'accessToken');
  const account = token === '' ? byPassword(call) : state.byToken(token);
  if (account === undefined || account.webExId !== textAt(security, 'webExID')) throw wrongLogin();
  return successDocument('user', 'use:authenticateUserResponse', [
    tag('use:sessionTicket', state.issueTicket(account, settings.ticketSeconds)),
    tag('use:createTime', state.now()),
    tag('use:timeToLive', settings.ticketSeconds),
  ]);
}

function accountOf(call: XmlCall): MeetingsAccount {
  const { state, security } = call;
  const ticket = textAt(security, 'sessionTicket');
  const token = textAt(security, 'webExAccessToken');
  const account =
    ticket !== '' ? state.byTicket(ticket) : token !== '' ? state.byToken(token) : byPassword(call);
  if (account === undefined && ticket !== '') throw new XmlFailure('030047', 'Not a valid session ticket');
  if (account === undefined || account.webExId !== textAt(security, 'webExID')) throw wrongLogin();
  return account;
}

function byPassword({ state, security }: XmlCall): MeetingsAccount | undefined {
  const [webExId, password] = [textAt(security, 'webExID'), textAt(security, 'password')];
  return state.accounts.find((account) => account.webExId === webExId && account.password === password);
}

/** Also for a token that is none: the facts have no number of its own for that. */
function wrongLogin(): XmlFailure {
  return new XmlFailure('030002', 'Incorrect user or password');
}

function create(call: XmlCall, account: MeetingsAccount): string[] {
  const { state, settings, body } = call;
  const password = textAt(body, 'accessControl', 'meetingPassword');
  if (password === '' && settings.needsPassword)
    throw new XmlFailure('060026', 'Meeting password must not be null');
  const meeting = state.add({
    host: account,
    title: textAt(body, 'metaData', 'confName'),
    agenda: textAt(body, 'metaData', 'agenda'),
    password,
    // A meeting without a start begins now, for half an hour in the site's zone; the facts tell only that it is taken.
    ...timesIn(call, { start: state.now(), minutes: 30, zone: siteZone(call) }),
    joinBeforeHost: textAt(body, 'schedule', 'joinTeleconfBeforeHost') === 'true',
    invitees: attendeesIn(body) ?? [],
  });
  return [
    tag('meet:meetingkey', meeting.number),
    calendarUrls(meeting, state.siteName),
    tag('meet:guestToken', meeting.id),
  ];
}

/** What is left out stays; the attendees are replaced. Whether the service adds them instead is not known. */
function set(call: XmlCall, account: MeetingsAccount): string[] {
  const { state, body } = call;
  const meeting = found(call, account, 'meetingkey');
  meeting.title = textAt(body, 'metaData', 'confName') || meeting.title;
  meeting.agenda = textAt(body, 'metaData', 'agenda') || meeting.agenda;
  const { start, end } = meeting;
  Object.assign(
    meeting,
    timesIn(call, { start, minutes: (end - start) / MINUTE_MS, zone: zoneOf(meeting, call) }),
  );
  const attendees = attendeesIn(body);
  if (attendees !== null)
    meeting.invitees = attendees.map((attendee) => state.newInvitee(meeting.id, attendee));
  return [calendarUrls(meeting, state.siteName)];
}

function list(call: XmlCall, account: MeetingsAccount): string[] {
  const { state, settings, body } = call;
  const zone = zoneIn(call, 'dateScope') ?? siteZone(call);
  const bound = (name: string): number | null => dateIn(textAt(body, 'dateScope', name), zone);
  const [from, to] = [bound('startDateStart'), bound('startDateEnd')];
  const matching = state.meetings
    .filter(
      ({ host, start }) =>
        host === account && (from === null || start >= from) && (to === null || start <= to),
    )
    .toSorted((a, b) => a.start - b.start);
  if (textAt(body, 'order', 'orderAD') === 'DESC') matching.reverse();
  if (matching.length === 0 && settings.emptyListFails)
    throw new XmlFailure('000015', 'Sorry, no record found');
  const first = Number(textAt(body, 'listControl', 'startFrom')) || 1;
  const most = Math.min(
    Number(textAt(body, 'listControl', 'maximumNum')) || settings.pageSize,
    settings.pageSize,
  );
  const shown = matching.slice(first - 1, first - 1 + most);
  return [
    group(
      'meet:matchingRecords',
      tag('serv:total', matching.length),
      tag('serv:returned', shown.length),
      tag('serv:startFrom', first),
    ),
    ...shown.map((meeting) => summary(meeting, zoneOf(meeting, call))),
  ];
}

/** The key by its name in the request, whose case the operations do not agree on (cloud facts 3). */
function found({ state, body }: XmlCall, account: MeetingsAccount, keyName: string): HeldMeeting {
  const meeting = state.find(account, textAt(body, keyName));
  if (meeting === undefined) throw new XmlFailure('060001', 'Corresponding Meeting not found');
  return meeting;
}

function timesIn(
  call: XmlCall,
  held: { start: number; minutes: number; zone: XmlZone },
): { start: number; end: number; timezone: string } {
  const zone = zoneIn(call, 'schedule') ?? held.zone;
  const start = dateIn(textAt(call.body, 'schedule', 'startDate'), zone) ?? held.start;
  const minutes = Number(textAt(call.body, 'schedule', 'duration')) || held.minutes;
  return { start, end: start + minutes * MINUTE_MS, timezone: zone.name };
}

/** Null for an empty date, which the service takes as none. */
function dateIn(text: string, zone: XmlZone): number | null {
  if (text === '') return null;
  const at = readXmlDate(text, zone.name);
  if (at === null) throw new XmlFailure(UNREADABLE, 'The date is not MM/DD/YYYY HH:MM:SS');
  return at;
}

function zoneIn({ body }: XmlCall, parent: string): XmlZone | null {
  const text = textAt(body, parent, 'timeZoneID');
  if (text === '') return null;
  const zone = zoneById(Number(text));
  if (zone === undefined) throw new XmlFailure(UNREADABLE, 'This stand-in does not know that time zone');
  return zone;
}

function zoneOf(meeting: HeldMeeting, call: XmlCall): XmlZone {
  return zoneByName(meeting.timezone) ?? siteZone(call);
}

function siteZone({ settings }: XmlCall): XmlZone {
  const zone = zoneById(settings.siteZoneId);
  if (zone === undefined) throw new RangeError(`this stand-in has no time zone ${settings.siteZoneId}`);
  return zone;
}

function attendeesIn(body: XmlElement): { email: string; displayName: string }[] | null {
  const attendees = at(body, 'participants', 'attendees');
  if (attendees === undefined) return null;
  return attendees.children.map((attendee) => {
    const email = textAt(attendee, 'person', 'email');
    return { email, displayName: textAt(attendee, 'person', 'name') || email };
  });
}

function parse(text: string): XmlElement {
  try {
    return readXml(text.trimStart());
  } catch (error) {
    if (error instanceof XmlSyntaxError)
      throw new XmlFailure(UNREADABLE, `XML parse error: ${error.message}`);
    throw error;
  }
}

function at(element: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  return names.reduce<XmlElement | undefined>(
    (parent, name) => parent?.children.find((child) => child.name.replace(/^.*:/, '') === name),
    element,
  );
}

function textAt(element: XmlElement, ...names: readonly string[]): string {
  return at(element, ...names)?.text.trim() ?? '';
}

const MINUTE_MS = 60_000;
