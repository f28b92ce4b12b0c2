/** How fast a device may keep posting. */
export interface PostRate {
  readonly perSecond: number;
  /** So many posts at once are no matter; 5 seconds' worth when left out. */
  readonly burst?: number;
  /** No answer is kept back longer: devices give a post up after some seconds (how many is not known). 3 s when left out. */
  readonly mostDelayMs?: number;
}

/**
 * Says for how long the answer to a device's post is to be kept back, so that
 * a device that posts one after another keeps to the rate; a refusal would make
 * it try again and then give up (facts, section 3).
 */
export class PostPace {
  readonly #intervalMs: number;
  readonly #slackMs: number;
  readonly #mostDelayMs: number;
  /** Device id → when its next post would be on time, on the monotonic clock. */
  readonly #dueAt = new Map<number, number>();

  constructor({ perSecond, burst = perSecond * 5, mostDelayMs = 3_000 }: PostRate) {
    this.#intervalMs = 1_000 / perSecond;
    this.#slackMs = this.#intervalMs * burst;
    this.#mostDelayMs = mostDelayMs;
  }

  /** @returns milliseconds, 0 for a post within the rate */
  delayOf(deviceId: number, now: number): number {
    const dueAt = Math.max(this.#dueAt.get(deviceId) ?? now, now) + this.#intervalMs;
    const delayMs = Math.min(this.#mostDelayMs, Math.max(0, dueAt - this.#slackMs - now));
    // What could not be kept back is forgiven, so that a flood does not count against the device for hours.
    this.#dueAt.set(deviceId, Math.min(dueAt, now + this.#slackMs + this.#mostDelayMs));
    return delayMs;
  }
}
