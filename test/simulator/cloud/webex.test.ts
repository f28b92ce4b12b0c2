import { afterEach, describe, expect, it } from 'vitest';
import { webexId } from '../../../src/simulator/cloud/webex/state.ts';
import {
  startWebexStandIn,
  type WebexStandIn,
  type WebexStandInOptions,
} from '../../../src/simulator/cloud/webex.ts';

const bot = {
  personId: webexId('PEOPLE', 'bot'),
  email: 'roomd@webex.bot',
  displayName: 'roomd',
  type: 'bot',
} as const;
const ada = {
  personId: webexId('PEOPLE', 'ada'),
  email: 'ada@example.com',
  displayName: 'Ada',
  type: 'person',
} as const;

let standIn: WebexStandIn | undefined;
afterEach(() => standIn?.stop());

async function start(options: Partial<WebexStandInOptions> = {}): Promise<WebexStandIn> {
  standIn = await startWebexStandIn({
    tokens: { 'bot-token': bot, 'ada-token': ada },
    rooms: [{ title: 'Operations' }],
    ...options,
  });
  return standIn;
}

async function ask(
  target: string,
  {
    token = 'ada-token',
    method = 'GET',
    body,
  }: { token?: string | null; method?: string; body?: object } = {},
) {
  const url = target.startsWith('/') ? `${standIn?.url ?? ''}${target}` : target;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === '' ? null : JSON.parse(text)) as Record<string, unknown> | null;
  return {
    status: response.status,
    headers: response.headers,
    json,
    items: (json?.['items'] ?? []) as Record<string, unknown>[],
  };
}

const post = (body: object) => ask('/messages', { method: 'POST', body });

