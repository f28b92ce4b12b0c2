import type { DesiredDevice } from '../fleet/fleet.ts';
import { DeadlineError } from '../lib/abort.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import type { ZoneClock } from '../lib/zone.ts';
import type { Device } from '../xapi/device.ts';
import { type BoundMacro, zoneOf } from './bind.ts';
import { ConditionError, type OutputValues } from './condition.ts';
import { describeRun } from './describe-run.ts';
import { JavaScriptRunner, type JavaScriptRunnerOptions } from './javascript/javascript-runner.ts';
import { everyBlock } from './known-macros.ts';
import { FINALLY_MS } from './macro-check.ts';
import type { StepPorts } from './ports.ts';
import { reachOf } from './reach.ts';
import { endOf, isFailure, NeverBegan, RunCancelled, type RunEnd } from './run-end.ts';
import type { NewRun, RunStore } from './run-store.ts';
import { type Place, ScriptRun } from './script-run.ts';
import { StepError, type StepTiming } from './step.ts';
import { StepLog } from './step-log.ts';
import type { Occasion } from './trigger.ts';
import type { Turn } from './turn.ts';
import { Turns } from './turns.ts';

/** A run that is wanted. */
export interface DueRun {
  readonly bound: BoundMacro;
  /** Null for one that is for the fleet as a whole. */
  readonly device: DesiredDevice | null;
  readonly occasion: Occasion;
  /** What set it off, in a word or two for the record. */
  readonly trigger: string;
  /** The first step to be done, from 0, with what those before it told; from the beginning where it is left out. */
  readonly from?: { readonly step: number; readonly outputs: ReadonlyMap<string, OutputValues> };
  /** Nothing is done; what would be is recorded. */
  readonly isDry?: boolean;
  /** The run that it is a part of. */
  readonly within?: Within;
}

interface Within {
  readonly signal: AbortSignal;
  /** What that run holds. */
  readonly turn: Turn;
}

/** A run that is recorded; `ended` never rejects. */
export interface LaunchedRun {
  readonly id: string;
  readonly ended: Promise<RunEnd>;
}

export interface RunnerOptions {
  /** Runs that may act at one time, on all devices together. */
  readonly mostRuns: number;
  readonly timing: StepTiming;
  readonly javascript: JavaScriptRunnerOptions;
}

export interface RunnerParts {
  readonly ports: StepPorts;
  readonly store: RunStore;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly clockOf: (zone: string) => ZoneClock;
}

interface Active {
  readonly due: DueRun;
  readonly controller: AbortController;
  readonly ended: Promise<RunEnd>;
}

