import type { Clock } from '../lib/clock.ts';

const WINDOW_MS = 15 * 60_000;
const MOST_OF_ADDRESS = 20;
const MOST_OF_USER = 10;
/** What is remembered is bounded: who comes from ever new addresses pushes out the oldest. */
const MOST_KEYS = 10_000;
/** Attempts whose hash is being made: each takes a fraction of a second, one after another. */
const MOST_AT_ONCE = 10;

/** An attempt that was let through to be checked. */
export interface Attempt {
  /** It opened: it does not count against its address and user. */
  succeeded(): void;
  /** It has been checked. */
  done(): void;
}

/**
 * How often somebody may try to sign in. Every attempt counts from its begin,
 * so that many at once are no way around; those that open are taken off again.
 */
export class SignInLimits {
  readonly #clock: Clock;
  readonly #tries = new Map<string, number[]>();
  #atOnce = 0;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** @param user null for an attempt with a token, which nobody guesses; null comes back for one too many */
  begin(address: string, user: string | null): Attempt | null {
    const at = this.#clock.monotonic();
    const keys = [`address ${address}`, ...(user === null ? [] : [`user ${user}`])];
    const isFull = keys.some((key) => this.#recent(key, at).length >= mostOf(key));
    if (isFull || this.#atOnce >= MOST_AT_ONCE) return null;
    for (const key of keys) this.#put(key, [...this.#recent(key, at), at]);
    this.#atOnce += 1;
    return {
      succeeded: () => {
        for (const key of keys) this.#put(key, without(this.#tries.get(key) ?? [], at));
      },
      done: () => {
        this.#atOnce -= 1;
      },
    };
  }

  #recent(key: string, now: number): number[] {
    return (this.#tries.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
  }

  #put(key: string, tries: number[]): void {
    this.#tries.delete(key);
    if (tries.length > 0) this.#tries.set(key, tries);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > MOST_KEYS && oldest !== undefined) this.#tries.delete(oldest);
  }
}

function mostOf(key: string): number {
  return key.startsWith('user ') ? MOST_OF_USER : MOST_OF_ADDRESS;
}

function without(tries: readonly number[], at: number): number[] {
  const position = tries.indexOf(at);
  return tries.filter((_, index) => index !== position);
}
