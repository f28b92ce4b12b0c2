import type { Clock } from '../lib/clock.ts';

/**
 * Posts that come together leave together, in order: at 2,000 a second one
 * message to the writer and one commit for ten of them halve the CPU of each.
 */
export class CommitGroup {
  readonly #gatherMs: number;
  readonly #clock: Clock;
  #gathering: Promise<void> | null = null;

  /** `gatherMs` 0 lets everybody leave at once. */
  constructor({ gatherMs }: { gatherMs: number }, { clock }: { clock: Clock }) {
    this.#gatherMs = gatherMs;
    this.#clock = clock;
  }

  /** Resolves when the group that is gathering now leaves. */
  joined(): Promise<void> {
    if (this.#gatherMs === 0) return Promise.resolve();
    this.#gathering ??= new Promise((resolve) => {
      this.#clock.after(this.#gatherMs, () => {
        this.#gathering = null;
        resolve();
      });
    });
    return this.#gathering;
  }
}
