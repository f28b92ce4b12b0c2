import { describe, expect, it } from 'vitest';
import { DeadlineError, reasonOf, sleep, withDeadline } from '../../src/lib/abort.ts';
import { type Clock, ManualClock } from '../../src/lib/clock.ts';

/** Counts the timers that are set and neither fired nor called off. */
class CountingClock extends ManualClock implements Clock {
  pending = 0;

  override after(delayMs: number, run: () => void): () => void {
    this.pending += 1;
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.pending -= 1;
      isOver = true;
    };
    const cancel = super.after(delayMs, () => {
      end();
      run();
    });
    return () => {
      end();
      cancel();
    };
  }
}

const options = (clock: Clock, signal?: AbortSignal) => ({ what: 'reading', afterMs: 100, clock, signal });

function throwing(): Promise<never> {
  throw new Error('at once');
}

const forever = (): Promise<never> => new Promise(() => undefined);

describe('sleep', () => {
  it('ends after its time, or with the reason of the signal, and leaves no timer', async () => {
    const clock = new CountingClock();
    const calling = new AbortController();
    const [slept, calledOff] = [sleep(100, clock), sleep(100, clock, { signal: calling.signal })];
    calling.abort(new Error('called off'));
    await expect(calledOff).rejects.toThrow('called off');
    await clock.advance(100);
    await slept;
    expect(clock.pending).toBe(0);
    await expect(sleep(1, clock, { signal: calling.signal })).rejects.toThrow('called off');
  });
});

describe('a deadline', () => {
  it('passes on what the work gives or fails with, also at once, and leaves no timer', async () => {
    const clock = new CountingClock();
    expect(await withDeadline(options(clock), () => Promise.resolve(1))).toBe(1);
    await expect(withDeadline(options(clock), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(withDeadline(options(clock), throwing)).rejects.toThrow('at once');
    expect(clock.pending).toBe(0);
  });

  it('ends work that takes too long, whether or not it listens', async () => {
    const clock = new CountingClock();
    let inner: AbortSignal | null = null;
    const slow = withDeadline(options(clock), (signal) => {
      inner = signal;
      return forever();
    });
    const [failed] = await Promise.all([slow.catch((error: unknown) => error), clock.advance(100)]);
    expect(failed).toEqual(new DeadlineError('reading', 100));
    expect(reasonOf(inner ?? undefined)).toBeInstanceOf(DeadlineError);
  });

  it('passes on the abort of the caller', async () => {
    const clock = new CountingClock();
    const calling = new AbortController();
    const work = withDeadline(options(clock, calling.signal), forever);
    calling.abort(new Error('called off'));
    await expect(work).rejects.toThrow('called off');
    await expect(withDeadline(options(clock, calling.signal), forever)).rejects.toThrow('called off');
    expect(clock.pending).toBe(0);
  });
});
