import type { Place } from '../place.ts';
import { Turns } from '../turns.ts';
import { compileEngine } from './engine.ts';
import { type JavaScriptOptions, type JavaScriptParts, JavaScriptRun } from './javascript-run.ts';
import { type CompiledEngine, SANDBOX_LIMITS, type SandboxLimits } from './protocol.ts';

export interface JavaScriptRunnerOptions {
  /** Scripts that may go on at one time; each has a thread of its own. */
  readonly mostThreads: number;
  readonly limits: SandboxLimits;
}

export const JAVASCRIPT_DEFAULTS: JavaScriptRunnerOptions = { mostThreads: 16, limits: SANDBOX_LIMITS };

/** Runs the scripts of macros, no more at a time than there may be threads; the others wait within their deadline. */
export class JavaScriptRunner {
  readonly #options: JavaScriptRunnerOptions;
  readonly #parts: Pick<JavaScriptParts, 'clock' | 'watch'>;
  readonly #turns: Turns;
  #next = 0;
  #engine: Promise<CompiledEngine> | null = null;

  constructor(options: JavaScriptRunnerOptions, parts: Pick<JavaScriptParts, 'clock' | 'watch'>) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = new Turns(options.mostThreads);
  }

  /** @throws what `JavaScriptRun` does */
  async run(
    options: Omit<JavaScriptOptions, 'limits' | 'engine'>,
    parts: Pick<JavaScriptParts, 'steps' | 'log'>,
    place: Place,
  ): Promise<void> {
    this.#next += 1;
    const turn = await this.#turns.take([String(this.#next)], { signal: place.signal });
    try {
      this.#engine ??= compileEngine();
      const made = { engine: await this.#engine, limits: this.#options.limits };
      await new JavaScriptRun({ ...options, ...made }, { ...parts, ...this.#parts }, place).run();
    } finally {
      turn.giveBack();
    }
  }
}
