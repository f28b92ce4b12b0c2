import { sectionOf } from '../../fleet/section.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import type { BoundMacro } from '../bind.ts';
import { knownMacros } from '../known-macros.ts';
import { macroSection } from '../macro.ts';
import { isFailure, rootOf } from '../run-end.ts';
import type { Place, ScriptRun } from '../script-run.ts';
import { type CheckContext, StepError } from '../step.ts';
import type { StepLog } from '../step-log.ts';
import { STEPS, type StepName, stepOf } from '../steps/registry.ts';
import { templateNames } from '../template.ts';
import type { TriggerFacts } from '../trigger.ts';
import type {
  AnsweredError,
  Call,
  CompiledEngine,
  Fault,
  JavaScriptFile,
  SandboxLimits,
  SandboxNews,
  Spot,
} from './protocol.ts';
import { deviceFacts, factsTold, NEEDS } from './room-facts.ts';
import { converse, JavaScriptError } from './thread.ts';

export interface JavaScriptOptions {
  readonly file: JavaScriptFile;
  readonly bound: BoundMacro;
  readonly trigger: TriggerFacts;
  readonly limits: SandboxLimits;
  readonly engine: CompiledEngine;
}

export interface JavaScriptParts {
  /** Does the steps that the script calls. */
  readonly steps: ScriptRun;
  readonly log: StepLog;
  readonly clock: Clock;
  /** Of real time. */
  readonly watch: Clock;
}

/** One run of a JavaScript macro: its script in a thread, its steps done here, one after another, like those of any run. */
export class JavaScriptRun {
  readonly #options: JavaScriptOptions;
  readonly #parts: JavaScriptParts;
  readonly #place: Place;
  /** Ends the thread, and the step under way. */
  readonly #end = new AbortController();
  /** Names of the steps so far. */
  readonly #earlier: StepName[] = [];
  /** Settles once all that was begun has settled. */
  #work: Promise<void> = Promise.resolve();
  #fault: Fault | null = null;
  /** What ended the run from here. */
  #failure: unknown = null;

  constructor(options: JavaScriptOptions, parts: JavaScriptParts, place: Place) {
    this.#options = options;
    this.#parts = parts;
    this.#place = { ...place, signal: AbortSignal.any([place.signal, this.#end.signal]) };
  }

  /**
   * @throws JavaScriptError with the place in the script; StepError for a no that no script can catch; the signal's reason
   */
  async run(): Promise<void> {
    const { file, bound, trigger, limits, engine } = this.#options;
    const { room, signal } = this.#place;
    const given = {
      macro: bound.macro.name,
      trigger: { ...trigger },
      device: room === null ? null : deviceFacts(room.desired),
      steps: Object.keys(STEPS),
    };
    try {
      await converse(
        { does: 'run', engine, file, given, limits },
        { watch: this.#parts.watch, signal, hear: (news, answer) => this.#hear(news, answer) },
      );
    } finally {
      this.#end.abort(new StepError('cancelled', 'the script ended and did not await it'));
      await this.#work;
    }
    if (this.#fault !== null) throw failed(file, this.#fault);
    if (this.#failure !== null) throw this.#failure;
  }

  /** @returns whether the script has ended */
  #hear(news: SandboxNews, answer: (answer: { id: number; isDone: boolean; json: string }) => void): boolean {
    switch (news.says) {
      case 'call':
        this.#queue(async () => {
          if (!this.#end.signal.aborted) answer({ id: news.id, ...(await this.#answered(news)) });
        });
        return false;
      case 'log':
        this.#queue(() => this.#record({ step: 'log', at: news.at, state: 'succeeded', result: news.text }));
        return false;
      case 'ended':
        this.#fault = news.fault ?? unawaited(news.unawaited);
        return true;
      default:
        return false;
    }
  }

  /** One at a time: a device does one thing at a time, and the record has an order. */
  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      try {
        await work();
      } catch (error) {
        this.#failure ??= error;
        this.#end.abort(error);
      }
    });
  }

  /** @throws what ends the run, whatever the script has to say */
  async #answered(call: Call): Promise<{ isDone: boolean; json: string }> {
    try {
      const told = call.kind === 'step' ? await this.#step(call) : await this.#facts(call.kind);
      return { isDone: true, json: JSON.stringify(told) };
    } catch (error) {
      if (!isFailure(error, this.#place.signal)) throw error;
      return { isDone: false, json: JSON.stringify(answeredError(error)) };
    }
  }

  async #facts(kind: Exclude<Call['kind'], 'step'>): Promise<unknown> {
    return factsTold(kind, await this.#parts.steps.facts(NEEDS[kind], this.#place));
  }

  async #step({ name: text, args: json, at }: Call): Promise<unknown> {
    const name = stepName(text);
    // A step whose arguments can all be left out may be called without any.
    const read = stepOf(name).schema.safeParse((JSON.parse(json) as unknown) ?? {});
    const wrong = read.success
      ? this.#wrongIn(name, read.data)
      : read.error.issues.map(({ path, message }) => [...path, message].join(': '));
    if (wrong.length > 0 || !read.success) {
      const result = `${name}: ${wrong.join(' ')}`;
      await this.#record({ step: name, at, state: 'failed', result });
      throw new StepError('refused', result);
    }
    this.#earlier.push(name);
    const node = { kind: 'step', name, args: read.data, only: null, as: null, onError: null } as const;
    return (await this.#parts.steps.step(node, this.#pathOf(at), this.#place)) ?? {};
  }

  /** What the loader would have said of these arguments, had they stood in the fleet file. */
  #wrongIn(name: StepName, args: unknown): string[] {
    const { fleet, macro } = this.#options.bound;
    const { room } = this.#place;
    const context: CheckContext = {
      fleet,
      targets: room === null ? [] : [room.desired],
      hasDevice: room !== null,
      macro: macro.name,
      macros: knownMacros(sectionOf(fleet, macroSection) ?? [], fleet),
      unmuted: macro.unmuted,
      names: templateNames({}),
      earlier: this.#earlier,
    };
    return stepOf(name)
      .check(args, context)
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => [...path, message].join(': '));
  }

  async #record({
    step,
    at,
    ...end
  }: {
    step: string;
    at: Spot | null;
    state: 'succeeded' | 'failed';
    result: string;
  }): Promise<void> {
    const { log, clock } = this.#parts;
    const device = this.#place.room?.desired.name ?? null;
    const position = await log.began({ path: this.#pathOf(at), step, device, at: clock.now() });
    await log.ended({ position, at: clock.now(), ...end });
  }

  #pathOf(at: Spot | null): string {
    const { file } = this.#options.file;
    return at === null ? file : `${file}:${at.line}`;
  }
}

function stepName(text: string): StepName {
  if (Object.hasOwn(STEPS, text)) return text as StepName;
  throw new StepError('refused', `there is no step "${text}"`);
}

function answeredError(error: unknown): AnsweredError {
  const root = rootOf(error);
  return { code: root instanceof RoomdError ? root.code : 'failed', message: messageOf(root) };
}

function unawaited(count: number): Fault | null {
  if (count === 0) return null;
  return {
    message: `it ended while ${count === 1 ? 'a call was' : `${count} calls were`} still under way: write await before each`,
    at: null,
  };
}

function failed({ file }: JavaScriptFile, { message, at }: Fault): JavaScriptError {
  const place = at === null ? file : `${file}:${at.line}:${at.column}`;
  return new JavaScriptError('script-failed', `${place}: ${message}`);
}
