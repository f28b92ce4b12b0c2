import type {
  HeldInvitee,
  HeldMeeting,
  MeetingDraft,
  MeetingsAccount,
  MeetingsState,
} from './meetings-state.ts';
import { instantOfLocal, isTimezone, rfc3339 } from './meetings-zones.ts';
import { noContent, ok, page, textOf, type WebexAnswer, WebexRefusal } from './webex/answer.ts';
import { webexId } from './webex/state.ts';

/** A call with what the path and the headers say. */
export interface RestCall {
  /** For whom the token acts: its owner, or the host that an administrator names. */
  readonly hostFor: (hostEmail: string | null) => MeetingsAccount;
  readonly collection: string;
  readonly id: string | null;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The address of the collection, which next-page links begin with. */
  readonly url: string;
  readonly pageSize: number;
  /** The zone of the times in answers to GET, by the header of that name; UTC where it is not given. */
  readonly timezone: string;
}

const LIST_LIMITS = { most: 100, default: 10 };
const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
const LONGEST_TITLE = 128;

/** /meetings, /meetings/{meetingId} and /meetingInvitees (spec webex-meeting.json). */
export function answerRest(method: string, call: RestCall, state: MeetingsState): WebexAnswer {
  const { collection, id } = call;
  if (collection === 'meetings')
    return id === null ? answerAll(method, call, state) : answerOne(method, id, call, state);
  if (collection === 'meetingInvitees' && id === null) {
    if (method === 'GET') return listInvitees(call, state);
    if (method === 'POST') return invite(call, state);
    throw notAllowed();
  }
  throw new WebexRefusal(404, 'The requested resource could not be found.');
}

function answerAll(method: string, call: RestCall, state: MeetingsState): WebexAnswer {
  if (method === 'GET') return list(call, state);
  if (method === 'POST') return create(call, state);
  throw notAllowed();
}

function answerOne(method: string, id: string, call: RestCall, state: MeetingsState): WebexAnswer {
  const meeting = found(id, hostIn(call), state);
  if (method === 'GET') return ok(showMeeting(meeting, call.timezone, state));
  if (method === 'PATCH' || method === 'PUT') return update(method, meeting, call, state);
  if (method !== 'DELETE') throw notAllowed();
  state.remove(meeting);
  return noContent;
}

function notAllowed(): WebexRefusal {
  return new WebexRefusal(405, 'The method is not allowed on this resource.');
}

function list(call: RestCall, state: MeetingsState): WebexAnswer {
  return page<HeldMeeting>(call, LIST_LIMITS, (query) => {
    const to = instantIn(query, 'to') ?? (instantIn(query, 'from') ?? state.now()) + WEEK_MS;
    const from = instantIn(query, 'from') ?? (query.has('to') ? to - WEEK_MS : state.now());
    if (from > to) throw new WebexRefusal(400, 'from cannot be after to.');
    const type = query.get('meetingType') ?? 'meetingSeries';
    if (type !== 'meetingSeries')
      throw new WebexRefusal(501, 'This stand-in lists meetings of the type meetingSeries only.');
    const asked = call.hostFor(query.get('hostEmail'));
    const seen = state.meetings
      .filter(({ host, start, end }) => host === asked && start < to && end > from)
      .toSorted((a, b) => a.start - b.start);
    return { items: seen, show: (meeting) => showOfSeries(meeting, call.timezone, state) };
  });
}

function create(call: RestCall, state: MeetingsState): WebexAnswer {
  const { body } = call;
  const timezone = timezoneIn(body) ?? 'UTC';
  const meeting = state.add({
    host: hostIn(call),
    title: titleIn(body) ?? needed('title'),
    agenda: textOf(body, 'agenda') ?? '',
    password: textOf(body, 'password') ?? 'Made-up1',
    timezone,
    ...checkedTime(timeIn(body, 'start', timezone), timeIn(body, 'end', timezone), state),
    joinBeforeHost: body['enabledJoinBeforeHost'] === true,
    invitees: inviteesIn(body),
  });
  return ok(showMeeting(meeting, meeting.timezone, state));
}

function update(method: string, meeting: HeldMeeting, call: RestCall, state: MeetingsState): WebexAnswer {
  const { body } = call;
  if (method === 'PUT')
    for (const name of ['title', 'password', 'start', 'end']) if (textOf(body, name) === null) needed(name);
  const timezone = timezoneIn(body) ?? meeting.timezone;
  const isMoved = textOf(body, 'start') !== null || textOf(body, 'end') !== null;
  const time = isMoved
    ? checkedTime(
        timeIn(body, 'start', timezone) ?? meeting.start,
        timeIn(body, 'end', timezone) ?? meeting.end,
        state,
      )
    : {};
  const title = titleIn(body) ?? meeting.title;
  const agenda = textOf(body, 'agenda') ?? meeting.agenda;
  const password = textOf(body, 'password') ?? meeting.password;
  Object.assign(meeting, { ...time, title, agenda, password, timezone } satisfies Partial<MeetingDraft>);
  return ok(showOfSeries(meeting, meeting.timezone, state));
}

function listInvitees(call: RestCall, state: MeetingsState): WebexAnswer {
  return page<HeldInvitee>(call, LIST_LIMITS, (query) => {
    const host = call.hostFor(query.get('hostEmail'));
    const meeting = found(query.get('meetingId') ?? needed('meetingId'), host, state);
    const items = meeting.invitees.toSorted((a, b) => (a.email < b.email ? -1 : 1));
    return { items, show: (invitee) => showInvitee(invitee, meeting) };
  });
}

