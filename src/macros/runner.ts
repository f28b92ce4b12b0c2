import { DeadlineError } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import type { ZoneClock } from '../lib/zone.ts';
import type { Device } from '../xapi/device.ts';
import type { DueRun, LaunchedRun } from './due-run.ts';
import { whyForbidden } from './forbidden.ts';
import type { JavaScriptRunnerOptions } from './javascript/javascript-runner.ts';
import type { StepPorts } from './ports.ts';
import { endOf, RunCancelled, type RunEnd } from './run-end.ts';
import type { NewRun, RunStore } from './run-store.ts';
import { RunTurns } from './run-turns.ts';
import { RunWork } from './run-work.ts';
import type { StepTiming } from './step.ts';

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
  readonly #parts: RunnerParts;
  readonly #work: RunWork;
  readonly #active = new Map<string, Active>();
  /** Ends what runs do at their end, once roomd stops. */
  #ending = new AbortController();

  constructor(options: RunnerOptions, parts: RunnerParts) {
    this.#parts = parts;
    this.#work = new RunWork(options, {
      ...parts,
      turns: new RunTurns(options.mostRuns),
      ending: () => this.#ending.signal,
    });
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
    const refusal = whyForbidden(due.device, ports) ?? this.#overlap(due) ?? (await this.#tooOften(run, due));
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
      const reason = whyForbidden(due.device, this.#parts.ports);
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
      end = await this.#work.carryOut(run, due, device, controller.signal);
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
