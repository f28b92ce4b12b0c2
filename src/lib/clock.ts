/**
 * Time as the rest of roomd sees it. Nothing else reads `Date.now`,
 * `performance.now` or sets a timer, so a test can hold the clock.
 */
export interface Clock {
  /** Wall time in integer UTC milliseconds. */
  now(): number;
  /** Monotonic milliseconds, for deadlines and durations; its zero means nothing. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the returned function calls it off. The timer keeps the process alive unless `unref`. */
  after(delayMs: number, run: () => void, options?: { unref?: boolean }): () => void;
}

const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock, `offsetMs` ahead of it (the demo's clock runs at real speed with a constant offset). */
export function systemClock(offsetMs = 0): Clock {
  return {
    now: () => Date.now() + offsetMs,
    monotonic: () => performance.now(),
    after(delayMs, run, options = {}) {
      const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
      if (options.unref) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/**
 * A clock that moves only when told: due timers run in order of time as
 * `advance` passes them. What each sets off is waited for by `settled`, which
 * is told where other threads are to have their time too.
 */
export class ManualClock implements Clock {
  readonly #settled: () => Promise<void>;
  #now: number;
  #elapsed = 0;
  #timers: { at: number; run: () => void }[] = [];

  constructor(now = 0, settled: () => Promise<void> = someTurns) {
    this.#settled = settled;
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#elapsed + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on and lets what each timer set off settle before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await this.#settled();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#step(due.at - this.#elapsed);
      due.run();
      await this.#settled();
    }
    this.#step(end - this.#elapsed);
    await this.#settled();
  }

  /** Sets the wall clock without the monotonic one moving, as an operator or NTP does. */
  setWall(now: number): void {
    this.#now = now;
  }

  #step(ms: number): void {
    this.#elapsed += ms;
    this.#now += ms;
  }
}

/** Lets promise callbacks settle. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
