import type { Clock } from '../lib/clock.ts';

export interface RateLimits {
  /** So many at once. */
  readonly burst: number;
  /** And one more after each of these. */
  readonly everyMs: number;
}

/** More people than this are not remembered; whoever was quiet for longest is forgotten first. */
const MOST_PEOPLE = 1_000;

interface Bucket {
  left: number;
  at: number;
  isWarned: boolean;
}

/** How often each person may have the bot do something. */
export class Rates {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits, { clock }: { clock: Clock }) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** `too-often` is said once, so that an answer can say so; then `still`, until one is allowed again. */
  take(person: string): 'ok' | 'too-often' | 'still' {
    const { burst, everyMs } = this.#limits;
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(person) ?? { left: burst, at: now, isWarned: false };
    const left = Math.min(burst, known.left + (now - known.at) / everyMs);
    const isAllowed = left >= 1;
    this.#buckets.delete(person);
    this.#buckets.set(person, { left: isAllowed ? left - 1 : left, at: now, isWarned: !isAllowed });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MOST_PEOPLE && oldest !== undefined) this.#buckets.delete(oldest);
    if (isAllowed) return 'ok';
    return known.isWarned ? 'still' : 'too-often';
  }
}
