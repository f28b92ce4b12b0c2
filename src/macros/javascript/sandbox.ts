import type {
  JSModuleLoadResult,
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSWASMModule,
} from 'quickjs-emscripten-core';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { faultOf, spotIn, tooLong } from './fault.ts';
import { PRELUDE, ROOMD_MODULE } from './prelude.ts';
import {
  type Answer,
  CALL_KINDS,
  type CallKind,
  type Fault,
  type Given,
  type JavaScriptFile,
  type SandboxLimits,
  type SandboxNews,
} from './protocol.ts';

interface SandboxParts {
  /** Of this sandbox alone. */
  readonly engine: QuickJSWASMModule;
  readonly limits: SandboxLimits;
  /** Of real time: what it measures is how long the script computes. */
  readonly clock: Clock;
  readonly tell: (news: SandboxNews) => void;
}

interface Prelude {
  readonly settle: QuickJSHandle;
  readonly here: QuickJSHandle;
  readonly check: QuickJSHandle;
  readonly run: QuickJSHandle;
}

/**
 * One script within an engine of its own: its file is evaluated and its `run`
 * called, and all that it reaches are the functions of the prelude. Once a
 * limit is broken nothing of it is called any more.
 */
export class Sandbox {
  readonly #file: JavaScriptFile;
  readonly #parts: SandboxParts;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  /** When the script was entered last. */
  #enteredAt = 0;
  #ticks = 0;
  #steps = 0;
  #calls = 0;
  #lines = 0;
  readonly #unanswered = new Set<number>();
  /** Why nothing is called any more. */
  #broken: Fault | null = null;
  #prelude: Prelude | null = null;
  /** The promise of `run`. */
  #running: QuickJSHandle | null = null;

