import { escapeXml } from '../xml-writer.ts';
import type { HeldMeeting } from './meetings-state.ts';
import { type XmlZone, xmlDate } from './meetings-zones.ts';

/** Thrown by an operation; becomes a FAILURE under HTTP 200. */
export class XmlFailure extends Error {
  readonly exceptionId: string;

  constructor(exceptionId: string, reason: string) {
    super(reason);
    this.name = 'XmlFailure';
    this.exceptionId = exceptionId;
  }
}

/** An element with its text, or with its children as text that is XML already. */
export function tag(name: string, content: string | number | boolean): string {
  return `<${name}>${escapeXml(String(content))}</${name}>`;
}

export function group(name: string, ...children: readonly string[]): string {
  return children.length === 0 ? `<${name}/>` : `<${name}>${children.join('')}</${name}>`;
}

type Service = 'meeting' | 'user';

const OWN_NAMESPACES: Readonly<Record<Service, string>> = {
  meeting:
    ' xmlns:meet="http://www.webex.com/schemas/2002/06/service/meeting" xmlns:att="http://www.webex.com/schemas/2002/06/service/attendee"',
  user: ' xmlns:use="http://www.webex.com/schemas/2002/06/service/user"',
};

/** The envelope of the captures, with the result and what is said of a failure. */
export function envelope(service: Service, response: readonly string[], bodyContent: string): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    '<serv:message xmlns:serv="http://www.webex.com/schemas/2002/06/service" xmlns:com="http://www.webex.com/schemas/2002/06/common"',
    `${OWN_NAMESPACES[service]}>`,
    group('serv:header', group('serv:response', ...response)),
    group('serv:body', bodyContent),
    '</serv:message>',
  ].join('');
}

export function successDocument(service: Service, type: string, children: readonly string[]): string {
  const content = `<serv:bodyContent xsi:type="${type}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${children.join('')}</serv:bodyContent>`;
  return envelope(service, [tag('serv:result', 'SUCCESS'), tag('serv:gsbStatus', 'PRIMARY')], content);
}

export function failureDocument(service: Service, exceptionId: string, reason: string): string {
  const response = [
    tag('serv:result', 'FAILURE'),
    tag('serv:reason', reason),
    tag('serv:gsbStatus', 'PRIMARY'),
    tag('serv:exceptionID', exceptionId),
  ];
  return envelope(service, response, '<serv:bodyContent/>');
}

/** `meet:iCalendarURL`, as CreateMeeting, SetMeeting and DelMeeting answer it. */
export function calendarUrls(meeting: HeldMeeting, site: string): string {
  const url = `https://${site}.webex.com/${site}/j.php?MTID=`;
  return group(
    'meet:iCalendarURL',
    tag('serv:host', `${url}h${meeting.id}`),
    tag('serv:attendee', `${url}a${meeting.id}`),
  );
}

/** A `meet:meeting` of LstsummaryMeeting. */
export function summary(meeting: HeldMeeting, zone: XmlZone): string {
  return group(
    'meet:meeting',
    tag('meet:meetingKey', meeting.number),
    tag('meet:confName', meeting.title),
    tag('meet:meetingType', 3),
    tag('meet:hostWebExID', meeting.host.webExId),
    tag('meet:otherHostWebExID', ''),
    tag('meet:timeZoneID', zone.id),
    tag('meet:timeZone', zone.label),
    tag('meet:status', 'NOT_INPROGRESS'),
    tag('meet:startDate', xmlDate(meeting.start, zone.name)),
    tag('meet:duration', minutesOf(meeting)),
    tag('meet:listStatus', 'PRIVATE'),
    tag('meet:hostJoined', false),
    tag('meet:participantsJoined', false),
    tag('meet:telePresence', false),
  );
}

/** What GetMeeting answers: the captured groups in their order; of `enableOptions` the first three switches. */
export function details(meeting: HeldMeeting, zone: XmlZone, site: string): string[] {
  return [
    group(
      'meet:accessControl',
      tag('meet:listToPublic', false),
      tag('meet:isPublic', false),
      tag('meet:meetingPassword', meeting.password),
    ),
    group(
      'meet:metaData',
      tag('meet:confName', meeting.title),
      tag('meet:meetingType', 3),
      tag('meet:agenda', meeting.agenda),
      tag('meet:invitation', ''),
      tag('meet:isInternal', false),
    ),
    group('meet:participants', tag('meet:maxUserNumber', 4), attendees(meeting)),
    group('meet:enableOptions', tag('meet:chat', true), tag('meet:poll', true), tag('meet:audioVideo', true)),
    schedule(meeting, zone),
    group(
      'meet:telephony',
      tag('meet:telephonySupport', 'CALLIN'),
      tag('meet:numPhoneLines', 50),
      tag('meet:enableTSP', false),
      tag('meet:intlLocalCallIn', false),
      '<meet:callInNum/>',
      tag('meet:isMPAudio', true),
    ),
    '<meet:tracking/>',
    group('meet:repeat', tag('meet:repeatType', 'NO_REPEAT')),
    '<meet:remind/>',
    group(
      'meet:attendeeOptions',
      tag('meet:request', false),
      tag('meet:registration', false),
      tag('meet:auto', false),
    ),
    tag('meet:meetingkey', meeting.number),
    tag('meet:status', 'NOT_INPROGRESS'),
    tag('meet:hostJoined', false),
    tag('meet:participantsJoined', false),
    tag('meet:telePresence', false),
    tag('meet:hostKey', '314159'),
    tag('meet:eventID', meeting.number),
    tag('meet:guestToken', meeting.id),
    tag('meet:hostType', '1019001'),
    // Not in the captures of 2016; clients of later years read it here.
    tag('meet:sipURL', `${meeting.number}@${site}.webex.com`),
  ];
}

function schedule(meeting: HeldMeeting, zone: XmlZone): string {
  return group(
    'meet:schedule',
    tag('meet:startDate', xmlDate(meeting.start, zone.name)),
    tag('meet:timeZoneID', zone.id),
    tag('meet:timeZone', zone.label),
    tag('meet:duration', minutesOf(meeting)),
    tag('meet:openTime', meeting.joinBeforeHost ? 300 : 0),
    tag('meet:hostWebExID', meeting.host.webExId),
    tag('meet:joinTeleconfBeforeHost', meeting.joinBeforeHost),
  );
}

/** The prefixes within an attendee are those that the schema's types suggest; no capture has one. */
function attendees({ invitees }: HeldMeeting): string {
  const each = invitees.map(({ email, displayName }) =>
    group('meet:attendee', group('att:person', tag('com:name', displayName), tag('com:email', email))),
  );
  return group('meet:attendees', ...each);
}

function minutesOf({ start, end }: HeldMeeting): number {
  return (end - start) / 60_000;
}
