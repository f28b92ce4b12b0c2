import type { Standing } from './fleet-keeper.ts';

/** The one place that says which fleet is in force; a reload replaces it whole. */
export class InForce {
  #standing: Standing;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  get standing(): Standing {
    return this.#standing;
  }

  replace(standing: Standing): void {
    this.#standing = standing;
  }

  /** Why no campaign goes on, whatever its kind; null where one may. */
  blocked(): string | null {
    return this.#standing.safeMode ? 'roomd runs in safe mode: mend the fleet file first' : null;
  }

  /** Safe mode forces observe. */
  mode(): 'observe' | 'enforce' {
    const { safeMode, fleet } = this.#standing;
    return safeMode ? 'observe' : fleet.daemon.mode;
  }
}
