import type { DesiredDevice } from '../../fleet/fleet.ts';
import { sectionOf } from '../../fleet/section.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import type { BoundMacro } from '../bind.ts';
import { devicesOf } from '../devices.ts';
import { knownMacros } from '../known-macros.ts';
import { macroSection } from '../macro.ts';
import type { Place } from '../place.ts';
import { isFailure, rootOf } from '../run-end.ts';
import type { ScriptRun } from '../script-run.ts';
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

/** Where a script acts: what its run is about, or a room of an each. */
interface Part {
  readonly place: Place;
  /** Names of the steps so far. */
  readonly earlier: StepName[];
  /** Settles once all that was begun there has settled. */
  last: Promise<void>;
  /** The no after which nothing more is done in that room. */
  over: unknown;
  /** Lets others have the room. */
  readonly leave: () => void;
}

/** The number of the run itself, as that of a room of an each is. */
const RUN = 0;

/** One run of a JavaScript macro: its script in a thread, its steps done here, one after another, like those of any run. */
export class JavaScriptRun {
  readonly #options: JavaScriptOptions;
  readonly #parts: JavaScriptParts;
  readonly #place: Place;
  /** Ends the thread, and the step under way. */
  readonly #end = new AbortController();
  readonly #there = new Map<number, Part>();
  /** Rooms that are waited for, or were entered. */
  readonly #visits = new Set<Promise<void>>();
  #fault: Fault | null = null;
  /** What ended the run from here. */
  #failure: unknown = null;

  constructor(options: JavaScriptOptions, parts: JavaScriptParts, place: Place) {
    this.#options = options;
    this.#parts = parts;
    this.#place = { ...place, signal: AbortSignal.any([place.signal, this.#end.signal]) };
    this.#there.set(
      RUN,
      partAt(this.#place, () => undefined),
    );
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
      await Promise.all([...this.#there.values()].map(({ last }) => last));
      for (const { leave } of this.#there.values()) leave();
      await Promise.all(this.#visits);
    }
    if (this.#fault !== null) throw failed(file, this.#fault);
    if (this.#failure !== null) throw this.#failure;
  }

  /** @returns whether the script has ended */
  #hear(news: SandboxNews, answer: (answer: { id: number; isDone: boolean; json: string }) => void): boolean {
    switch (news.says) {
      case 'call':
        this.#begin(news, answer);
        return false;
      case 'log':
        this.#queue(RUN, (part) =>
          this.#record(part, { step: 'log', at: news.at, state: 'succeeded', result: news.text }),
        );
        return false;
      case 'ended':
        this.#fault = news.fault ?? unawaited(news.unawaited);
        return true;
      default:
        return false;
    }
  }

  #begin(call: Call, answer: (answer: { id: number; isDone: boolean; json: string }) => void): void {
    const { id } = call;
    if (call.kind === 'enter') {
      this.#enter(call, (told) => {
        if (!this.#end.signal.aborted) answer({ id, ...told });
      });
      return;
    }
    this.#queue(call.room, async (part) => {
      if (!this.#end.signal.aborted) answer({ id, ...(await this.#answered(call, part)) });
    });
  }

