import { Secret } from '../../lib/secret.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { MeetingsError } from './errors.ts';
import type {
  Invitee,
  Meeting,
  MeetingChange,
  MeetingPlan,
  MeetingSummary,
  MeetingTime,
} from './meetings.ts';
import { allWithin, element, textAt, within } from './xml-document.ts';
import { instantOf, xmlTimeOf } from './xml-time.ts';

const MINUTE_MS = 60_000;
/** Seconds before the start, and not minutes as elsewhere (cloud facts 3). */
const JOIN_EARLY_SECONDS = 300;

/** What CreateMeeting takes. */
export function planContent(plan: MeetingPlan): XmlNode[] {
  const { title, agenda, time, invitees, sendEmail, joinBeforeHost, password } = plan;
  return [
    ...(password === null ? [] : [element('accessControl', [element('meetingPassword', password.reveal())])]),
    element('metaData', [
      element('confName', title),
      ...(agenda === null ? [] : [element('agenda', agenda)]),
    ]),
    participantsContent(invitees),
    element('schedule', [
      ...timeContent(time),
      element('openTime', String(joinBeforeHost ? JOIN_EARLY_SECONDS : 0)),
      element('joinTeleconfBeforeHost', String(joinBeforeHost)),
    ]),
    element('attendeeOptions', [element('emailInvitations', String(sendEmail))]),
  ];
}

/** What SetMeeting takes besides the key. */
export function changeContent({ title, agenda, time }: MeetingChange): XmlNode[] {
  const metaData = [
    ...(title === undefined ? [] : [element('confName', title)]),
    ...(agenda === undefined ? [] : [element('agenda', agenda)]),
  ];
  return [
    ...(metaData.length === 0 ? [] : [element('metaData', metaData)]),
    ...(time === undefined ? [] : [element('schedule', timeContent(time))]),
  ];
}

export function participantsContent(invitees: readonly Invitee[]): XmlNode {
  const attendees = invitees.map(({ email, displayName }) =>
    element('attendee', [
      element('person', [element('name', displayName ?? email), element('email', email)]),
    ]),
  );
  return element('participants', [element('attendees', attendees)]);
}

/** Minutes that pass, whatever the clocks do meanwhile. */
function timeContent(time: MeetingTime): XmlNode[] {
  const { startDate, timeZoneID } = xmlTimeOf(time);
  return [
    element('startDate', startDate),
    element('timeZoneID', timeZoneID),
    element('duration', String(Math.round((time.end - time.start) / MINUTE_MS))),
  ];
}

/** A `meeting` of LstsummaryMeeting's answer. */
export function summaryOf(meeting: XmlElement): MeetingSummary {
  return {
    id: textAt(meeting, 'meetingKey'),
    title: textAt(meeting, 'confName'),
    ...timesOf(meeting),
    host: textAt(meeting, 'hostWebExID'),
  };
}

/** GetMeeting's answer. */
export function meetingOf(body: XmlElement): Meeting {
  const schedule = within(body, 'schedule') ?? body;
  const password = textAt(body, 'accessControl', 'meetingPassword');
  return {
    id: textAt(body, 'meetingkey'),
    title: textAt(body, 'metaData', 'confName'),
    agenda: textAt(body, 'metaData', 'agenda') || null,
    ...timesOf(schedule),
    host: textAt(schedule, 'hostWebExID'),
    // Not in the captures of 2016; clients of later years read it.
    sipAddress: textAt(body, 'sipURL') || null,
    password: password === '' ? null : new Secret(password),
    videoPassword: null,
  };
}

/** The invitees in GetMeeting's answer. */
export function inviteesOf(body: XmlElement): Invitee[] {
  const attendees = within(body, 'participants', 'attendees');
  return (attendees === undefined ? [] : allWithin(attendees, 'attendee')).map((attendee) => ({
    email: textAt(attendee, 'person', 'email'),
    displayName: textAt(attendee, 'person', 'name') || null,
  }));
}

function timesOf(parent: XmlElement): { start: number; end: number } {
  const [startDate, timeZoneID, timeZone, duration] = ['startDate', 'timeZoneID', 'timeZone', 'duration'].map(
    (name) => textAt(parent, name),
  );
  const start = instantOf({
    startDate: startDate ?? '',
    timeZoneID: timeZoneID ?? '',
    timeZone: timeZone ?? '',
  });
  if (start === null || !/^\d+$/.test(duration ?? '')) {
    throw new MeetingsError(
      'malformed',
      `the service gives a meeting a time that cannot be read: "${startDate}" in zone ${timeZoneID} (${timeZone}), ${duration} minutes`,
    );
  }
  return { start, end: start + Number(duration) * MINUTE_MS };
}
