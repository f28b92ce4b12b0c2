import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readWebhookPost } from '../../../src/integrations/webex-messaging/incoming.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { WebexStandIn } from '../../../src/simulator/cloud/webex.ts';
import { ADA, clientOf, collect, failureOf, receiver, standInFor } from './world.ts';

const SECRET = 'webhook-secret';
const BOB = 'bob@example.com';
const CARD = {
  type: 'AdaptiveCard',
  version: '1.3',
  body: [{ type: 'TextBlock', text: 'Nobody is in Oslo. Free it?' }],
  actions: [{ type: 'Action.Submit', title: 'Free it', data: { answer: 'free' } }],
};
const PLAN = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x0d, 0x0a, 0x2d, 0x2d, 0, 255]);

/** What the stand-in must hold at the end, however it was asked. */
async function expectWorld(standIn: WebexStandIn, actionId: string): Promise<void> {
  expect(standIn.teams).toMatchObject([{ name: 'Facilities', description: 'Rooms' }]);
  expect(standIn.rooms).toMatchObject([{ title: 'Operations', teamId: standIn.teams[0]?.id }]);
  expect(standIn.memberships).toHaveLength(2);
  const [text, markdown, file, card, reply] = standIn.messages();
  expect(standIn.messages()).toHaveLength(5);
  expect(text).toMatchObject({ text: 'It is on again', markdown: null, edits: 1 });
  expect(markdown).toMatchObject({ markdown: '**on**', text: 'on' });
  expect(file).toMatchObject({ text: 'the plan', files: [expect.stringMatching(/\/contents\//)] });
  expect(card).toMatchObject({ text: 'Free Oslo?', attachments: [{ content: CARD }] });
  expect(reply).toMatchObject({ parentId: text?.id });
  const bytes = await fetch(file?.files[0] ?? '', { headers: { authorization: 'Bearer ada-token' } });
  expect(bytes.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await bytes.arrayBuffer())).toEqual(PLAN);
  expect(standIn.actions).toMatchObject([{ id: actionId, messageId: card?.id, inputs: { answer: 'free' } }]);
}

describe('a journey through Webex', () => {
  it('is made with the client', async () => {
    const standIn = await standInFor();
    const { targetUrl, heard } = await receiver();
    const client = clientOf(standIn, { token: new Secret('ada-token') });
    const team = await client.teams.create({ name: 'Facilities', description: 'Rooms' });
    const room = await client.rooms.create({ title: 'Operations', teamId: team.id });
    await client.memberships.create({ roomId: room.id, personEmail: BOB });
    const secret = new Secret(SECRET);
    for (const resource of ['messages', 'attachmentActions'] as const)
      await client.webhooks.create({ name: 'roomd', targetUrl, resource, event: 'created', secret });
    const target = { roomId: room.id };
    const text = await client.messages.create({ ...target, text: 'It is off' });
    await client.messages.create({ ...target, markdown: '**on**' });
    const file = { name: 'plan.png', contentType: 'image/png', bytes: PLAN };
    await client.messages.create({ ...target, text: 'the plan', file });
    const card = await client.messages.create({ ...target, text: 'Free Oslo?', card: CARD });
    await client.messages.create({ ...target, text: 'looking', parentId: text.id });
    const wrong = await client.messages.create({ ...target, text: 'wrong room' });
    expect(await client.messages.edit(text.id, { ...target, text: 'It is on again' })).toMatchObject({
      text: 'It is on again',
      updated: expect.any(String),
    });
    await client.messages.delete(wrong.id);
    expect((await failureOf(client.messages.get(wrong.id))).code).toBe('not-found');
    const pressed = standIn.press(BOB, card.id, { answer: 'free' });

    await standIn.deliveries();
    const posts = heard.map(({ body, signature }) => readWebhookPost(body, { signature, secret }));
    expect(posts.filter((post) => post?.resource === 'messages')).toHaveLength(6);
    const post = posts.find((one) => one?.resource === 'attachmentActions');
    expect(post).toMatchObject({ event: 'created', data: { id: pressed, messageId: card.id } });
    const action = await client.attachmentActions.get(post?.data.id ?? '');
    const whom = await client.people.get(action.personId ?? '');
    expect([action.inputs, whom.emails]).toEqual([{ answer: 'free' }, [BOB]]);

    const listed = await collect(client.messages.list({ roomId: room.id }));
    expect(listed.map((message) => message.text)).toEqual([
      'looking',
      'Free Oslo?',
      'the plan',
      'on',
      'It is on again',
    ]);
    const members = await collect(client.memberships.list({ roomId: room.id }));
    expect(members.map(({ personEmail }) => personEmail)).toEqual([ADA.email, BOB]);
    await expectWorld(standIn, pressed);
  });

  it('is made by plain HTTP', async () => {
    const standIn = await standInFor();
    const { targetUrl, heard } = await receiver();
    const ask = async (method: string, path: string, body?: object | FormData, token = 'ada-token') => {
      const isForm = body instanceof FormData;
      const response = await fetch(`${standIn.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      });
      const answer = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
      return (answer === '' ? {} : JSON.parse(answer)) as Record<string, unknown>;
    };
    const make = async (path: string, body: object | FormData) =>
      String((await ask('POST', path, body))['id']);
    const teamId = await make('/teams', { name: 'Facilities', description: 'Rooms' });
    const roomId = await make('/rooms', { title: 'Operations', teamId });
    await make('/memberships', { roomId, personEmail: BOB });
    const hook = { name: 'mine', targetUrl, event: 'created', secret: SECRET };
    await make('/webhooks', { ...hook, resource: 'attachmentActions' });
    const text = await make('/messages', { roomId, text: 'It is off' });
    await make('/messages', { roomId, markdown: '**on**' });
    const form = new FormData();
    form.set('roomId', roomId);
    form.set('text', 'the plan');
    form.set('files', new Blob([PLAN], { type: 'image/png' }), 'plan.png');
    await make('/messages', form);
    const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: CARD }];
    const card = await make('/messages', { roomId, text: 'Free Oslo?', attachments });
    await make('/messages', { roomId, text: 'looking', parentId: text });
    const wrong = await make('/messages', { roomId, text: 'wrong room' });
    await ask('PUT', `/messages/${text}`, { roomId, text: 'It is on again' });
    await ask('DELETE', `/messages/${wrong}`);
    const pressed = standIn.press(BOB, card, { answer: 'free' });

    expect(await standIn.deliveries()).toMatchObject([{ status: 200 }]);
    const [post] = heard;
    const expected = createHmac('sha1', SECRET)
      .update(post?.body ?? '')
      .digest('hex');
    expect(post?.signature).toBe(expected);
    const { data } = JSON.parse(post?.body.toString() ?? '') as { data: { id: string } };
    expect(await ask('GET', `/attachment/actions/${data.id}`)).toMatchObject({ inputs: { answer: 'free' } });
    await expectWorld(standIn, pressed);
  });
});

describe('the posts of webhooks', () => {
  it('are taken only with the signature of their very bytes', async () => {
    const standIn = await standInFor({ rooms: [{ id: 'ops', title: 'Ops' }] });
    const { targetUrl, heard } = await receiver();
    const client = clientOf(standIn, { token: new Secret('ada-token') });
    const secret = new Secret(SECRET);
    const made = { name: 'roomd', targetUrl, resource: 'messages', event: 'created', secret } as const;
    const webhook = await client.webhooks.create(made);
    expect(webhook.secret?.reveal()).toBe(SECRET);
    expect(JSON.stringify(webhook)).not.toContain(SECRET);
    await client.messages.create({ roomId: 'ops', text: 'hush' });
    await standIn.deliveries();
    const [{ body, signature } = { body: Buffer.alloc(0), signature: undefined }] = heard;
    expect(body.toString()).not.toContain('hush');
    expect(readWebhookPost(body, { signature, secret })).toMatchObject({ resource: 'messages' });
    expect(readWebhookPost(body, { signature: signature?.toUpperCase(), secret })).not.toBeNull();
    const other = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    for (const [bytes, sign, key] of [
      [other, signature, secret],
      [body, undefined, secret],
      [body, '', secret],
      [body, `${signature ?? ''}00`, secret],
      [body, signature?.replace(/^./, (digit) => (digit === '0' ? '1' : '0')), secret],
      [body, signature, new Secret('another')],
    ] as const)
      expect(readWebhookPost(bytes, { signature: sign, secret: key })).toBeNull();
    const nonsense = Buffer.from('{"id":1}');
    const signed = createHmac('sha1', SECRET).update(nonsense).digest('hex');
    expect(readWebhookPost(nonsense, { signature: signed, secret })).toBeNull();
  });

  it('tell of memberships, of rooms and of what is deleted, to those who are in the room', async () => {
    const standIn = await standInFor({ rooms: [{ id: 'ops', title: 'Ops', members: [ADA.email] }] });
    const { targetUrl, heard } = await receiver();
    const client = clientOf(standIn, { token: new Secret('ada-token') });
    const outsider = clientOf(standIn, { token: new Secret('bot-token') });
    const hook = { name: 'n', targetUrl } as const;
    await outsider.webhooks.create({ ...hook, resource: 'memberships', event: 'created' });
    await client.webhooks.create({ ...hook, resource: 'memberships', event: 'created' });
    await client.webhooks.create({ ...hook, resource: 'messages', event: 'deleted' });
    await client.webhooks.create({ ...hook, resource: 'rooms', event: 'updated' });
    const { id: membershipId } = await client.memberships.create({ roomId: 'ops', personEmail: BOB });
    await standIn.deliveries();
    const { id } = await client.messages.create({ roomId: 'ops', text: 'x' });
    await client.messages.delete(id);
    await standIn.deliveries();
    await client.rooms.update('ops', { title: 'Operations' });
    await standIn.deliveries();
    const told = heard.map(({ body }) => JSON.parse(body.toString()) as { resource: string; data: object });
    expect(told).toMatchObject([
      { resource: 'memberships', data: { id: membershipId, personEmail: BOB }, actorId: ADA.personId },
      { resource: 'messages', event: 'deleted', data: { id } },
      { resource: 'rooms', data: { title: 'Operations' } },
    ]);
  });

  it('come to a bot for messages that mention it, and stop where nobody takes them', async () => {
    const standIn = await standInFor({
      rooms: [{ id: 'ops', title: 'Ops' }],
      webhooks: { mostFailures: 2 },
    });
    const { targetUrl, heard } = await receiver(500);
    const bot = clientOf(standIn, { token: new Secret('bot-token') });
    const ada = clientOf(standIn, { token: new Secret('ada-token') });
    const filter = 'roomId=ops';
    const hook = { name: 'b', targetUrl, resource: 'messages', event: 'created', filter } as const;
    const { id } = await bot.webhooks.create(hook);
    const say = (markdown: string) => ada.messages.create({ roomId: 'ops', markdown });
    await say('nobody');
    await ada.messages.create({ toPersonEmail: 'roomd@webex.bot', text: 'elsewhere' });
    expect(await standIn.deliveries()).toEqual([]);
    for (const words of ['one', 'two', 'three']) {
      await say(`<@personEmail:roomd@webex.bot> ${words}`);
      await standIn.deliveries();
    }
    expect(heard).toHaveLength(2);
    expect(heard[0]?.signature).toBeUndefined();
    expect((await bot.webhooks.get(id)).status).toBe('inactive');
    const again = await bot.webhooks.update(id, { name: 'b', targetUrl, status: 'active' });
    expect(again.status).toBe('active');
    await bot.webhooks.delete(id);
    expect(await collect(bot.webhooks.list())).toEqual([]);
  });
});
