import type { DesiredDevice } from '../fleet/fleet.ts';
import { DeadlineError } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import type { ZoneClock } from '../lib/zone.ts';
import type { Device } from '../xapi/device.ts';
import { type BoundMacro, zoneOf } from './bind.ts';
import { ConditionError } from './condition.ts';
import type { MacroPorts } from './ports.ts';
import { endOf, NeverBegan, RunCancelled, type RunEnd, StepFailure } from './run-end.ts';
import type { NewRun, RunStore } from './run-store.ts';
import { type StepContext, StepError, type StepTiming } from './step.ts';
import { stepOf } from './steps/registry.ts';
import { templateValues } from './template.ts';
import { Turns } from './turns.ts';

/** A run that is wanted. */
export interface DueRun {
  readonly bound: BoundMacro;
  readonly device: DesiredDevice;
  readonly dueAt: number;
  readonly trigger: string;
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
}

export interface RunnerParts {
  readonly ports: MacroPorts;
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

/** Runs macros: at most once per due time, one at a time per device, each step recorded before and after. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #parts: RunnerParts;
  readonly #turns: Turns;
  readonly #active = new Map<string, Active>();

  constructor(options: RunnerOptions, parts: RunnerParts) {
    this.#options = options;
    this.#parts = parts;
    this.#turns = new Turns(options.mostRuns);
  }

  /**
   * Records the run and, where nothing speaks against it, begins it. Null
   * where this due time was recorded before, or the device is not known.
   * @throws StorageError when it cannot be recorded; then nothing was done
   */
  async launch(due: DueRun): Promise<LaunchedRun | null> {
    const { ports, store, newId, logger } = this.#parts;
    const macro = due.bound.macro.name;
    const device = ports.device(due.device.name);
    if (device === null) {
      logger.warn({ macro, device: due.device.name }, 'macro has no device to run on');
      return null;
    }
    const run: NewRun = {
      id: newId(),
      macro,
      deviceId: device.address.id,
      trigger: due.trigger,
      dueAt: due.dueAt,
    };
    const refusal = this.#whyNot(due);
    if (refusal !== null) return this.#skip(run, refusal);
    const overlap = [...this.#active.values()].find((active) => isSame(active.due, due));
    if (overlap !== undefined)
      return this.#skip(run, `the run that was due at ${iso(overlap.due.dueAt)} was still under way`);
    const controller = new AbortController();
    const recorded = store.begin(run);
    const ended = recorded.then(
      (isNew) => (isNew ? this.#supervise(run, due, device, controller) : NOT_RECORDED),
      () => NOT_RECORDED,
    );
    this.#active.set(run.id, { due, controller, ended });
    void ended.then(() => this.#active.delete(run.id));
    return (await recorded) ? { id: run.id, ended } : null;
  }

  async #skip(run: NewRun, reason: string): Promise<LaunchedRun | null> {
    const { store, clock } = this.#parts;
    if (!(await store.skip(run, { at: clock.now(), reason }))) return null;
    return { id: run.id, ended: Promise.resolve({ state: 'skipped', reason }) };
  }

  /** Whether a run is under way or waits for its turn. */
  get isBusy(): boolean {
    return this.#active.size > 0;
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
      const reason = this.#whyNot(due);
      return reason === null ? [] : [this.cancel(id, reason)];
    });
    await Promise.all(forbidden);
  }