describe('the stand-in for Webex', () => {
  it('tells who a token belongs to, as JSON in UTF-8, with or without a slash at the end', async () => {
    await start();
    const me = await ask('/people/me', { token: 'bot-token' });
    expect(me.json).toMatchObject({ id: bot.personId, emails: ['roomd@webex.bot'], type: 'bot' });
    expect(me.headers.get('content-type')).toBe('application/json;charset=UTF-8');
    expect((await ask('/people/me/')).json).toMatchObject({ id: ada.personId, type: 'person' });
  });

  it('refuses a call without a token it knows, with the error body and the trackingid header', async () => {
    await start();
    for (const token of [null, 'guessed', '__proto__']) {
      const refused = await ask('/people/me', { token });
      expect(refused.status).toBe(401);
      expect(refused.json).toMatchObject({
        message: expect.any(String),
        errors: [{ description: expect.any(String) }],
      });
      expect(refused.json?.['trackingId']).toBe(refused.headers.get('trackingid'));
    }
  });

  it('keeps a posted message so that it can be read back and deleted', async () => {
    const { rooms, messages } = await start();
    const posted = await ask('/messages', {
      method: 'POST',
      body: { roomId: rooms[0]?.id, markdown: '**Boardroom** is [on](https://x)' },
    });
    expect(posted.status).toBe(200);
    expect(posted.json).toMatchObject({
      text: 'Boardroom is on',
      markdown: '**Boardroom** is [on](https://x)',
      roomType: 'group',
    });
    const id = String(posted.json?.['id']);
    expect(Buffer.from(id, 'base64url').toString()).toMatch(/^ciscospark:\/\/us\/MESSAGE\//);
    expect((await ask(`/messages/${id}`)).json).toEqual(posted.json);
    expect(messages()).toHaveLength(1);
    expect((await ask(`/messages/${id}`, { method: 'DELETE', token: 'bot-token' })).status).toBe(403);
    expect((await ask(`/messages/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`/messages/${id}`)).status).toBe(404);
    expect(messages()).toEqual([]);
  });

  it('makes, lists, renames and deletes rooms, and hides them from those who are not in them', async () => {
    await start({ rooms: [] });
    const made = await ask('/rooms', { method: 'POST', body: { title: 'Oslo' } });
    const path = `/rooms/${String(made.json?.['id'])}`;
    expect((await ask(path, { method: 'PUT', body: { title: 'Oslo, floor 3' } })).json).toMatchObject({
      title: 'Oslo, floor 3',
    });
    expect((await ask('/rooms')).items).toHaveLength(1);
    expect((await ask('/rooms', { token: 'bot-token' })).items).toEqual([]);
    expect((await ask(path, { token: 'bot-token' })).status).toBe(404);
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(path)).status).toBe(404);
    expect((await ask('/rooms', { method: 'POST', body: { title: ' ' } })).status).toBe(400);
  });

  it('pages by an absolute link that holds nothing but a cursor', async () => {
    const { url } = await start({ rooms: ['a', 'b', 'c', 'd', 'e'].map((title) => ({ title })) });
    const titles: string[] = [];
    let next: string | undefined = '/rooms?max=2&sortBy=id';
    const links: string[] = [];
    while (next !== undefined) {
      const page = await ask(next);
      titles.push(...page.items.map((room) => String(room['title'])));
      next = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      if (next !== undefined) links.push(next);
    }
    expect(links).toHaveLength(2);
    for (const link of links) expect(link).toMatch(new RegExp(`^${url}/rooms\\?cursor=[\\w-]+$`));
    expect(titles.toSorted((a, b) => a.localeCompare(b))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await ask('/rooms?cursor=nonsense')).status).toBe(400);
    expect((await ask('/rooms?max=0')).status).toBe(400);
  });

  it('refuses what the service refuses of a message', async () => {
    const { rooms } = await start({ rooms: [{ title: 'Operations' }, { title: 'Other' }] });
    const roomId = rooms[0]?.id;
    expect((await post({ roomId, markdown: 'é'.repeat(3720) })).status).toBe(400);
    expect((await post({ roomId, markdown: 'é'.repeat(3719) })).status).toBe(200);
    expect((await post({ roomId })).status).toBe(400);
    expect((await post({ roomId, toPersonEmail: 'ada@example.com', text: 'x' })).status).toBe(400);
    expect((await post({ text: 'to nobody' })).status).toBe(400);
    expect((await post({ roomId: 'unknown', text: 'x' })).status).toBe(404);
    expect((await post({ toPersonId: 'unknown', text: 'x' })).status).toBe(404);
    const parentId = (await post({ roomId, text: 'parent' })).json?.['id'];
    const reply = await post({ roomId, parentId, text: 'reply' });
    expect(reply.json).toMatchObject({ parentId });
    expect((await post({ roomId, parentId: reply.json?.['id'], text: 'reply to a reply' })).status).toBe(400);
    expect((await post({ roomId: rooms[1]?.id, parentId, text: 'elsewhere' })).status).toBe(400);
    const files = await post({ roomId, text: 'x', files: ['https://x/y.png'] });
    expect(files.json).toMatchObject({ files: ['https://x/y.png'] });
  });

  it('shows a bot only the messages of a group room that mention it', async () => {
    const { rooms } = await start();
    const roomId = rooms[0]?.id ?? '';
    await ask('/messages', { method: 'POST', body: { roomId, markdown: 'to all' } });
    await ask('/messages', {
      method: 'POST',
      body: { roomId, markdown: '<@personEmail:roomd@webex.bot> status' },
    });
    expect((await ask(`/messages?roomId=${roomId}`, { token: 'bot-token' })).status).toBe(403);
    const seen = await ask(`/messages?roomId=${roomId}&mentionedPeople=me`, { token: 'bot-token' });
    expect(seen.items).toMatchObject([{ mentionedPeople: [bot.personId] }]);
    expect(
      (await ask(`/messages?roomId=${roomId}&mentionedPeople=me&max=101`, { token: 'bot-token' })).status,
    ).toBe(400);
    expect((await ask(`/messages?roomId=${roomId}`)).items).toHaveLength(2);
  });

  it('opens a direct room for a message to a person', async () => {
    await start({ rooms: [] });
    const sent = await ask('/messages', {
      token: 'bot-token',
      method: 'POST',
      body: { toPersonEmail: ada.email, text: 'hello' },
    });
    expect(sent.json).toMatchObject({ roomType: 'direct' });
    const again = await ask('/messages', {
      token: 'bot-token',
      method: 'POST',
      body: { toPersonId: ada.personId, text: 'again' },
    });
    expect(again.json?.['roomId']).toBe(sent.json?.['roomId']);
    const direct = await ask('/messages/direct?personEmail=roomd@webex.bot');
    expect(direct.items.map((message) => message['text'])).toEqual(['again', 'hello']);
  });

  it('answers an error on demand, with Retry-After, as often as told', async () => {
    const { fail } = await start();
    fail({ status: 429, retryAfterSeconds: 7, times: 2 });
    for (const _ of [1, 2]) {
      const limited = await ask('/people/me');
      expect(limited.status).toBe(429);
      expect(limited.headers.get('retry-after')).toBe('7');
    }
    expect((await ask('/people/me')).status).toBe(200);
  });

  it('refuses what is not JSON, unknown paths and wrong methods', async () => {
    const { url } = await start();
    const authorization = 'Bearer ada-token';
    const plain = await fetch(`${url}/messages`, {
      method: 'POST',
      headers: { authorization },
      body: 'text',
    });
    expect(plain.status).toBe(415);
    const broken = await fetch(`${url}/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
    expect((await ask('/nothing')).status).toBe(404);
    expect((await ask('/rooms', { method: 'DELETE' })).status).toBe(405);
  });
});
