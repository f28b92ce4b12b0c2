import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebexClient, type WebexClient } from '../../src/integrations/webex-messaging/client.ts';
import { sleep } from '../../src/lib/abort.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { Outbox } from '../../src/notify/outbox.ts';
import { WebexNotifier } from '../../src/notify/webex-notifier.ts';
import { startWebexStandIn, type WebexStandIn } from '../../src/simulator/cloud/webex.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const clock = systemClock();
const roomId = 'room-ops';
const standInOptions = {
  tokens: { 'bot-token': { personId: 'bot', email: 'roomd@webex.bot', displayName: 'roomd', type: 'bot' } },
  rooms: [{ id: roomId, title: 'Operations' }],
} as const;

let webex: WebexStandIn;
let client: WebexClient;

beforeEach(async () => {
  webex = await startWebexStandIn(standInOptions);
  client = createWebexClient({ baseUrl: webex.url, token: new Secret('bot-token') }, { clock });
});

afterEach(async () => {
  await client.close();
  await webex.stop();
});

const notifierFor = (target: ConstructorParameters<typeof WebexNotifier>[0]['target'] = { roomId }) =>
  new WebexNotifier({ name: 'ops', target }, { messages: client.messages });

describe('the Webex notifier', () => {
  it('posts a message with its plain text and gives back its id', async () => {
    const { receipt } = await notifierFor().send({ markdown: '**on**', text: 'on' }, { key: 'k' });
    expect(webex.messages()).toMatchObject([
      { id: receipt, roomId, markdown: '**on**', text: 'on', parentId: null },
    ]);
  });

  it('answers in the thread of an earlier message', async () => {
    const notifier = notifierFor();
    const { receipt } = await notifier.send({ markdown: 'offline' }, { key: '1' });
    await notifier.send({ markdown: 'online again', thread: receipt }, { key: '2' });
    expect(webex.messages()[1]).toMatchObject({ markdown: 'online again', parentId: receipt });
  });

  it('posts to a person', async () => {
    await notifierFor({ toPersonEmail: 'ada@example.com' }).send({ markdown: 'hello' }, { key: '1' });
    expect(webex.messages()).toMatchObject([{ roomType: 'direct', markdown: 'hello' }]);
  });

  it('makes a thread of a message beyond the limit, and goes on where an attempt broke off', async () => {
    const paragraphs = Array.from({ length: 40 }, (_, room) => `Room ${room}: ${'é'.repeat(250)}`);
    const failing: Pick<WebexClient['messages'], 'create'> = {
      async create(...args) {
        const posted = await client.messages.create(...args);
        if (webex.messages().length === 1) webex.fail({ status: 502, times: 1 });
        return posted;
      },
    };
    const notifier = new WebexNotifier({ name: 'ops', target: { roomId } }, { messages: failing });
    const long = { markdown: paragraphs.join('\n\n'), text: 'left out' };
    const attempt = notifier.send(long, { key: 'long' });
    await expect(attempt).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(webex.messages()).toHaveLength(1);
    const { receipt } = await notifier.send(long, { key: 'long' });
    const messages = webex.messages();
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.map((message) => message.parentId)).toEqual([
      null,
      ...messages.slice(1).map(() => receipt),
    ]);
    expect(messages.flatMap((message) => message.markdown?.split('\n\n'))).toEqual(paragraphs);
  });

  it('tells what may get through later from what never will', async () => {
    webex.fail({ status: 429, retryAfterSeconds: 40, times: 1 });
    await expect(notifierFor().send({ markdown: 'x' }, { key: '1' })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 40_000,
    });
    await expect(notifierFor({ roomId: 'gone' }).send({ markdown: 'x' }, { key: '2' })).rejects.toMatchObject(
      {
        code: 'refused',
        retryable: false,
      },
    );
    await expect(notifierFor().send({ markdown: ' ' }, { key: '3' })).rejects.toMatchObject({
      code: 'refused',
    });
  });

  it('loses nothing through the outbox while the service is down', async () => {
    const storage = await temporaryDatabase();
    const outbox = new Outbox(
      { retry: { firstMs: 20, mostMs: 100 }, pollMs: 50 },
      {
        database: storage.database,
        notifiers: [notifierFor()],
        clock,
        random: seededRandom(3),
        newId: uuidv7(clock),
        logger: silentLogger,
      },
    );
    try {
      await outbox.start(new AbortController().signal);
      const port = Number(new URL(webex.url).port);
      await webex.stop();
      for (const markdown of ['one', 'two', 'three']) await outbox.enqueue('ops', { markdown });
      await outbox.flush();
      expect((await outbox.list({ state: 'waiting' })).at(-1)?.lastError).toContain('did not reach Webex');
      webex = await startWebexStandIn({ ...standInOptions, port });
      while ((await outbox.list({ state: 'delivered' })).length < 3) await sleep(10, clock);
      expect(webex.messages().map((message) => message.markdown)).toEqual(['one', 'two', 'three']);
    } finally {
      await outbox.stop();
      await storage.close();
    }
  });
});