  constructor(file: JavaScriptFile, parts: SandboxParts) {
    this.#file = file;
    this.#parts = parts;
    this.#runtime = parts.engine.newRuntime();
    this.#runtime.setMaxStackSize(parts.limits.stackBytes);
    this.#runtime.setInterruptHandler(() => {
      this.#ticks += 1;
      return this.#isOver();
    });
    this.#runtime.setModuleLoader(loadModule, (_base, name) => name);
    this.#context = this.#runtime.newContext();
  }

  /** Evaluates the file without running the macro; null where it defines one. */
  check(): Fault | null {
    this.#enter(() => this.#evaluate('check', { macro: '', trigger: {}, device: null, steps: [] }));
    return this.#fault() ?? (this.#state() === 'pending' ? { message: NOTHING_COMES, at: null } : null);
  }

  run(given: Given): void {
    this.#enter(() => this.#evaluate('run', given));
    this.#report();
  }

  answer({ id, isDone, json }: Answer): void {
    if (!this.#unanswered.delete(id)) return;
    this.#enter(() => {
      const context = this.#context;
      const told = context.newString(json);
      const number = context.newNumber(id);
      this.#call(this.#prelude?.settle, number, isDone ? context.true : context.false, told)?.dispose();
      told.dispose();
      number.dispose();
    });
    this.#report();
  }

  /** Evaluates the file and hands what it exports to the prelude. */
  #evaluate(how: 'check' | 'run', given: Given): void {
    const prelude = this.#loadPrelude(given);
    this.#prelude = prelude;
    const { file, source } = this.#file;
    const exported = this.#take(this.#context.evalCode(source, file, { type: 'module' }));
    if (exported !== null) this.#running = this.#call(prelude[how], exported);
  }

  #loadPrelude(given: Given): Prelude {
    const context = this.#context;
    const call = context.newFunction('call', (kind, name, json, stack, room) =>
      this.#told(
        context.getString(kind),
        { name: context.getString(name), json: context.getString(json), room: context.getNumber(room) },
        context.getString(stack),
      ),
    );
    const make = context.unwrapResult(context.evalCode(PRELUDE, 'roomd'));
    const made = context.unwrapResult(
      context.callFunction(make, context.undefined, call, context.newString(JSON.stringify(given))),
    );
    const of = (name: keyof Prelude): QuickJSHandle => context.getProp(made, name);
    return { settle: of('settle'), here: of('here'), check: of('check'), run: of('run') };
  }

  /** What the prelude was called with. @returns the number of the call; what is thrown here is thrown in the script */
  #told(
    kind: string,
    { name, json, room }: { name: string; json: string; room: number },
    stack: string,
  ): QuickJSHandle {
    const { limits, tell } = this.#parts;
    const at = spotIn(stack, this.#file.file);
    if (kind === 'log') {
      this.#log(json, at);
      return this.#context.undefined;
    }
    if (json.length > limits.argumentLength)
      throw new RangeError(`the arguments of ${name} are longer than ${limits.argumentLength} characters`);
    if (this.#unanswered.size >= limits.callsAtOnce)
      throw new RangeError(`more than ${limits.callsAtOnce} calls at a time: await them`);
    this.#calls += 1;
    if (kind === 'step') this.#steps += 1;
    if (this.#steps > limits.steps) this.#break(`it calls more than ${limits.steps} steps`, at);
    else if (this.#calls > limits.calls)
      this.#break(`it asks roomd for something more than ${limits.calls} times`, at);
    else {
      this.#unanswered.add(this.#calls);
      tell({ says: 'call', id: this.#calls, kind: callKind(kind), name, args: json, room, at });
    }
    return this.#context.newNumber(this.#calls);
  }

  #log(text: string, at: Fault['at']): void {
    const { logLines, logLineLength } = this.#parts.limits;
    this.#lines += 1;
    if (this.#lines > logLines) return;
    const line = text.length > logLineLength ? `${text.slice(0, logLineLength)}…` : text;
    this.#parts.tell({
      says: 'log',
      text: this.#lines === logLines ? `${line} (further lines are left out)` : line,
      at,
    });
  }

  /** Lets the script compute until it waits for something. */
  #enter(work: () => void): void {
    if (this.#broken !== null) return;
    this.#enteredAt = this.#parts.clock.monotonic();
    this.#ticks = 0;
    try {
      work();
      while (this.#broken === null && this.#runtime.hasPendingJob()) {
        // One at a time: a promise that a stopped function rejects may call the next for ever.
        const jobs = this.#runtime.executePendingJobs(1);
        if (jobs.error !== undefined) this.#take(jobs);
        this.#isOver();
      }
    } catch (error) {
      // The engine itself ran out of something; what it holds by now is worth nothing.
      const isDeep = error instanceof RangeError;
      this.#break(isDeep ? TOO_DEEP : `the engine ended: ${messageOf(error)}`, null);
    }
    this.#isOver();
  }

  /** Whether nothing is called any more; asked by the engine again and again while the script computes. */
  #isOver(): boolean {
    if (this.#broken !== null) return true;
    const { limits, clock } = this.#parts;
    const tookMs = clock.monotonic() - this.#enteredAt;
    const isLong = tookMs > limits.turnMs && this.#ticks >= limits.turnTicks;
    if (!isLong && tookMs <= limits.turnMostMs) return false;
    const message = tooLong(limits);
    this.#broken = { message, at: null };
    // Broken by now, so that not even this can go on for long.
    this.#broken = { message, at: this.#here() };
    return true;
  }

  /** Where the script is just now. */
  #here(): Fault['at'] {
    const prelude = this.#prelude;
    if (prelude === null) return null;
    const context = this.#context;
    const asked = context.callFunction(prelude.here, context.undefined);
    if (asked.error !== undefined) return null;
    return asked.value.consume((stack) => spotIn(context.getString(stack), this.#file.file));
  }

  #call(fn: QuickJSHandle | undefined, ...args: QuickJSHandle[]): QuickJSHandle | null {
    if (fn === undefined) return null;
    return this.#take(this.#context.callFunction(fn, this.#context.undefined, ...args));
  }

  #take(
    result: { value: QuickJSHandle; error?: undefined } | { error: QuickJSHandle },
  ): QuickJSHandle | null {
    if (result.error === undefined) return result.value;
    this.#broken ??= this.#read(result.error);
    return null;
  }

  #read(error: QuickJSHandle): Fault {
    const { clock, limits } = this.#parts;
    // Reading may call the script's own code, so it is a turn as well.
    this.#enteredAt = clock.monotonic();
    return faultOf(this.#context, error, { file: this.#file.file, limits });
  }

  #break(message: string, at: Fault['at']): void {
    this.#broken ??= { message, at };
  }

  /** What `run` failed of, null while it did not. */
  #rejection(): Fault | null {
    if (this.#running === null) return null;
    const state = this.#context.getPromiseState(this.#running);
    return state.type === 'rejected' ? this.#read(state.error) : null;
  }

  #state(): 'pending' | 'fulfilled' | 'rejected' {
    return this.#running === null ? 'pending' : this.#context.getPromiseState(this.#running).type;
  }

  /** What is wrong by now, null where nothing is. */
  #fault(): Fault | null {
    return this.#broken ?? this.#rejection();
  }

  #report(): void {
    const { tell } = this.#parts;
    const fault = this.#fault();
    const unawaited = this.#unanswered.size;
    if (fault !== null) tell({ says: 'ended', fault, unawaited });
    else if (this.#state() !== 'pending') tell({ says: 'ended', fault: null, unawaited });
    else if (unawaited === 0) tell({ says: 'ended', fault: { message: NOTHING_COMES, at: null }, unawaited });
    else tell({ says: 'idle' });
  }
}

const NOTHING_COMES = 'it waits for something that never comes';
const TOO_DEEP = 'it is nested too deeply';

function loadModule(name: string): JSModuleLoadResult {
  if (name === 'roomd') return ROOMD_MODULE;
  return { error: new Error(`there is no module "${name}": a macro can import nothing but roomd`) };
}

function callKind(text: string): CallKind {
  const kind = CALL_KINDS.find((one) => one === text);
  if (kind === undefined) throw new TypeError(`there is no call "${text}"`);
  return kind;
}
