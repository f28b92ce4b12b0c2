import { afterEach, describe, expect, it } from 'vitest';
import {
  type MeetingsStandIn,
  type MeetingsStandInOptions,
  startMeetingsStandIn,
} from '../../../src/simulator/cloud/meetings.ts';

const ada = {
  webExId: 'ada',
  email: 'ada@example.com',
  displayName: 'Ada',
  password: 'right',
  tokens: ['token'],
};

let standIn: MeetingsStandIn | undefined;
afterEach(() => standIn?.stop());

async function start(options: Partial<MeetingsStandInOptions> = {}): Promise<MeetingsStandIn> {
  standIn = await startMeetingsStandIn({ accounts: [ada], ...options });
  return standIn;
}

async function ask(
  target: string,
  options: { method?: string; body?: object; token?: string | null; headers?: Record<string, string> } = {},
) {
  const { method = 'GET', body, token = 'token', headers = {} } = options;
  const response = await fetch(target.startsWith('/') ? `${standIn?.restUrl}${target}` : target, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown> & { items?: object[] },
    text,
  };
}

const plan = {
  title: 'Stand-up',
  start: '2033-07-01T08:00:00Z',
  end: '2033-07-01T08:30:00Z',
  timezone: 'Europe/Berlin',
};

/** A document as clients write it that know nothing of namespaces. */
function bare(type: string, content: string, proof = '<password>right</password>'): string {
  return `<serv:message><header><securityContext>${proof}<webExID>ada</webExID><siteName>example</siteName></securityContext></header><body><bodyContent xsi:type="java:com.webex.service.binding.${type}">${content}</bodyContent></body></serv:message>`;
}

