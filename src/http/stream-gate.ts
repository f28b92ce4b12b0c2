/** How many streams may be open at the same time. */
export interface StreamLimits {
  readonly inAll: number;
  readonly perCaller: number;
}

export const STREAM_LIMITS: StreamLimits = { inAll: 2_000, perCaller: 1_000 };

/** Counts the event streams that are open. */
export class StreamGate {
  readonly #limits: StreamLimits;
  readonly #open = new Map<string, number>();
  #all = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** Lets one more stream of a caller in; or says which limit is reached. @returns what ends it */
  enter(actor: string): (() => void) | 'all' | 'caller' {
    const own = this.#open.get(actor) ?? 0;
    if (own >= this.#limits.perCaller) return 'caller';
    if (this.#all >= this.#limits.inAll) return 'all';
    this.#open.set(actor, own + 1);
    this.#all += 1;
    return () => this.#leave(actor);
  }

  #leave(actor: string): void {
    const own = this.#open.get(actor) ?? 0;
    if (own <= 1) this.#open.delete(actor);
    else this.#open.set(actor, own - 1);
    this.#all -= 1;
  }
}
