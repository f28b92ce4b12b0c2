import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { Live } from '../../src/feedback/live.ts';
import { PostPace } from '../../src/feedback/post-pace.ts';
import { Receiver } from '../../src/feedback/receiver.ts';
import { Recorder } from '../../src/feedback/recorder.ts';
import { sleep } from '../../src/lib/abort.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { newRegistry } from '../../src/lib/metrics.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { countPost } from './posts.ts';
import { post } from './receiver-client.ts';
import { addDevices } from './support.ts';

const clock = systemClock();
const PER_SECOND = 20;
const BURST = 40;
const ROUND_MS = 2_500;

test('answers are kept back just so that the rate is kept, after a burst that is no matter', () => {
  const pace = new PostPace({ perSecond: 10, burst: 5, mostDelayMs: 1_000 });
  let now = 0;
  const delays = Array.from({ length: 10 }, () => {
    const delay = pace.delayOf(1, now);
    now += delay;
    return Math.round(delay);
  });
  expect(delays).toEqual([0, 0, 0, 0, 0, 100, 100, 100, 100, 100]);
  expect(pace.delayOf(2, now)).toBe(0);
  for (let n = 0; n < 1_000; n += 1) pace.delayOf(1, now);
  expect(pace.delayOf(1, now)).toBe(1_000);
  expect(pace.delayOf(1, now + 1_600)).toBe(0);
});

test('one device that floods is held back, loses nothing that was answered, and slows no other', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 10);
  const live = new Live();
  const recorder = new Recorder(
    { slotTrustMs: 60_000, onDoubt: () => undefined },
    { database, clock, live, logger: silentLogger },
  );
  const floods: [number, boolean][] = [];
  const receiver = new Receiver(
    { listen: '127.0.0.1:0', tls: null, rate: { perSecond: PER_SECOND, burst: BURST, mostDelayMs: 500 } },
    {
      sink: recorder,
      serialOf: () => null,
      onFlood: (deviceId, isHeldBack) => void floods.push([deviceId, isHeldBack]),
      registry: newRegistry(),
      clock,
      logger: silentLogger,
    },
  );
  receiver.reload(Array.from({ length: 10 }, (_, at) => ({ deviceId: at + 1, token: `token-${at + 1}` })));
  await receiver.start();
  onTestFinished(() => receiver.stop());
  const port = receiver.address()?.port ?? 0;

  await calm(port, 500);
  const alone = await calm(port);
  const flood = flooding(port, { lanes: 4, forMs: ROUND_MS });
  const beside = await calm(port);
  const answered = await flood;

  expect(answered).toBeGreaterThan(BURST);
  // Four at a time, each kept back half a second at most, on top of the burst.
  expect(answered).toBeLessThan(BURST + (ROUND_MS / 1_000 + 1) * PER_SECOND + 8);
  expect(p99(beside)).toBeLessThan(Math.max(p99(alone) * 5, 300));
  expect(floods).toEqual([[1, true]]);
  expect(receiver.heldBackSince(1)).not.toBeNull();
  expect(receiver.heldBackSince(2)).toBeNull();
  const { query } = database;
  const stored = await database.read(
    query.selectFrom('event').select('device_id').where('kind', '=', 'status').where('device_id', '=', 1),
  );
  expect(stored).toHaveLength(answered);
});

test('a stop answers those that are kept back', async () => {
  const { database, close } = await temporaryDatabase();
  onTestFinished(close);
  await addDevices(database, 1);
  const receiver = new Receiver(
    { listen: '127.0.0.1:0', tls: null, rate: { perSecond: 1, burst: 1, mostDelayMs: 60_000 } },
    {
      sink: { accept: async () => undefined },
      serialOf: () => null,
      registry: newRegistry(),
      clock,
      logger: silentLogger,
    },
  );
  receiver.reload([{ deviceId: 1, token: 'token-1' }]);
  await receiver.start();
  const port = receiver.address()?.port ?? 0;
  const posts = Array.from({ length: 5 }, () => post(port, '/feedback/token-1', countPost(1)));
  await Promise.race(posts);
  await sleep(200, clock);
  const startedAt = clock.monotonic();
  await receiver.stop();
  expect(clock.monotonic() - startedAt).toBeLessThan(4_000);
  expect(await Promise.all(posts)).toEqual([200, 200, 200, 200, 200]);
});

/** Nine devices that each post now and then. @returns how long each answer took */
async function calm(port: number, forMs = ROUND_MS): Promise<number[]> {
  const took: number[] = [];
  const end = clock.monotonic() + forMs;
  const agent = new Agent({ keepAlive: true });
  await Promise.all(
    Array.from({ length: 9 }, async (_, at) => {
      while (clock.monotonic() < end) {
        const askedAt = clock.monotonic();
        expect(await post(port, `/feedback/token-${at + 2}`, countPost(at), { agent })).toBe(200);
        took.push(clock.monotonic() - askedAt);
        await sleep(80, clock);
      }
    }),
  );
  agent.destroy();
  return took;
}

/** @returns how many posts were answered with 200 */
async function flooding(port: number, { lanes, forMs }: { lanes: number; forMs: number }): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const end = clock.monotonic() + forMs;
  let answered = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let n = 0; clock.monotonic() < end; n += 1)
        if ((await post(port, '/feedback/token-1', countPost(n), { agent })) === 200) answered += 1;
    }),
  );
  agent.destroy();
  return answered;
}

function p99(took: readonly number[]): number {
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? Number.POSITIVE_INFINITY;
}
