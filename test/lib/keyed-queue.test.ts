import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/lib/clock.ts';
import { RoomdError } from '../../src/lib/errors.ts';
import { KeyedQueue, type RunResult } from '../../src/lib/keyed-queue.ts';

const NEVER: RunResult = { requeueAfterMs: null };

interface Run {
  readonly key: string;
  readonly at: number;
  readonly signal: AbortSignal;
  end(result?: RunResult): void;
  fail(error: Error): void;
}

/** A queue whose runs end when the test says so. Back-off waits are 75, 150, … 300. */
function newQueue({ concurrency = 1 } = {}) {
  const clock = new ManualClock();
  const runs: Run[] = [];
  const failures: string[] = [];
  const queue = new KeyedQueue(
    { name: 'test', concurrency, backoff: { firstMs: 100, mostMs: 400 } },
    {
      run: (key, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
          const end = (result = NEVER): void => resolve(result);
          runs.push({ key, at: clock.monotonic(), signal, end, fail: reject });
        }),
      onFailure: (key, error, willRetry) => failures.push(`${key} ${String(error)} ${willRetry}`),
      clock,
      random: () => 0.5,
    },
  );
  const begun = (): string[] => runs.map(({ key, at }) => `${key} ${at}`);
  const last = (): Run => {
    const run = runs.at(-1);
    if (run === undefined) throw new Error('nothing ran');
    return run;
  };
  /** The run under way ends and what follows begins. */
  const ends = async (result?: RunResult): Promise<void> => {
    last().end(result);
    await clock.advance(0);
  };
  const fails = async (error: Error): Promise<void> => {
    last().fail(error);
    await clock.advance(0);
  };
  return { clock, queue, runs, failures, begun, last, ends, fails };
}

describe('a keyed queue', () => {
  it('runs what was added before and after the start, each key once', async () => {
    const { queue, begun, ends } = newQueue();
    queue.add('a');
    queue.add('a');
    await queue.start();
    queue.add('b');
    expect(begun()).toEqual(['a 0']);
    await ends();
    await ends();
    expect(begun()).toEqual(['a 0', 'b 0']);
    await queue.stop();
  });

  it('never runs a key twice at once; added meanwhile it runs once more', async () => {
    const { queue, begun, ends } = newQueue({ concurrency: 4 });
    await queue.start();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(begun()).toHaveLength(1);
    await ends();
    expect(begun()).toHaveLength(2);
    await ends();
    expect(begun()).toHaveLength(2);
    await queue.stop();
  });

  it('never runs a key twice at once, also when it is removed and added again meanwhile', async () => {
    const { queue, begun, ends } = newQueue({ concurrency: 4 });
    await queue.start();
    queue.add('a');
    queue.remove('a');
    queue.add('a');
    expect(begun()).toHaveLength(1);
    await ends({ requeueAfterMs: 10 });
    expect(begun()).toHaveLength(2);
    await queue.stop();
  });

  it('forgets a removed key, running or not', async () => {
    const { queue, clock, begun, ends } = newQueue();
    await queue.start();
    queue.add('a');
    queue.add('b');
    queue.remove('b');
    queue.remove('a');
    await ends({ requeueAfterMs: 10 });
    await clock.advance(100);
    expect(begun()).toEqual(['a 0']);
    await queue.stop();
  });

  it('is fair: a key that is always wanted does not keep the others waiting', async () => {
    const { queue, clock, begun, last } = newQueue();
    await queue.start();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    for (let turn = 0; turn < 5; turn += 1) {
      queue.add('a');
      const run = last();
      await clock.advance(1);
      run.end();
      await clock.advance(0);
    }
    expect(begun().map((text) => text[0])).toEqual(['a', 'b', 'c', 'a', 'a', 'a']);
    await queue.stop();
  });

  it('comes back after the time a run asks for, or sooner when added', async () => {
    const { queue, clock, begun, ends } = newQueue();
    await queue.start();
    queue.add('a');
    await ends({ requeueAfterMs: 50 });
    await clock.advance(50);
    expect(begun()).toEqual(['a 0', 'a 50']);
    await ends({ requeueAfterMs: 50 });
    queue.add('a', 20);
    queue.add('a', 40);
    await clock.advance(20);
    expect(begun()).toEqual(['a 0', 'a 50', 'a 70']);
    await queue.stop();
  });

  it('backs off after failures, more each time, and starts over after a success', async () => {
    const { queue, clock, begun, ends, fails } = newQueue();
    await queue.start();
    queue.add('a');
    await fails(new Error('one'));
    await clock.advance(75);
    await fails(new Error('two'));
    await clock.advance(150);
    await ends({ requeueAfterMs: 0 });
    await clock.advance(1);
    await fails(new Error('three'));
    await clock.advance(75);
    expect(begun()).toEqual(['a 0', 'a 75', 'a 225', 'a 225', 'a 301']);
    await queue.stop();
  });

  it('does not try again at once what failed, though it was wanted meanwhile', async () => {
    const { queue, clock, begun, fails } = newQueue();
    await queue.start();
    queue.add('a');
    queue.add('a');
    await fails(new Error('one'));
    expect(begun()).toEqual(['a 0']);
    await clock.advance(75);
    expect(begun()).toEqual(['a 0', 'a 75']);
    await queue.stop();
  });

  it('leaves a key after an error that no retry mends, until it is added', async () => {
    const { queue, clock, begun, failures, fails } = newQueue();
    await queue.start();
    queue.add('a');
    await fails(new RoomdError('login-refused', 'no'));
    await clock.advance(10_000);
    expect(begun()).toHaveLength(1);
    expect(failures).toEqual(['a RoomdError: no false']);
    queue.add('a');
    expect(begun()).toHaveLength(2);
    await queue.stop();
  });

  it('stops: what runs is aborted and waited for, nothing comes after, and no failure is told', async () => {
    const { queue, clock, begun, failures, runs } = newQueue();
    await queue.start();
    queue.add('a');
    queue.add('b');
    await queue.stop();
    await queue.stop();
    queue.add('c');
    await clock.advance(1_000);
    expect(begun()).toEqual(['a 0']);
    expect(runs[0]?.signal.aborted).toBe(true);
    expect([failures, queue.inFlight]).toEqual([[], 0]);
  });
});
