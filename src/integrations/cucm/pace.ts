import { type AbortOptions, sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';

const WINDOW_MS = 60_000;

/** At most so many turns within any minute; who comes too early waits, in the order of asking. */
export class Pace {
  readonly #perMinute: number;
  readonly #clock: Clock;
  #latest: number[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor({ perMinute }: { perMinute: number }, { clock }: { clock: Clock }) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Resolves when it is this one's turn. */
  turn(options: AbortOptions = {}): Promise<void> {
    const turn = this.#queue.then(() => this.#take(options));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** Nobody's turn comes for a minute: the service says that its rate is used up, perhaps by others. */
  rest(): void {
    this.#latest = Array.from({ length: this.#perMinute }, () => this.#clock.monotonic());
  }

  async #take({ signal }: AbortOptions): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonic();
      this.#latest = this.#latest.filter((at) => at > now - WINDOW_MS);
      const [oldest] = this.#latest;
      if (oldest === undefined || this.#latest.length < this.#perMinute) break;
      await sleep(oldest + WINDOW_MS - now, this.#clock, { signal });
    }
    this.#latest.push(this.#clock.monotonic());
  }
}
