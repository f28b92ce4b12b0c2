import { type AbortOptions, reasonOf } from '../lib/abort.ts';
import { StepError } from './step.ts';
import type { Turn } from './turn.ts';

interface Waiting {
  readonly turn: Turn;
  readonly begin: () => void;
}

/**
 * Lets holders in one at a time per key and at most so many in all, in the
 * order in which they came. Nobody waits for ever: keys are had all at once or
 * not at all, and who holds some already is refused others that will not come.
 */
export class Turns {
  readonly #most: number;
  readonly #held = new Map<string, Turn>();
  /** Holders that count, those within another turn left out. */
  readonly #holders = new Set<Turn>();
  #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Resolves once it has all of the keys; rejects with the signal's reason when it aborts first.
   * @param within whoever takes it holds this turn already: it counts once, and those who wait with nothing let it by
   * @throws StepError `failed` where a holder of a key waits for what is held here, so that neither would ever go on
   */
  async take(
    keys: Iterable<string>,
    { signal, within = null }: AbortOptions & { readonly within?: Turn | null } = {},
  ): Promise<Turn> {
    signal?.throwIfAborted();
    const turn: Turn = { keys: new Set(keys), outer: within, giveBack: () => this.#giveBack(turn) };
    const crossing = within === null ? null : this.#crossing(turn.keys, within);
    if (crossing !== null)
      throw new StepError('failed', `the macro that holds ${crossing} waits for the device of this run`);
    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(reasonOf(signal));
        // Whom it kept back may go on.
        this.#letIn();
      };
      const waiting: Waiting = {
        turn,
        begin: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(turn);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#letIn();
    });
  }

  #giveBack(turn: Turn): void {
    for (const key of turn.keys) if (this.#held.get(key) === turn) this.#held.delete(key);
    this.#holders.delete(turn);
    this.#letIn();
  }

  #letIn(): void {
    // What somebody waits for is kept for him, so that others who need less do not go by for ever.
    const claimed = new Set<string>();
    this.#waiting = this.#waiting.filter(({ turn, begin }) => {
      const isInner = turn.outer !== null;
      const isFull = !isInner && this.#holders.size >= this.#most;
      const isBlocked = [...turn.keys].some((key) => this.#held.has(key) || (!isInner && claimed.has(key)));
      if (isFull || isBlocked) {
        if (!isInner) for (const key of turn.keys) claimed.add(key);
        return true;
      }
      for (const key of turn.keys) this.#held.set(key, turn);
      if (!isInner) this.#holders.add(turn);
      begin();
      return false;
    });
  }

  /** The key of a holder who waits, perhaps for others that do, for what is held here; null where there is none. */
  #crossing(keys: ReadonlySet<string>, within: Turn): string | null {
    const own = new Set(withOuter(within));
    const seen = new Set<Turn>();
    const isStuck = (key: string): boolean => {
      const holder = this.#held.get(key);
      if (holder === undefined || seen.has(holder)) return false;
      if (own.has(holder)) return true;
      seen.add(holder);
      return this.#waiting.some(
        ({ turn }) => withOuter(turn).includes(holder) && [...turn.keys].some(isStuck),
      );
    };
    return [...keys].find(isStuck) ?? null;
  }
}

function withOuter(turn: Turn): Turn[] {
  return turn.outer === null ? [turn] : [turn, ...withOuter(turn.outer)];
}
