import type { OutputValues } from './condition.ts';
import type { RunStore, StepState } from './run-store.ts';

interface At {
  /** Where the step stands in the macro: `steps[2].then[0]`. */
  readonly path: string;
  readonly step: string;
  /** Null for a step that is about no device. */
  readonly device: string | null;
  readonly at: number;
}

/** The record of one run's steps, numbered in the order in which they began. */
export class StepLog {
  readonly #runId: string;
  readonly #store: RunStore;
  #next = 0;

  constructor(runId: string, { store }: { store: RunStore }) {
    this.#runId = runId;
    this.#store = store;
  }

  /** @returns its number */
  async began(step: At): Promise<number> {
    const position = this.#take();
    await this.#store.stepStarted(this.#runId, { position, ...step });
    return position;
  }

  ended(end: {
    position: number;
    at: number;
    state: StepState;
    result: string;
    output?: OutputValues;
  }): Promise<void> {
    return this.#store.stepEnded(this.#runId, end);
  }

  /** What was not done, and what decided so or would have been done. */
  passed(step: At & { readonly result: string }): Promise<void> {
    return this.#store.stepSkipped(this.#runId, { position: this.#take(), ...step });
  }

  #take(): number {
    this.#next += 1;
    return this.#next - 1;
  }
}