function invite(call: RestCall, state: MeetingsState): WebexAnswer {
  const { body } = call;
  const meeting = found(textOf(body, 'meetingId') ?? needed('meetingId'), hostIn(call), state);
  const email = textOf(body, 'email') ?? needed('email');
  if (meeting.invitees.some((invitee) => invitee.email.toLowerCase() === email.toLowerCase()))
    throw new WebexRefusal(409, 'User is already a meeting invitee.');
  const invitee = state.newInvitee(meeting.id, { email, displayName: textOf(body, 'displayName') ?? email });
  meeting.invitees = [...meeting.invitees, invitee];
  return ok(showInvitee(invitee, meeting));
}

function hostIn({ body, query, hostFor }: RestCall): MeetingsAccount {
  return hostFor(textOf(body, 'hostEmail') ?? query.get('hostEmail'));
}

function found(id: string, host: MeetingsAccount, state: MeetingsState): HeldMeeting {
  const meeting = state.find(host, id);
  if (meeting === undefined) throw new WebexRefusal(404, 'Meeting not found.');
  return meeting;
}

/** Whole minutes, the start in the running one being the next (spec, `start`). */
function checkedTime(
  start: number | null,
  end: number | null,
  state: MeetingsState,
): { start: number; end: number } {
  const now = state.now();
  const minute = Math.floor((start ?? needed('start')) / MINUTE_MS) * MINUTE_MS;
  const begins = minute === Math.floor(now / MINUTE_MS) * MINUTE_MS ? minute + MINUTE_MS : minute;
  const ends = Math.floor((end ?? needed('end')) / MINUTE_MS) * MINUTE_MS;
  if (begins < now) throw new WebexRefusal(400, 'start cannot be before the current date and time.');
  const minutes = (ends - begins) / MINUTE_MS;
  if (minutes < 10 || minutes >= 24 * 60)
    throw new WebexRefusal(400, 'The duration must be from 10 minutes to 23 hours and 59 minutes.');
  return { start: begins, end: ends };
}

function timeIn(body: Readonly<Record<string, unknown>>, name: string, timezone: string): number | null {
  const text = textOf(body, name);
  if (text === null) return null;
  const local = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)$/.exec(text);
  const at =
    local === null ? Date.parse(text) : instantOfLocal(timezone, Date.parse(`${local[1]}T${local[2]}Z`));
  if (Number.isNaN(at)) throw new WebexRefusal(400, `${name} is no ISO 8601 date and time.`);
  return at;
}

function instantIn(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new WebexRefusal(400, `${name} is no ISO 8601 date and time.`);
  return at;
}

function timezoneIn(body: Readonly<Record<string, unknown>>): string | null {
  const timezone = textOf(body, 'timezone');
  if (timezone !== null && !isTimezone(timezone))
    throw new WebexRefusal(400, 'timezone must be a time zone of the IANA database.');
  return timezone;
}

function titleIn(body: Readonly<Record<string, unknown>>): string | null {
  const title = textOf(body, 'title');
  if (title !== null && (title.trim() === '' || title.length > LONGEST_TITLE))
    throw new WebexRefusal(400, `title must have 1 to ${LONGEST_TITLE} characters.`);
  return title;
}

function inviteesIn(body: Readonly<Record<string, unknown>>): { email: string; displayName: string }[] {
  const invitees: unknown = body['invitees'] ?? [];
  if (!Array.isArray(invitees)) throw new WebexRefusal(400, 'invitees must be an array.');
  return invitees.map((invitee: unknown) => {
    const fields = typeof invitee === 'object' && invitee !== null ? { ...invitee } : {};
    const email = textOf(fields, 'email') ?? needed('invitees.email');
    return { email, displayName: textOf(fields, 'displayName') ?? email };
  });
}

function needed(name: string): never {
  throw new WebexRefusal(400, `${name} is required.`);
}

/** As lists and changes have it: with the series, which is the meeting itself where it does not recur. */
function showOfSeries(meeting: HeldMeeting, timezone: string, state: MeetingsState): object {
  return { ...showMeeting(meeting, timezone, state), meetingSeriesId: meeting.id };
}

function showMeeting(meeting: HeldMeeting, timezone: string, state: MeetingsState): object {
  const site = `${state.siteName}.webex.com`;
  const { id, number, host } = meeting;
  return {
    id,
    meetingNumber: number,
    title: meeting.title,
    agenda: meeting.agenda,
    password: meeting.password,
    phoneAndVideoSystemPassword: '62332784',
    meetingType: 'meetingSeries',
    state: 'active',
    timezone,
    start: rfc3339(meeting.start, timezone),
    end: rfc3339(meeting.end, timezone),
    hostUserId: webexId('PEOPLE', host.webExId),
    hostDisplayName: host.displayName,
    hostEmail: host.email,
    hostKey: '314159',
    siteUrl: site,
    webLink: `https://${site}/${state.siteName}/j.php?MTID=m${id}`,
    sipAddress: `${number}@${site}`,
    enabledAutoRecordMeeting: false,
    enabledJoinBeforeHost: meeting.joinBeforeHost,
    joinBeforeHostMinutes: meeting.joinBeforeHost ? 5 : 0,
    allowAuthenticatedDevices: meeting.joinBeforeHost,
    excludePassword: false,
    publicMeeting: false,
    telephony: { accessCode: number, callInNumbers: [], links: [] },
    scheduledType: 'meeting',
    enabledBreakoutSessions: false,
  };
}

function showInvitee({ id, email, displayName }: HeldInvitee, meeting: HeldMeeting): object {
  return { id, email, displayName, coHost: false, panelist: false, meetingId: meeting.id };
}