async function post(document: string, { contentType = 'text/xml', slash = '' } = {}): Promise<string> {
  const answer = await fetch(`${standIn?.xmlUrl}${slash}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: document,
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

function textOf(document: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1] ?? '';
}

describe('the stand-in for Webex Meetings by REST', () => {
  it('shows times in the zone of the meeting to who makes it, and else in the one that is asked for', async () => {
    await start();
    const made = await ask('/meetings', { method: 'POST', body: plan });
    expect(made.json).toMatchObject({
      start: '2033-07-01T10:00:00+02:00',
      timezone: 'Europe/Berlin',
      hostEmail: ada.email,
    });
    const path = `/meetings/${String(made.json['id'])}/`;
    expect((await ask(path)).json).toMatchObject({ start: '2033-07-01T08:00:00Z', timezone: 'UTC' });
    expect((await ask(path, { headers: { timezone: 'Asia/Kolkata' } })).json).toMatchObject({
      start: '2033-07-01T13:30:00+05:30',
    });
    expect((await ask(path, { headers: { timezone: 'Mars/Olympus' } })).status).toBe(400);
  });

  it('takes local times with a zone, and whole minutes of others', async () => {
    const { meetings } = await start();
    const local = { ...plan, start: '2033-07-01 10:00:00', end: '2033-07-01 11:00:00' };
    await ask('/meetings', { method: 'POST', body: local });
    await ask('/meetings', {
      method: 'POST',
      body: { ...plan, start: '2033-07-01T08:00:41Z', end: '2033-07-01T08:30:59Z' },
    });
    const start8 = Date.parse('2033-07-01T08:00:00Z');
    expect(meetings().map((held) => [held.start, held.end])).toEqual([
      [start8, start8 + 3_600_000],
      [start8, start8 + 1_800_000],
    ]);
  });

  it('refuses what the service refuses of a meeting', async () => {
    const { meetings } = await start();
    const refused = [
      { ...plan, title: '' },
      { ...plan, title: 'x'.repeat(129) },
      { ...plan, start: undefined },
      { ...plan, start: 'soon' },
      { ...plan, start: '2013-07-01T08:00:00Z' },
      { ...plan, end: '2033-07-01T08:09:00Z' },
      { ...plan, end: '2033-07-02T08:00:00Z' },
      { ...plan, timezone: 'Mars/Olympus' },
      { ...plan, invitees: [{ displayName: 'nobody' }] },
    ];
    for (const body of refused) expect((await ask('/meetings', { method: 'POST', body })).status).toBe(400);
    expect(meetings()).toEqual([]);
    for (const token of [null, 'guessed', '__proto__'])
      expect((await ask('/meetings', { token })).status).toBe(401);
    expect((await ask('/meetings/none')).status).toBe(404);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await ask('/meetings/%E0%A4')).status).toBe(404);
    expect((await ask('/meetings?hostEmail=bob@example.com')).status).toBe(403);
    expect((await ask('/meetings', { method: 'DELETE' })).status).toBe(405);
    expect((await ask('/meetings?meetingType=meeting')).status).toBe(501);
    const typed = await ask('/meetings', {
      method: 'POST',
      body: plan,
      headers: { 'content-type': 'text/plain' },
    });
    expect(typed.status).toBe(415);
  });

  it('pages by absolute links, which hold nothing but a cursor', async () => {
    const { restUrl } = await start();
    for (let minute = 0; minute < 5; minute += 1)
      await ask('/meetings', { method: 'POST', body: { ...plan, title: `meeting ${minute}` } });
    let next: string | undefined = '/meetings?from=2033-07-01&to=2033-07-02&max=2';
    const titles: unknown[] = [];
    const links: string[] = [];
    while (next !== undefined) {
      const page = await ask(next);
      titles.push(...(page.json.items ?? []).map((item) => (item as { title: string }).title));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      if (next !== undefined) links.push(next);
    }
    expect(links).toHaveLength(2);
    for (const link of links) expect(link).toMatch(new RegExp(`^${restUrl}/meetings\\?cursor=[\\w-]+$`));
    expect(titles).toEqual(['meeting 0', 'meeting 1', 'meeting 2', 'meeting 3', 'meeting 4']);
  });

  it('invites each person once', async () => {
    await start();
    const made = await ask('/meetings', { method: 'POST', body: plan });
    const body = { meetingId: made.json['id'], email: 'bob@example.com' };
    expect((await ask('/meetingInvitees', { method: 'POST', body })).json).toMatchObject({
      email: 'bob@example.com',
    });
    const again = await ask('/meetingInvitees', { method: 'POST', body });
    expect(again.status).toBe(409);
    expect(again.json['message']).toBe('User is already a meeting invitee.');
  });

  it('forgets a token that is revoked', async () => {
    const { revoke } = await start();
    expect((await ask('/meetings')).status).toBe(200);
    revoke('token');
    expect((await ask('/meetings')).status).toBe(401);
  });
});

describe('the stand-in for Webex Meetings by XML', () => {
  it('takes documents without declared namespaces, of any content type, with elements in any order', async () => {
    const { meetings } = await start();
    const content = `<schedule><duration>20</duration><timeZoneID>4</timeZoneID><startDate>07/01/2033 01:00:00</startDate></schedule><metaData><agenda>Numbers</agenda><confName>A &amp; B</confName></metaData><accessControl><meetingPassword>p</meetingPassword></accessControl>`;
    const document = bare('meeting.CreateMeeting', content);
    const reversed = document.replace(/(<header>.*<\/header>)(<body>.*<\/body>)/, '$2$1');
    for (const contentType of ['text/xml', 'application/xml', 'text/plain'])
      expect(textOf(await post(document, { contentType, slash: '/' }), 'serv:result')).toBe('SUCCESS');
    expect(textOf(await post(reversed), 'serv:result')).toBe('SUCCESS');
    const start8 = Date.parse('2033-07-01T08:00:00Z');
    const held = { title: 'A & B', agenda: 'Numbers', start: start8, end: start8 + 20 * 60_000 };
    expect(meetings()).toMatchObject([held, held, held, held]);
  });

  it('takes an empty start date for now', async () => {
    const { meetings } = await start({ xml: { needsPassword: false } });
    const answer = await post(
      bare(
        'meeting.CreateMeeting',
        '<metaData><confName>x</confName></metaData><schedule><startDate/></schedule>',
      ),
    );
    expect(textOf(answer, 'serv:result')).toBe('SUCCESS');
    expect(Math.abs((meetings()[0]?.start ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('answers FAILURE under 200 to what it cannot read, does not know or does not let in', async () => {
    await start();
    const failures: [string, string][] = [
      ['no XML at all', '999999'],
      ['<serv:message/>', '999999'],
      [bare('meeting.StartMeeting', ''), '999999'],
      [bare('meeting.\nCreateMeeting', ''), '999999'],
      [bare('meeting.GetMeeting', '<meetingKey>1</meetingKey>'), '060001'],
      [bare('meeting.GetMeeting', '', '<password>wrong</password>'), '030002'],
      [bare('meeting.GetMeeting', '', '<webExAccessToken>wrong</webExAccessToken>'), '030002'],
      [bare('meeting.GetMeeting', '', '<sessionTicket>wrong</sessionTicket>'), '030047'],
      [bare('meeting.CreateMeeting', ''), '060026'],
    ];
    for (const [document, exceptionId] of failures) {
      const answer = await post(document);
      expect(textOf(answer, 'serv:result'), `to ${document}`).toBe('FAILURE');
      expect(textOf(answer, 'serv:exceptionID'), `to ${document}`).toBe(exceptionId);
    }
  });

  it('takes an access token in place of a password', async () => {
    await start();
    const answer = await post(
      bare('meeting.LstsummaryMeeting', '', '<webExAccessToken>token</webExAccessToken>'),
    );
    expect(textOf(answer, 'serv:total')).toBe('0');
  });

  it('pages a list by where it starts and how much it takes, newest first where that is asked for', async () => {
    await start();
    for (const hour of ['08', '09', '10'])
      await ask('/meetings', {
        method: 'POST',
        body: {
          ...plan,
          title: `at ${hour}`,
          start: `2033-07-01T${hour}:00:00Z`,
          end: `2033-07-01T${hour}:30:00Z`,
        },
      });
    const page = await post(
      bare(
        'meeting.LstsummaryMeeting',
        '<listControl><startFrom>2</startFrom><maximumNum>1</maximumNum></listControl>',
      ),
    );
    expect(['total', 'returned', 'startFrom'].map((name) => textOf(page, `serv:${name}`))).toEqual([
      '3',
      '1',
      '2',
    ]);
    expect(textOf(page, 'meet:confName')).toBe('at 09');
    expect(textOf(page, 'meet:startDate')).toBe('07/01/2033 11:00:00');
    const newest = await post(
      bare('meeting.LstsummaryMeeting', '<order><orderBy>STARTTIME</orderBy><orderAD>DESC</orderAD></order>'),
    );
    expect(textOf(newest, 'meet:confName')).toBe('at 10');
  });
});

describe('the faults of a stand-in', () => {
  it('hit only the operation that they are for, as often as told, and are counted', async () => {
    const { fault, requests } = await start();
    fault({ kind: 'status', status: 429, retryAfterSeconds: 7, times: 2, operation: 'POST /meetings' });
    expect((await ask('/meetings')).status).toBe(200);
    for (const _ of [1, 2]) {
      const limited = await ask('/meetings', { method: 'POST', body: plan });
      expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    }
    expect((await ask('/meetings', { method: 'POST', body: plan })).status).toBe(200);
    expect(requests().map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'GET /meetings 200',
      'POST /meetings 429',
      'POST /meetings 429',
      'POST /meetings 200',
    ]);
  });

  it('answer late, in half, or with the page of a proxy', async () => {
    const { fault, meetings } = await start();
    fault({ kind: 'html', times: 1 });
    expect((await ask('/meetings')).text).toContain('<html>');
    fault({ kind: 'truncated', times: 1 });
    await expect(ask('/meetings', { method: 'POST', body: plan })).rejects.toThrow(/terminated|failed/);
    expect(meetings()).toHaveLength(1);
    fault({ kind: 'slow', delayMs: 60, times: 1 });
    const began = performance.now();
    await ask('/meetings');
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
  });

  it('do not keep it from stopping', async () => {
    const { fault, requests, stop } = await start();
    fault({ kind: 'slow', delayMs: 3_600_000, times: 1 });
    const late = ask('/meetings').catch((error: unknown) => error);
    await expect.poll(() => requests().length).toBe(1);
    await stop();
    expect(await late).toBeInstanceOf(Error);
  });

  it('are not needed to be told that a body is too large', async () => {
    await start();
    const large = await ask('/meetings', {
      method: 'POST',
      body: { ...plan, agenda: 'x'.repeat(1_100_000) },
    });
    expect(large.status).toBe(413);
  });
});
