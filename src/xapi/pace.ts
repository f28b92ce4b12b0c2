import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';

/** Keeps to a rate by waiting: `burst` at once, then `perSecond` (the generic cell rate algorithm). */
export class Pace {
  readonly #intervalMs: number;
  readonly #slackMs: number;
  readonly #clock: Clock;
  #nextAt = 0;

  constructor(options: { perSecond: number; burst: number }, { clock }: { clock: Clock }) {
    this.#intervalMs = 1000 / options.perSecond;
    this.#slackMs = (options.burst - 1) * this.#intervalMs;
    this.#clock = clock;
  }

  async take(options: AbortOptions = {}): Promise<void> {
    const now = this.#clock.monotonic();
    const at = Math.max(this.#nextAt, now);
    this.#nextAt = at + this.#intervalMs;
    const waitMs = at - this.#slackMs - now;
    if (waitMs > 0) await sleep(waitMs, this.#clock, options);
  }
}
