import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterEach, describe, expect, it } from 'vitest';
import { type MeetingsStandIn, startMeetingsStandIn } from '../../../src/simulator/cloud/meetings.ts';

const root = process.env['ROOMD_FIXTURES'];
const folder = root === undefined ? '' : join(root, 'cloud/webex-xml');
if (root === undefined) {
  console.log('ROOMD_FIXTURES is not set: the stand-in for Webex Meetings is not held to recorded documents');
}

let standIn: MeetingsStandIn | undefined;
afterEach(() => standIn?.stop());

async function start(): Promise<MeetingsStandIn> {
  standIn = await startMeetingsStandIn({
    accounts: [
      {
        webExId: '123456',
        email: 'ada@example.com',
        displayName: 'Ada',
        password: 'test',
        tokens: ['token'],
      },
    ],
    siteName: 'test',
    xml: { needsPassword: false },
  });
  return standIn;
}

async function post(document: string): Promise<string> {
  const answer = await fetch(standIn?.xmlUrl ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: document,
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

function recorded(name: string): string {
  const text = readFileSync(join(folder, name), 'utf8');
  return text.slice(text.indexOf('<?xml'));
}

function textOf(document: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1] ?? '';
}

/** Every element as the path of names from the root, prefixes included, in the order of the document. */
function pathsOf(document: string): string[] {
  const paths: string[] = [];
  const open: string[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const type = attributes['xsi:type'];
    open.push(type === undefined ? name : `${name}(${type})`);
    paths.push(open.join('/'));
  });
  parser.on('closetag', () => void open.pop());
  parser.write(document).close();
  return paths;
}

/** What a request of the collection needs to name: filled in as the tool does that it was made for. */
function filled(document: string, values: Readonly<Record<string, string>>): string {
  return document.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '');
}

/** What the stand-in does not serve. */
const NOT_SERVED = [
  'General-Session-Service_LstsummarySession.xml',
  'Meeting-Attendee-Service_LstMeetingAttendee.xml',
  'Meeting-Type-Service_LstMeetingType.xml',
  'Site-Service_GetSite.xml',
  'User-Service_GetLoginTicket.xml',
  'User-Service_GetUser.xml',
  'User-Service_GetloginurlUser.xml',
];

/** Elements of GetMeeting's answer on one side only: switches that say nothing here, and what came after 2016. */
const ONLY_RECORDED =
  /\/meet:(?:enableOptions|schedule\/meet:(?:showFile|entryExitTone|extNotifyTime|firstAttendee)|attendeeOptions\/meet:(?:participantLimit|excludePassword|joinRequiresAccount))/;
const ONLY_HERE = /\/meet:sipURL$/;

describe('the recorded documents of the XML API', () => {
  it.skipIf(root === undefined)('are where ROOMD_FIXTURES says', () => {
    expect(existsSync(folder), `${folder} is missing`).toBe(true);
  });

  it.skipIf(root === undefined)(
    'are accepted one after another, and answered by what was recorded',
    async () => {
      const { meetings } = await start();
      const made = await post(recorded('erolms/meeting_create_meeting_request.xml'));
      expect(pathsOf(made)).toEqual(pathsOf(recorded('erolms/meeting_create_meeting_response_good.xml')));
      expect(meetings()).toMatchObject([{ title: 'Test-Meeting via XML API', timezone: 'Europe/Berlin' }]);
      const key = textOf(made, 'meet:meetingkey');
      const about = (name: string): string =>
        recorded(`erolms/meeting_${name}_request.xml`).replace('123456789', key);

      const got = pathsOf(await post(about('get_meeting')));
      const expected = pathsOf(recorded('erolms/meeting_get_meeting_response_good.xml'));
      expect(got.filter((path) => !ONLY_HERE.test(path) && !ONLY_RECORDED.test(path))).toEqual(
        expected.filter((path) => !ONLY_RECORDED.test(path)),
      );
      expect(got.filter((path) => !expected.includes(path) && !ONLY_HERE.test(path))).toEqual([]);

      const joining = await post(about('getjoinurl_meeting'));
      expect(pathsOf(joining)).toEqual(
        pathsOf(recorded('erolms/meeting_getjoinurl_meeting_response_good.xml')),
      );
      const deleted = await post(about('del_meeting'));
      expect(pathsOf(deleted)).toEqual(pathsOf(recorded('erolms/meeting_del_meeting_response_good.xml')));
      expect(meetings()).toEqual([]);
    },
  );

  it.skipIf(root === undefined).each(['get_meeting', 'getjoinurl_meeting', 'del_meeting'])(
    'are refused as recorded where %s names a meeting that is not there',
    async (name) => {
      await start();
      const answer = await post(recorded(`erolms/meeting_${name}_request.xml`));
      expect(answer.trim()).toBe(recorded(`erolms/meeting_${name}_response_bad.xml`).trim());
    },
  );

  it.skipIf(root === undefined)('are refused as recorded where a site wants passwords', async () => {
    const { stop } = await start();
    await stop();
    standIn = await startMeetingsStandIn({
      accounts: [
        { webExId: '123456', email: 'a@example.com', displayName: 'A', password: 'test', tokens: [] },
      ],
    });
    const answer = await post(recorded('erolms/meeting_create_meeting_request.xml'));
    expect(answer.trim()).toBe(recorded('erolms/meeting_create_meeting_response_bad.xml').trim());
  });

  it.skipIf(root === undefined)('of a collection for another tool run as it runs them', async () => {
    const { meetings } = await start();
    const names = readdirSync(join(folder, 'postman-requests')).filter((name) => name.endsWith('.xml'));
    const values: Record<string, string> = {
      SITE_NAME: 'test',
      WEBEXID: '123456',
      PASSWORD: 'test',
      ACCESS_TOKEN: 'token',
      _MEETING_START_DATE: '06/09/2033 15:51:00',
    };
    const run = (name: string): Promise<string> => post(filled(recorded(`postman-requests/${name}`), values));
    for (const name of [
      'User-Service_AuthenticateUser-password-.xml',
      'User-Service_AuthenticateUser-access-token-.xml',
    ]) {
      const answer = await run(name);
      expect(textOf(answer, 'serv:result')).toBe('SUCCESS');
      values['_SESSION_TICKET'] = textOf(answer, 'use:sessionTicket');
    }
    const made = await run('Meeting-Service_CreateMeeting.xml');
    values['_MEETING_KEY'] = textOf(made, 'meet:meetingkey');
    expect(meetings()).toMatchObject([
      {
        title: 'Sample Meeting',
        start: Date.parse('2033-06-09T22:51:00Z'),
        invitees: [{ email: 'johndoe@apidemoeu.com', displayName: 'John Doe' }],
      },
    ]);
    const served = [
      'Meeting-Service_LstsummaryMeeting.xml',
      'Meeting-Service_GetMeeting.xml',
      'Meeting-Service_GetjoinurlMeeting.xml',
      'Meeting-Service_DelMeeting.xml',
    ];
    for (const name of served) expect(textOf(await run(name), 'serv:result'), `of ${name}`).toBe('SUCCESS');
    expect(meetings()).toEqual([]);
    const others = names.filter(
      (name) => !/AuthenticateUser|CreateMeeting/.test(name) && !served.includes(name),
    );
    expect(others).toEqual(NOT_SERVED);
    for (const name of others)
      expect(textOf(await run(name), 'serv:reason'), `of ${name}`).toBe(
        'This stand-in does not serve that operation',
      );
  });
});
