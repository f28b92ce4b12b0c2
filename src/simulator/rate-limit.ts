import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';

/**
 * Requests at a steady rate with a queue before it: one that finds the queue
 * full is refused at once, the others wait their turn (release notes, SC).
 */
export class RateLimit {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  readonly #queue: number;
  #nextAt = Number.NEGATIVE_INFINITY;
  #waiting = 0;

  /** A rate of 0 is no limit. */
  constructor(options: { perSecond: number; queue: number }, { clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#spacingMs = options.perSecond === 0 ? 0 : 1_000 / options.perSecond;
    this.#queue = options.queue;
  }

  /** Waits for the request's turn; false where the queue is full. */
  async enter(signal: AbortSignal): Promise<boolean> {
    if (this.#spacingMs === 0) return true;
    const now = this.#clock.monotonic();
    const startsAt = Math.max(now, this.#nextAt);
    if (startsAt > now && this.#waiting >= this.#queue) return false;
    this.#nextAt = startsAt + this.#spacingMs;
    if (startsAt === now) return true;
    this.#waiting += 1;
    try {
      await sleep(startsAt - now, this.#clock, { signal });
    } finally {
      this.#waiting -= 1;
    }
    return true;
  }
}
