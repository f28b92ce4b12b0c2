import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebexClient, type WebexClient } from '../../../src/integrations/webex-messaging/client.ts';
import type { WebexConnection } from '../../../src/integrations/webex-messaging/transport.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { newKeyPair, selfSign } from '../../../src/simulator/certificate.ts';
import type { WebexStandIn, WebexStandInOptions } from '../../../src/simulator/cloud/webex.ts';
import { collect, failureOf, standInFor as standInOf } from './world.ts';

const clock = systemClock();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const standInFor = (options: Partial<WebexStandInOptions> = {}): Promise<WebexStandIn> =>
  standInOf({ rooms: [{ title: 'Operations' }], ...options });

function clientFor(baseUrl: string, options: Partial<WebexConnection & { token: Secret }> = {}): WebexClient {
  const client = createWebexClient({ baseUrl, token: new Secret('ada-token'), ...options }, { clock });
  closing.unshift(() => client.close());
  return client;
}

async function serve(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

describe('the Webex messaging client', () => {
  it('learns whose token it has', async () => {
    const { url } = await standInFor();
    expect(await clientFor(url, { token: new Secret('bot-token') }).people.me()).toMatchObject({
      id: 'bot',
      emails: ['roomd@webex.bot'],
      displayName: 'roomd',
      type: 'bot',
    });
  });

  it('posts to a room and to people, in a thread too, and reads and deletes what it posted', async () => {
    const { url, rooms, messages } = await standInFor();
    const client = clientFor(`${url}/`);
    const roomId = rooms[0]?.id ?? '';
    const posted = await client.messages.create({ roomId, markdown: '**on**', text: 'on' });
    const reply = await client.messages.create({ roomId, markdown: 'still on', parentId: posted.id });
    const direct = await client.messages.create({ toPersonEmail: 'roomd@webex.bot', text: 'hello' });
    await client.messages.create({ toPersonId: 'bot', text: 'again' });
    expect(messages()).toMatchObject([
      { roomId, markdown: '**on**', text: 'on', parentId: null },
      { roomId, markdown: 'still on', parentId: posted.id },
      { roomType: 'direct', text: 'hello', markdown: null },
      { roomType: 'direct', text: 'again', roomId: direct.roomId },
    ]);
    expect(await client.messages.get(reply.id)).toEqual(reply);
    const listed = await collect(client.messages.list({ roomId }));
    expect(listed.map((message) => message.id)).toEqual([reply.id, posted.id]);
    await client.messages.delete(reply.id);
    expect((await failureOf(client.messages.get(reply.id))).code).toBe('not-found');
  });

  it('follows next-page links to the end', async () => {
    const titles = Array.from({ length: 7 }, (_, room) => `room ${room}`);
    const { url, requests } = await standInFor({ rooms: titles.map((title) => ({ title })), pageSize: 3 });
    const client = clientFor(url);
    const rooms = await collect(client.rooms.list({ type: 'group' }));
    expect(new Set(rooms.map((room) => room.title))).toEqual(new Set(titles));
    expect(requests()).toHaveLength(3);
    expect(await client.rooms.get(rooms[0]?.id ?? '')).toEqual(rooms[0]);
  });

  it('never takes the token to another origin, whatever a next-page link says', async () => {
    const met: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      met.push(request.headers.authorization);
      response.end('{"items":[]}');
    });
    const { url } = await serve((_, response) => {
      response.setHeader('link', `<${other.url}/rooms?cursor=1>; rel="next"`);
      response.end('{"items":[{"id":"one"}]}');
    });
    const failure = await failureOf(collect(clientFor(url).rooms.list()));
    expect(failure.code).toBe('malformed');
    expect(failure.message).toContain(new URL(other.url).origin);
    expect(met).toEqual([]);
  });

  it('waits as long as Retry-After says and then succeeds', async () => {
    const { url, rooms, messages, fail, requests } = await standInFor();
    const client = clientFor(url);
    fail({ status: 429, retryAfterSeconds: 1, times: 1 });
    const startedAt = clock.monotonic();
    await client.messages.create({ roomId: rooms[0]?.id ?? '', text: 'late' });
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(990);
    expect(requests().map((request) => request.status)).toEqual([429, 200]);
    expect(messages()).toHaveLength(1);
  });

  it('gives up at once where the wait asked for reaches beyond the deadline, and tells how long it is', async () => {
    const { url, fail, requests } = await standInFor();
    const client = clientFor(url, { deadlineMs: 5_000 });
    for (const [status, retryAfterSeconds, code, retryAfterMs] of [
      [429, 60, 'rate-limited', 60_000],
      [429, undefined, 'rate-limited', 15_000],
      [423, 30, 'unavailable', 30_000],
      [503, undefined, 'unavailable', 15_000],
    ] as const) {
      fail({ status, times: 1, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
      expect(await failureOf(client.people.me())).toMatchObject({ code, retryAfterMs, retryable: true });
    }
    expect(requests()).toHaveLength(4);
  });

  it('stops waiting when the caller calls it off', async () => {
    const { url, fail } = await standInFor();
    fail({ status: 429, retryAfterSeconds: 20, times: 1 });
    const caller = new AbortController();
    const reason = new Error('enough');
    const call = clientFor(url).people.me({ signal: caller.signal });
    clock.after(50, () => caller.abort(reason));
    await expect(call).rejects.toBe(reason);
  });

  it('asks once with a token that is refused, and names it in no message', async () => {
    const { url, requests } = await standInFor();
    const failure = await failureOf(clientFor(url, { token: new Secret('stolen-words') }).people.me());
    expect(failure).toMatchObject({ code: 'unauthorized', retryable: false });
    expect(failure.trackingId).toMatch(/^STANDIN_/);
    expect(failure.message).toContain(failure.trackingId);
    expect(JSON.stringify([failure.message, failure.details])).not.toContain('stolen-words');
    expect(requests()).toHaveLength(1);
  });

  it.each([
    [400, 'invalid'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'invalid'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [302, 'malformed'],
  ] as const)('reads %i as %s without asking again', async (status, code) => {
    const { url, fail, requests } = await standInFor();
    fail({ status, times: 1 });
    expect((await failureOf(clientFor(url).people.me())).code).toBe(code);
    expect(requests()).toHaveLength(1);
  });

  it('reads a refusal that is no JSON, as proxies give it', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<h1>Bad gateway</h1>');
    });
    expect(await failureOf(clientFor(url).people.me())).toMatchObject({
      code: 'unavailable',
      trackingId: null,
    });
  });

  it('trusts a service by the authority or the certificate that it is given, and no other', async () => {
    const { pem, keyPem, fingerprint256 } = selfSign(newKeyPair(), { commonName: 'webex', now: clock.now() });
    const { url, requests } = await standInFor({ tls: { key: keyPem, cert: pem } });
    expect(await clientFor(url, { tls: { mode: 'ca', ca: pem } }).people.me()).toMatchObject({ id: 'ada' });
    expect(await clientFor(url, { tls: { mode: 'pin', fingerprint256 } }).people.me()).toMatchObject({
      id: 'ada',
    });
    for (const tls of [
      { mode: 'ca' },
      {
        mode: 'pin',
        fingerprint256: fingerprint256.replace(/^../, (first) => (first === '00' ? '01' : '00')),
      },
    ] as const) {
      expect((await failureOf(clientFor(url, { tls }).people.me())).code).toBe('unreachable');
    }
    expect(requests()).toHaveLength(2);
  });

  it('tells a service that is down, slow or another one apart', async () => {
    const { url, server } = await serve((request, response) => {
      if (request.url?.endsWith('/people/me')) response.end('<html>Sign in to the guest network</html>');
    });
    const client = clientFor(url, { deadlineMs: 150 });
    expect((await failureOf(client.people.me())).code).toBe('malformed');
    expect((await failureOf(client.rooms.get('slow'))).code).toBe('deadline');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(client.people.me())).toMatchObject({ code: 'unreachable', retryable: true });
  });
});
