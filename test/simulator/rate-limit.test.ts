import { expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { RateLimit } from '../../src/simulator/rate-limit.ts';

it('lets the first pass, spaces those that queue, and refuses those that find the queue full', async () => {
  const clock = new ManualClock();
  const limit = new RateLimit({ perSecond: 1, queue: 30 }, { clock });
  const served: number[] = [];
  let refused = 0;
  for (let request = 0; request < 33; request += 1)
    void limit
      .enter(new AbortController().signal)
      .then((passes) => (passes ? served.push(clock.monotonic()) : (refused += 1)));
  await clock.advance(0);
  expect([served.length, refused]).toEqual([1, 2]);
  await clock.advance(30_000);
  expect(served).toEqual(Array.from({ length: 31 }, (_, second) => second * 1_000));
});

it('is no limit at a rate of 0', async () => {
  const limit = new RateLimit({ perSecond: 0, queue: 0 }, { clock: new ManualClock() });
  const { signal } = new AbortController();
  const passes = await Promise.all(Array.from({ length: 100 }, () => limit.enter(signal)));
  expect(passes.every(Boolean)).toBe(true);
});