  /** One at a time in each room: a device does one thing at a time, and the record has an order. */
  #queue(room: number, work: (part: Part) => Promise<void>): void {
    const part = this.#there.get(room) ?? { ...partAt(this.#place, () => undefined), over: LEFT };
    part.last = part.last.then(async () => {
      try {
        await work(part);
      } catch (error) {
        this.#broke(error);
      }
    });
  }

  #broke(error: unknown): void {
    this.#failure ??= error;
    this.#end.abort(error);
  }

  /** Takes the turn of a room until the script leaves it, or ends. */
  #enter({ id, name }: Call, answer: (told: { isDone: boolean; json: string }) => void): void {
    const visit = async (): Promise<void> => {
      try {
        const desired = this.#deviceNamed(name);
        await this.#parts.steps.onDevice(desired, this.#place, async (room, turn) => {
          if (this.#place.signal.aborted) return;
          await new Promise<void>((leave) => {
            const place = { room, outputs: new Map(), turn, signal: this.#place.signal };
            this.#there.set(id, partAt(place, leave));
            answer({ isDone: true, json: JSON.stringify(id) });
          });
        });
      } catch (error) {
        if (this.#place.signal.aborted) return;
        answer({ isDone: false, json: JSON.stringify(answeredError(error)) });
      }
    };
    const visiting = visit().finally(() => this.#visits.delete(visiting));
    this.#visits.add(visiting);
  }

  #deviceNamed(name: string): DesiredDevice {
    if (this.#place.room !== null)
      throw new StepError('refused', 'each is for macros that say `scope: fleet`');
    const desired = this.#options.bound.fleet.devices.find((device) => device.name === name);
    if (desired === undefined) throw new StepError('refused', `there is no device "${name}"`);
    return desired;
  }

  /** @throws what ends the run, whatever the script has to say */
  async #answered(call: Call, part: Part): Promise<{ isDone: boolean; json: string }> {
    try {
      const told = await this.#told(call, part);
      return { isDone: true, json: JSON.stringify(told) };
    } catch (error) {
      if (!isFailure(error, this.#place.signal)) {
        // A no of one room of an each, or a hold on it, is about that room alone.
        if (call.room === RUN || this.#place.signal.aborted) throw error;
        part.over = error;
      }
      return { isDone: false, json: JSON.stringify(answeredError(error)) };
    }
  }

  async #told(call: Call, part: Part): Promise<unknown> {
    const { kind, args, room } = call;
    if (kind === 'leave' && room !== RUN) {
      this.#there.delete(room);
      part.leave();
      return null;
    }
    if (part.over !== null) throw part.over;
    if (kind === 'devices') return this.#devicesLike(JSON.parse(args));
    if (kind === 'step') return await this.#step(call, part);
    // Entering is answered where the turn is waited for.
    if (kind === 'enter' || kind === 'leave') return null;
    return factsTold(kind, await this.#parts.steps.facts(NEEDS[kind], part.place));
  }

  #devicesLike(selector: unknown): unknown {
    const { targets, problems } = devicesOf(String(selector), this.#options.bound.fleet);
    const wrong = problems.filter(({ severity }) => severity === 'error');
    if (wrong.length > 0)
      throw new StepError('refused', `devices: ${wrong.map(({ message }) => message).join(' ')}`);
    return targets.map(deviceFacts);
  }

  async #step({ name: text, args: json, at }: Call, part: Part): Promise<unknown> {
    const name = stepName(text);
    // A step whose arguments can all be left out may be called without any.
    const read = stepOf(name).schema.safeParse((JSON.parse(json) as unknown) ?? {});
    const wrong = read.success
      ? this.#wrongIn(name, read.data, part)
      : read.error.issues.map(({ path, message }) => [...path, message].join(': '));
    if (wrong.length > 0 || !read.success) {
      const result = `${name}: ${wrong.join(' ')}`;
      await this.#record(part, { step: name, at, state: 'failed', result });
      throw new StepError('refused', result);
    }
    part.earlier.push(name);
    const node = { kind: 'step', name, args: read.data, only: null, as: null, onError: null } as const;
    return (await this.#parts.steps.step(node, this.#pathOf(at), part.place)) ?? {};
  }

  /** What the loader would have said of these arguments, had they stood in the fleet file. */
  #wrongIn(name: StepName, args: unknown, { place: { room }, earlier }: Part): string[] {
    const { fleet, macro } = this.#options.bound;
    const context: CheckContext = {
      fleet,
      targets: room === null ? [] : [room.desired],
      hasDevice: room !== null,
      macro: macro.name,
      macros: knownMacros(sectionOf(fleet, macroSection) ?? [], fleet),
      unmuted: macro.unmuted,
      names: templateNames({}),
      earlier,
    };
    return stepOf(name)
      .check(args, context)
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => [...path, message].join(': '));
  }

  async #record(
    { place }: Part,
    { step, at, ...end }: { step: string; at: Spot | null; state: 'succeeded' | 'failed'; result: string },
  ): Promise<void> {
    const { log, clock } = this.#parts;
    const device = place.room?.desired.name ?? null;
    const position = await log.began({ path: this.#pathOf(at), step, device, at: clock.now() });
    await log.ended({ position, at: clock.now(), ...end });
  }

  #pathOf(at: Spot | null): string {
    const { file } = this.#options.file;
    return at === null ? file : `${file}:${at.line}`;
  }
}

const LEFT = new StepError(
  'refused',
  'its room was left already: await every call in the function of an each',
);

function partAt(place: Place, leave: () => void): Part {
  return { place, earlier: [], last: Promise.resolve(), over: null, leave };
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
