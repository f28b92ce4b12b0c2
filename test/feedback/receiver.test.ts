import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ReceiverError } from '../../src/feedback/listen-address.ts';
import { Live } from '../../src/feedback/live.ts';
import { POST_LIMITS } from '../../src/feedback/parse.ts';
import { type PostSink, Receiver, type ReceiverOptions } from '../../src/feedback/receiver.ts';
import { Recorder } from '../../src/feedback/recorder.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import { newRegistry, type Registry } from '../../src/lib/metrics.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { readEvents } from '../../src/storage/events.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { countPost, jsonPost, presencePost } from './posts.ts';
import { post, raw } from './receiver-client.ts';
import { addDevices, until } from './support.ts';

const clock = systemClock();

let temporary: TemporaryDatabase;
let recorder: Recorder;
let registry: Registry;
let receiver: Receiver;
let lines: string[];

beforeEach(async () => {
  temporary = await temporaryDatabase();
  await addDevices(temporary.database, 3);
  recorder = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database: temporary.database, clock, live: new Live(), logger: silentLogger },
  );
  lines = [];
  await listen();
});

afterEach(async () => {
  await receiver.stop();
  await temporary.close();
});

describe('a post that is taken', () => {
  test('is in the database when the answer comes, and nothing of who says so is', async () => {
    expect(await post(port(), '/feedback/token-1', presencePost('Yes'))).toBe(200);
    const events = await stored();
    expect(events).toMatchObject([
      { deviceId: 1, kind: 'status', path: 'RoomAnalytics.PeoplePresence', source: 'webhook' },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/10\.0\.3\.11|Boardroom|SystemName/);
  });

  test('may be JSON, come in pieces, without a length or a type, in TMS mode', async () => {
    const json = jsonPost('Status', { RoomAnalytics: { PeoplePresence: { Value: 'No' } } });
    expect(
      await post(port(), '/feedback/token-2', json, { headers: { 'content-type': 'application/json' } }),
    ).toBe(200);
    const body = presencePost('Yes');
    const chunked = await raw(port(), [
      'POST /feedback/token-1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n',
      `64\r\n${body.slice(0, 100)}\r\n`,
      `${(body.length - 100).toString(16)}\r\n${body.slice(100)}\r\n0\r\n\r\n`,
    ]);
    expect(chunked).toMatch(/^HTTP\/1\.1 200 /);
    expect(await post(port(), '/feedback/token-1', '<Envelope><Body/></Envelope>')).toBe(200);
    expect((await stored()).map(({ deviceId }) => deviceId)).toEqual([2, 1]);
    expect(await counted()).toEqual({ stored: 2, ignored: 1 });
  });

  test('stands in the log in the order of arrival, over one connection and many devices', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const counts = Array.from({ length: 100 }, (_, at) => at);
    const answers = await Promise.all(
      counts.map((people) => post(port(), '/feedback/token-1', countPost(people), { agent })),
    );
    agent.destroy();
    expect(new Set(answers)).toEqual(new Set([200]));
    const told = (await stored()).map(
      ({ payload }) => JSON.stringify(payload).match(/Current":"(\d+)"/)?.[1],
    );
    expect(told).toEqual(counts.map(String));
  });
});

describe('a post that is not taken leaves nothing behind', () => {
  test.each<[string, number, string, string | Buffer, Record<string, string>, string]>([
    ['a wrong token', 404, '/feedback/token-9', presencePost('Yes'), {}, 'wrong-token'],
    ['no token', 404, '/feedback/', presencePost('Yes'), {}, 'wrong-token'],
    ['another path', 404, '/', presencePost('Yes'), {}, 'wrong-token'],
    ['an endless URL', 404, `/feedback/${'a'.repeat(4_000)}`, presencePost('Yes'), {}, 'wrong-token'],
    ['another serial number', 403, '/feedback/token-3', presencePost('Yes', 'OTHER'), {}, 'wrong-serial'],
    ['a picture', 415, '/feedback/token-1', 'x', { 'content-type': 'image/png' }, 'wrong-type'],
    [
      'another charset',
      415,
      '/feedback/token-1',
      'x',
      { 'content-type': 'text/xml; charset=utf-16' },
      'wrong-type',
    ],
    ['compression', 415, '/feedback/token-1', 'x', { 'content-encoding': 'gzip' }, 'wrong-type'],
    ['nothing', 400, '/feedback/token-1', '', {}, 'malformed'],
    ['a truncated body', 400, '/feedback/token-1', presencePost('Yes').slice(0, -30), {}, 'malformed'],
    ['bytes that are no UTF-8', 400, '/feedback/token-1', Buffer.from([0x3c, 0xff]), {}, 'malformed'],
    ['an entity bomb', 400, '/feedback/token-1', bomb(), {}, 'malformed'],
    ['deep nesting', 400, '/feedback/token-1', '<Status>'.repeat(9_000), {}, 'too-deep'],
    ['deep JSON', 400, '/feedback/token-1', `{"Status":${'['.repeat(90_000)}`, {}, 'malformed'],
    ['another document', 400, '/feedback/token-1', '<Command/>', {}, 'not-feedback'],
    ['too many bytes', 413, '/feedback/token-1', ' '.repeat(POST_LIMITS.maxBytes + 1), {}, 'too-large'],
  ])('%s', async (_what, status, path, body, headers, result) => {
    expect(await post(port(), path, body, { headers })).toBe(status);
    expect(await counted()).toEqual({ [result]: 1 });
    expect(await stored()).toEqual([]);
  });

  test('another method, a body that is announced shorter than it is sent, and no HTTP at all', async () => {
    expect(await post(port(), '/feedback/token-1', '', { method: 'GET' })).toBe(405);
    expect(await post(port(), '/feedback/token-1', '', { method: 'PUT' })).toBe(405);
    expect(await raw(port(), ['hello\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 /);
    const large = `X: ${'a'.repeat(20_000)}`;
    expect(await raw(port(), [`POST /feedback/token-1 HTTP/1.1\r\nHost: a\r\n${large}\r\n\r\n`])).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await counted()).toEqual({ 'wrong-method': 2, 'bad-request': 2 });
  });

  test('a stream that never ends is cut, and memory stays flat', async () => {
    await listen({ bodyMs: 300 });
    const before = process.memoryUsage().rss;
    const piece = `10000\r\n${'a'.repeat(65_536)}\r\n`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        raw(port(), [
          'POST /feedback/token-1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
          ...Array.from({ length: 100 }, () => piece),
        ]),
      ),
    );
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(await counted()).toMatchObject({ 'too-large': 8 });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  test('a body that comes too slowly gets 408, and one that breaks off is counted', async () => {
    await listen({ bodyMs: 150 });
    const head = 'POST /feedback/token-1 HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n';
    expect(await raw(port(), [head, '<Status>'])).toMatch(/^HTTP\/1\.1 408 /);
    await raw(port(), [head, '<Status>'], { end: true });
    await until('both counted', async () => Object.keys(await counted()).length === 2);
    expect(await counted()).toEqual({ 'too-slow': 1, aborted: 1 });
    expect(await stored()).toEqual([]);
  });
});

describe('when posts cannot be stored', () => {
  test('they are answered 503, health and log say so once, and it recovers by itself', async () => {
    let isFull = true;
    await listen(
      {},
      { accept: async (...args) => (isFull ? Promise.reject(diskFull()) : recorder.accept(...args)) },
    );
    expect(receiver.health()).toEqual({ state: 'ok' });
    for (let n = 0; n < 3; n += 1)
      expect(await post(port(), '/feedback/token-1', presencePost('Yes'))).toBe(503);
    expect(receiver.health()).toMatchObject({
      state: 'failing',
      reason: expect.stringContaining('No space') as string,
    });
    isFull = false;
    expect(await post(port(), '/feedback/token-1', presencePost('Yes'))).toBe(200);
    expect(receiver.health()).toEqual({ state: 'ok' });
    expect(lines).toEqual(['posts cannot be stored and are answered 503', 'posts are stored again']);
    expect(await counted()).toEqual({ unavailable: 3, stored: 1 });
  });
});

test('a fault of ours is answered 500 and does not end the process', async () => {
  const broken = newReceiver({}, recorder, () => {
    throw new TypeError('a mistake');
  });
  broken.reload([{ deviceId: 1, token: 't' }]);
  await broken.start();
  expect(await post(broken.address()?.port ?? 0, '/feedback/t', presencePost('Yes'))).toBe(500);
  expect(lines).toEqual(['a post could not be handled']);
  await broken.stop();
});

describe('a flood', () => {
  test('of one device is held back at its bound and does not slow another', async () => {
    const stuck: (() => void)[] = [];
    const sink: PostSink = {
      accept: (deviceId) =>
        deviceId === 1 ? new Promise((resolve) => stuck.push(resolve)) : Promise.resolve(),
    };
    await listen({ inFlight: { inAll: 100, perDevice: 4 } }, sink);
    const flood = Array.from({ length: 10 }, () => post(port(), '/feedback/token-1', presencePost('Yes')));
    await until('the flood is there', async () => (await counted())['held-back'] === 6);
    expect(await post(port(), '/feedback/token-2', presencePost('Yes'))).toBe(200);
    for (const release of stuck) release();
    expect((await Promise.all(flood)).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 503, 503, 503, 503, 503, 503,
    ]);
  });

  test('of all devices is turned away beyond what memory should hold', async () => {
    const stuck: (() => void)[] = [];
    await listen(
      { inFlight: { inAll: 2, perDevice: 1 } },
      { accept: () => new Promise((resolve) => stuck.push(resolve)) },
    );
    const first = [1, 2].map((id) => post(port(), `/feedback/token-${id}`, presencePost('Yes')));
    await until('both are under way', () => stuck.length === 2);
    expect(await post(port(), '/feedback/token-3', presencePost('Yes', 'FTT3'))).toBe(503);
    for (const release of stuck) release();
    expect(await Promise.all(first)).toEqual([200, 200]);
    expect(await counted()).toEqual({ busy: 1, stored: 2 });
  });
});

describe('the life of a receiver', () => {
  test('a stop answers what is under way and takes nothing new', async () => {
    const stuck: (() => void)[] = [];
    await listen({}, { accept: () => new Promise((resolve) => stuck.push(resolve)) });
    const at = port();
    const underWay = post(at, '/feedback/token-1', presencePost('Yes'));
    await until('it is under way', () => stuck.length === 1);
    const stopped = receiver.stop();
    expect(await post(at, '/feedback/token-2', presencePost('Yes'))).toBe(0);
    stuck[0]?.();
    expect(await underWay).toBe(200);
    await stopped;
    expect(receiver.address()).toBeNull();
    await receiver.stop();
  });

  test('a stop waits no longer than its bound', async () => {
    await listen({ drainMs: 50 }, { accept: () => new Promise(() => undefined) });
    const hung = post(port(), '/feedback/token-1', presencePost('Yes'));
    await until('it is under way', async () => (await inFlight()) === 1);
    await receiver.stop();
    expect(await hung).toBe(0);
  });

  test('new tokens count from the next post on', async () => {
    receiver.reload([{ deviceId: 2, token: 'another' }]);
    expect(await post(port(), '/feedback/token-1', presencePost('Yes'))).toBe(404);
    expect(await post(port(), '/feedback/another', presencePost('Yes'))).toBe(200);
    expect((await stored())[0]?.deviceId).toBe(2);
  });

  test('an address that is taken, and one that is none, are said in a sentence', async () => {
    const taken = newReceiver({ listen: `127.0.0.1:${port()}` });
    await expect(taken.start()).rejects.toThrow(
      /another program, perhaps a roomd that runs already, listens there.*daemon\.feedback\.listen/,
    );
    await expect(newReceiver({ listen: 'everywhere' }).start()).rejects.toBeInstanceOf(ReceiverError);
  });
});

async function listen(options: Partial<ReceiverOptions> = {}, sink: PostSink = recorder): Promise<void> {
  await receiver?.stop();
  receiver = newReceiver(options, sink);
  receiver.reload([1, 2, 3].map((deviceId) => ({ deviceId, token: `token-${deviceId}` })));
  await receiver.start();
}

function newReceiver(
  options: Partial<ReceiverOptions>,
  sink: PostSink = recorder,
  serialOf = (deviceId: number): string | null => (deviceId === 3 ? 'FTT3' : null),
): Receiver {
  registry = newRegistry();
  const logger: Logger = { ...silentLogger, info: said, error: said };
  return new Receiver(
    { listen: '127.0.0.1:0', tls: null, ...options },
    { sink, serialOf, registry, clock, logger },
  );
}

function said(_facts: object, message: string): void {
  lines.push(message);
}

function port(): number {
  return receiver.address()?.port ?? 0;
}

function stored() {
  return readEvents(temporary.database, { afterSeq: 0, limit: 1_000 });
}

async function counted(): Promise<Record<string, number>> {
  const metric = await registry.getSingleMetric('roomd_feedback_posts_total')?.get();
  return Object.fromEntries(
    (metric?.values ?? [])
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => [String(labels['result']), value]),
  );
}

async function inFlight(): Promise<number> {
  const metric = await registry.getSingleMetric('roomd_feedback_posts_in_flight')?.get();
  return metric?.values[0]?.value ?? 0;
}

function bomb(): string {
  const entities = Array.from({ length: 9 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`);
  return `<?xml version="1.0"?><!DOCTYPE Status [<!ENTITY e0 "ha">${entities.join('')}]><Status><A>&e9;</A></Status>`;
}

function diskFull(): StorageError {
  return new StorageError('disk-full', 'No space is left for the database');
}