/** Runs macros: at most once per occasion, one at a time per device, each step recorded before and after. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #parts: RunnerParts;
  readonly #turns: Turns;
  readonly #scripts: JavaScriptRunner;
  /** By macro, where the file says how many of its runs may go on at a time. */
  readonly #concurrency = new Map<string, { readonly most: number; readonly turns: Turns }>();
  readonly #active = new Map<string, Active>();
  /** Ends what runs do at their end, once roomd stops. */
  #ending = new AbortController();

  constructor(options: RunnerOptions, parts: RunnerParts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = new Turns(options.mostRuns);
    this.#scripts = new JavaScriptRunner(options.javascript, { clock: parts.clock, watch: systemClock() });
  }

  /**
   * Records the run and, where nothing speaks against it, begins it. Null
   * where this occasion was recorded before, or the device is not known.
   * @throws StorageError when it cannot be recorded; then nothing was done
   */
  async launch(due: DueRun): Promise<LaunchedRun | null> {
    const { ports, store, newId, logger } = this.#parts;
    const { macro } = due.bound;
    const device = due.device === null ? null : ports.device(due.device.name);
    if (due.device !== null && device === null) {
      logger.warn({ macro: macro.name, device: due.device.name }, 'macro has no device to run on');
      return null;
    }
    const run: NewRun = {
      id: newId(),
      macro: macro.name,
      deviceId: device?.address.id ?? null,
      trigger: due.trigger,
      dueAt: due.occasion.dueAt,
      key: due.occasion.key,
      facts: due.occasion.facts,
    };
    const refusal = this.#whyNot(due.device) ?? this.#overlap(due) ?? (await this.#tooOften(run, due));
    if (refusal !== null) return this.#skip(run, refusal);
    const controller = new AbortController();
    const unfollow = due.within === undefined ? () => undefined : follow(controller, due.within.signal);
    const recorded = store.begin(run);
    const ended = recorded.then(
      (isNew) => (isNew ? this.#supervise(run, due, device, controller) : NOT_RECORDED),
      () => NOT_RECORDED,
    );
    this.#active.set(run.id, { due, controller, ended });
    void ended.then(() => {
      this.#active.delete(run.id);
      unfollow();
    });
    return (await recorded) ? { id: run.id, ended } : null;
  }

  async #skip(run: NewRun, reason: string): Promise<LaunchedRun | null> {
    const { store, clock } = this.#parts;
    if (!(await store.skip(run, { at: clock.now(), reason }))) return null;
    return { id: run.id, ended: Promise.resolve({ state: 'skipped', reason }) };
  }

  #overlap(due: DueRun): string | null {
    if (due.bound.macro.overlap === 'wait') return null;
    const overlap = [...this.#active.values()].find((active) => isSame(active.due, due));
    if (overlap === undefined) return null;
    return `the run that was due at ${iso(overlap.due.occasion.dueAt)} was still under way`;
  }

  async #tooOften(run: NewRun, { bound, occasion }: DueRun): Promise<string | null> {
    const { rate } = bound.macro;
    if (rate === undefined) return null;
    const since = occasion.dueAt - rate.per;
    const count = await this.#parts.store.countSince(run.macro, run.deviceId, since);
    return count < rate.most
      ? null
      : `it ran ${count} times since ${iso(since)}, and its rate allows ${rate.most}`;
  }

  /** Whether a run is under way or waits for its turn. */
  get isBusy(): boolean {
    return this.#active.size > 0;
  }

  /** A run that has not ended; null where there is none. */
  underWay(runId: string): DueRun | null {
    return this.#active.get(runId)?.due ?? null;
  }

  /** Ends a run; false where none of this id is under way. It settles once it left nothing half-done. */
  async cancel(id: string, reason: string): Promise<boolean> {
    const active = this.#active.get(id);
    if (active === undefined) return false;
    active.controller.abort(new RunCancelled(reason));
    await active.ended;
    return true;
  }

  /** Ends the runs whose device a hold or `protected` now forbids. */
  async cancelForbidden(): Promise<void> {
    const forbidden = [...this.#active].flatMap(([id, { due }]) => {
      const reason = this.#whyNot(due.device);
      return reason === null ? [] : [this.cancel(id, reason)];
    });
    await Promise.all(forbidden);
  }

  /** Waits so long for the runs under way, then cancels the rest and waits for them. */
  async drain(graceMs: number): Promise<void> {
    const { clock } = this.#parts;
    const stopped = new RunCancelled('roomd was stopped');
    const callOff = clock.after(graceMs, () => {
      for (const { controller } of this.#active.values()) controller.abort(stopped);
      this.#ending.abort(stopped);
    });
    await Promise.all([...this.#active.values()].map(({ ended }) => ended));
    callOff();
    this.#ending = new AbortController();
  }

  #whyNot(device: DesiredDevice | null): string | null {
    if (device?.protected) return `${device.name} is protected: machines never act on it`;
    const permission = this.#parts.ports.mayAct(device);
    return permission.ok ? null : permission.reason;
  }

  /** The edge at which a run's failure is decided about: it ends the run, is recorded and logged once. */
  async #supervise(
    run: NewRun,
    due: DueRun,
    device: Device | null,
    controller: AbortController,
  ): Promise<RunEnd> {
    const { store, clock, logger } = this.#parts;
    const { deadline } = due.bound.macro;
    const callOff = clock.after(deadline, () =>
      controller.abort(new DeadlineError(`the macro ${run.macro}`, deadline)),
    );
    const facts = { macro: run.macro, device: due.device?.name ?? null, run: run.id };
    let end: RunEnd;
    try {
      end = await this.#execute(run, due, device, controller.signal);
    } catch (error) {
      end = endOf(error);
      if (end.state === 'failed') logger.warn({ ...facts, reason: end.reason }, 'macro run failed');
    } finally {
      callOff();
    }
    try {
      await store.ended(run, { at: clock.now(), ...end });
    } catch (error) {
      logger.error({ ...facts, ...end, error: messageOf(error) }, 'end of macro run could not be recorded');
    }
    return end;
  }

  async #execute(run: NewRun, due: DueRun, device: Device | null, signal: AbortSignal): Promise<RunEnd> {
    const { store, clock, ports } = this.#parts;
    const { turn, giveBack } = await this.#takeTurns(due, signal);
    try {
      await store.started(run.id, clock.now());
      const log = new StepLog(run.id, { store });
      const script = this.#scriptOf(run, due, log);
      const place: Place = {
        room: device === null || due.device === null ? null : { device, desired: due.device, ownCalls: [] },
        outputs: new Map(due.from?.outputs),
        turn,
        signal,
      };
      const unmet = await this.#whyUnmet(script, due, place);
      if (unmet !== null) return { state: 'skipped', reason: unmet };
      const reason = due.isDry === true ? 'it was only rehearsed: nothing was done' : null;
      if (reason !== null || ports.mode() === 'observe') {
        await describeRun(due, { log, clock, wall: this.#wallOf(due)(due.device) });
        return { state: 'would-run', reason: reason ?? 'the mode is observe: nothing was done' };
      }
      await this.#perform({ script, log }, due, place);
      return { state: 'succeeded', reason: null };
    } finally {
      await ports.settings.endOfRun(run.id).finally(giveBack);
    }
  }

  /** The macro's turn among its own runs, then the one on all devices that its steps act on. */
  async #takeTurns(
    { bound: { macro, fleet }, device, within }: DueRun,
    signal: AbortSignal,
  ): Promise<{ turn: Turn; giveBack: () => void }> {
    try {
      if (within !== undefined) return await this.#takeInnerTurn(macro.name, device, within.turn, signal);
      const own = await this.#concurrencyOf(macro)?.take([device?.name ?? macro.name], { signal });
      try {
        const keys =
          device === null ? [`macro ${macro.name}`] : [device.name, ...reachOf(everyBlock(macro), fleet)];
        const turn = await this.#turns.take(keys, { signal });
        return {
          turn,
          giveBack: () => {
            turn.giveBack();
            own?.giveBack();
          },
        };
      } catch (error) {
        own?.giveBack();
        throw error;
      }
    } catch (error) {
      throw new NeverBegan(error);
    }
  }

  /**
   * The run that it is a part of holds the turns of its devices. It does not wait for the macro's own runs either:
   * one of them may wait for such a device.
   */
  async #takeInnerTurn(
    macro: string,
    device: DesiredDevice | null,
    outer: Turn,
    signal: AbortSignal,
  ): Promise<{ turn: Turn; giveBack: () => void }> {
    if (device !== null) return { turn: outer, giveBack: () => undefined };
    const turn = await this.#turns.take([`macro ${macro}`], { signal, within: outer });
    return { turn, giveBack: () => turn.giveBack() };
  }

  #concurrencyOf({ name, concurrency: most }: BoundMacro['macro']): Turns | null {
    if (most === undefined) return null;
    const known = this.#concurrency.get(name);
    if (known?.most === most) return known.turns;
    const turns = new Turns(most);
    this.#concurrency.set(name, { most, turns });
    return turns;
  }

  /** The steps, then those for a failure, then those for the end; what failed first is what the run failed of. */
  async #perform(
    { script, log }: { script: ScriptRun; log: StepLog },
    { bound, from, occasion }: DueRun,
    place: Place,
  ): Promise<void> {
    const { macro, javascript } = bound;
    try {
      if (javascript === null) await script.block(macro.steps, 'steps', place, from?.step);
      else
        await this.#scripts.run(
          { bound, file: javascript, trigger: occasion.facts },
          { steps: script, log },
          place,
        );
    } catch (error) {
      if (macro.onError !== undefined && isFailure(error, place.signal))
        await script.block(macro.onError, 'onError', place).catch(this.#logged('onError', macro.name));
      throw error;
    } finally {
      if (macro.finally !== undefined) await this.#finish(script, macro.name, macro.finally, place);
    }
  }

  /** Also after the run was cancelled or its deadline came, hence a time of its own. */
  async #finish(
    script: ScriptRun,
    name: string,
    block: NonNullable<BoundMacro['macro']['finally']>,
    place: Place,
  ): Promise<void> {
    const late = new AbortController();
    const callOff = this.#parts.clock.after(FINALLY_MS, () =>
      late.abort(new DeadlineError(`the end of the macro ${name}`, FINALLY_MS)),
    );
    const signal = AbortSignal.any([late.signal, this.#ending.signal]);
    try {
      await script.block(block, 'finally', { ...place, signal });
    } catch (error) {
      this.#logged('finally', name)(error);
    } finally {
      callOff();
    }
  }

  /** Its step is on record as failed; it does not hide what the run itself came to. */
  #logged(part: string, macro: string): (error: unknown) => void {
    return (error) =>
      this.#parts.logger.warn({ macro, part, reason: messageOf(error) }, 'macro run failed at its end');
  }

  /** Why the run does not take place, null where it does. */
  async #whyUnmet(
    script: ScriptRun,
    { bound: { macro }, device }: DueRun,
    place: Place,
  ): Promise<string | null> {
    if (macro.onlyWhenFree && device !== null) {
      const { state, reason } = await this.#parts.ports.occupancy(device.name, place.signal);
      if (state !== 'free') return `the room is ${state === 'busy' ? 'in use' : 'perhaps in use'}: ${reason}`;
    }
    if (macro.if === undefined) return null;
    try {
      return (await script.holds(macro.if, place)) ? null : `its condition is not met: ${macro.if}`;
    } catch (error) {
      if (error instanceof ConditionError) return error.message;
      throw error;
    }
  }

  #scriptOf(run: NewRun, due: DueRun, log: StepLog): ScriptRun {
    const { ports, clock } = this.#parts;
    return new ScriptRun(
      {
        runId: run.id,
        bound: due.bound,
        trigger: due.occasion.facts,
        wallOf: this.#wallOf(due),
        assertMayAct: (device) => {
          const reason = ports.mode() === 'observe' ? 'the mode is observe by now' : this.#whyNot(device);
          if (reason !== null) throw new StepError('held', reason);
        },
      },
      { ports, clock, timing: this.#options.timing, turns: this.#turns, log },
    );
  }

  #wallOf({ bound }: DueRun): (device: DesiredDevice | null) => number {
    const { clock, clockOf } = this.#parts;
    return (device) => clockOf(zoneOf(bound.macro, device)).wallAt(clock.now());
  }
}

const NOT_RECORDED: RunEnd = { state: 'skipped', reason: 'it was recorded before' };

function isSame(one: DueRun, other: DueRun): boolean {
  return one.bound.macro.name === other.bound.macro.name && one.device?.name === other.device?.name;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Lets a run end with the one that it is a part of, until the returned function is called. */
function follow(controller: AbortController, signal: AbortSignal): () => void {
  const end = (): void => controller.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  return () => signal.removeEventListener('abort', end);
}