  /** Waits so long for the runs under way, then cancels the rest and waits for them. */
  async drain(graceMs: number): Promise<void> {
    const { clock } = this.#parts;
    const callOff = clock.after(graceMs, () => {
      for (const { controller } of this.#active.values())
        controller.abort(new RunCancelled('roomd was stopped'));
    });
    await Promise.all([...this.#active.values()].map(({ ended }) => ended));
    callOff();
  }

  #whyNot({ device }: DueRun): string | null {
    if (device.protected) return `${device.name} is protected: machines never act on it`;
    const permission = this.#parts.ports.mayAct(device);
    return permission.ok ? null : permission.reason;
  }

  /** The edge at which a run's failure is decided about: it ends the run, is recorded and logged once. */
  async #supervise(run: NewRun, due: DueRun, device: Device, controller: AbortController): Promise<RunEnd> {
    const { store, clock, logger } = this.#parts;
    const { deadline } = due.bound.macro;
    const callOff = clock.after(deadline, () =>
      controller.abort(new DeadlineError(`the macro ${run.macro}`, deadline)),
    );
    const facts = { macro: run.macro, device: due.device.name, run: run.id };
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

  async #execute(run: NewRun, due: DueRun, device: Device, signal: AbortSignal): Promise<RunEnd> {
    const { store, clock, ports } = this.#parts;
    const giveBack = await this.#turns.take(due.device.name, { signal }).catch((error: unknown) => {
      throw new NeverBegan(error);
    });
    try {
      await store.started(run.id, clock.now());
      const unmet = await this.#whyUnmet(due, signal);
      if (unmet !== null) return { state: 'skipped', reason: unmet };
      const context = this.#contextOf(run, due, device, signal);
      if (ports.mode() === 'observe') return await this.#describe(run, due, context);
      await this.#runSteps(run, due, context);
      return { state: 'succeeded', reason: null };
    } finally {
      giveBack();
    }
  }

  /** Why the condition keeps the run from taking place, null where it is met. */
  async #whyUnmet({ bound, device }: DueRun, signal: AbortSignal): Promise<string | null> {
    const { condition, macro } = bound;
    const { ports } = this.#parts;
    if (condition === null) return null;
    const occupancy = condition.needsOccupancy ? (await ports.occupancy(device.name, signal)).state : null;
    try {
      const isMet = condition.evaluate({
        device,
        state: ports.state(device.name),
        occupancy,
        wall: this.#wall(macro, device),
      });
      return isMet ? null : `its condition is not met: ${condition.text}`;
    } catch (error) {
      if (error instanceof ConditionError) return error.message;
      throw error;
    }
  }

  async #describe(run: NewRun, { bound }: DueRun, context: StepContext): Promise<RunEnd> {
    const steps = bound.macro.steps.map(({ name, args }, position) => ({
      position,
      step: name,
      result: `would ${stepOf(name).describe(args, context)}`,
    }));
    await this.#parts.store.stepsSkipped(run.id, steps, this.#parts.clock.now());
    return { state: 'would-run', reason: 'the mode is observe: nothing was done' };
  }

  async #runSteps(run: NewRun, { bound }: DueRun, context: StepContext): Promise<void> {
    const { store, clock } = this.#parts;
    const ownCalls: string[] = [];
    for (const [position, { name, args }] of bound.macro.steps.entries()) {
      context.signal.throwIfAborted();
      context.assertMayAct();
      await store.stepStarted(run.id, { position, step: name, at: clock.now() });
      try {
        const { result, calls = [] } = await stepOf(name).run({ ...context, ownCalls }, args);
        ownCalls.push(...calls);
        await store.stepEnded(run.id, { position, at: clock.now(), state: 'succeeded', result });
      } catch (error) {
        await store.stepEnded(run.id, {
          position,
          at: clock.now(),
          state: 'failed',
          result: messageOf(error),
        });
        throw new StepFailure(position, name, error);
      }
    }
  }

  #contextOf(run: NewRun, due: DueRun, device: Device, signal: AbortSignal): StepContext {
    const { ports, clock } = this.#parts;
    const { macro, fleet } = due.bound;
    return {
      runId: run.id,
      device,
      fleet,
      values: templateValues(due.device, { macro: macro.name, wall: this.#wall(macro, due.device) }),
      signal,
      clock,
      timing: this.#options.timing,
      ownCalls: [],
      assertMayAct: () => {
        const reason = ports.mode() === 'observe' ? 'the mode is observe by now' : this.#whyNot(due);
        if (reason !== null) throw new StepError('held', reason);
      },
      enqueue: (notifier, message) => ports.enqueue(notifier, message),
    };
  }

  #wall(macro: BoundMacro['macro'], device: DesiredDevice): number {
    return this.#parts.clockOf(zoneOf(macro, device)).wallAt(this.#parts.clock.now());
  }
}

const NOT_RECORDED: RunEnd = { state: 'skipped', reason: 'it was recorded before' };

function isSame(one: DueRun, other: DueRun): boolean {
  return one.bound.macro.name === other.bound.macro.name && one.device.name === other.device.name;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
