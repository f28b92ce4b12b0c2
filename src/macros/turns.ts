import { type AbortOptions, reasonOf } from '../lib/abort.ts';

interface Waiting {
  readonly key: string;
  /** It waits for its key alone, not for the others. */
  readonly isInner: boolean;
  readonly begin: () => void;
}

/** Lets holders in one at a time per key and at most so many in all, in the order in which they came. */
export class Turns {
  readonly #most: number;
  readonly #held = new Set<string>();
  #waiting: Waiting[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Resolves with what gives the turn back; rejects with the signal's reason when it aborts first.
   * @param isInner whoever takes it holds another turn already, and counts once in all
   */
  take(
    key: string,
    { signal, isInner = false }: AbortOptions & { readonly isInner?: boolean } = {},
  ): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(reasonOf(signal));
      };
      const waiting: Waiting = {
        key,
        isInner,
        begin: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(() => this.#giveBack(key));
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#letIn();
    });
  }

  #giveBack(key: string): void {
    this.#held.delete(key);
    this.#letIn();
  }

  #letIn(): void {
    this.#waiting = this.#waiting.filter(({ key, isInner, begin }) => {
      if ((!isInner && this.#held.size >= this.#most) || this.#held.has(key)) return true;
      this.#held.add(key);
      begin();
      return false;
    });
  }
}
