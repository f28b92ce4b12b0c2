import type { DesiredDevice } from '../fleet/fleet.ts';
import { DeadlineError } from '../lib/abort.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { ZoneClock } from '../lib/zone.ts';
import type { Device } from '../xapi/device.ts';
import { type BoundMacro, zoneOf } from './bind.ts';
import { ConditionError } from './condition.ts';
import { describeRun } from './describe-run.ts';
import type { DueRun } from './due-run.ts';
import { whyForbidden } from './forbidden.ts';
import { JavaScriptRunner, type JavaScriptRunnerOptions } from './javascript/javascript-runner.ts';
import { FINALLY_MS } from './macro-check.ts';
import type { Place } from './place.ts';
import type { StepPorts } from './ports.ts';
import { isFailure, type RunEnd } from './run-end.ts';
import type { NewRun, RunStore } from './run-store.ts';
import type { RunTurns } from './run-turns.ts';
import { ScriptRun } from './script-run.ts';
import { StepError, type StepTiming } from './step.ts';
import { StepLog } from './step-log.ts';

export interface RunWorkParts {
  readonly ports: StepPorts;
  readonly store: RunStore;
  readonly turns: RunTurns;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clockOf: (zone: string) => ZoneClock;
  /** Ends what runs do at their end, once roomd stops. */
  readonly ending: () => AbortSignal;
}

/** Carries a recorded run out: its turn, its condition, its steps, and those for a failure and for the end. */
export class RunWork {
  readonly #timing: StepTiming;
  readonly #parts: RunWorkParts;
  readonly #scripts: JavaScriptRunner;

  constructor(
    { timing, javascript }: { readonly timing: StepTiming; readonly javascript: JavaScriptRunnerOptions },
    parts: RunWorkParts,
  ) {
    this.#timing = timing;
    this.#parts = parts;
    this.#scripts = new JavaScriptRunner(javascript, { clock: parts.clock, watch: systemClock() });
  }

  /** @throws NeverBegan; StepFailure; ConditionError; StorageError; the signal's reason */
  async carryOut(run: NewRun, due: DueRun, device: Device | null, signal: AbortSignal): Promise<RunEnd> {
    const { store, clock, ports, turns } = this.#parts;
    const { turn, giveBack } = await turns.take(due, signal);
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
    const { clock, ending } = this.#parts;
    const late = new AbortController();
    const callOff = clock.after(FINALLY_MS, () =>
      late.abort(new DeadlineError(`the end of the macro ${name}`, FINALLY_MS)),
    );
    const signal = AbortSignal.any([late.signal, ending()]);
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
    const { ports, clock, turns } = this.#parts;
    return new ScriptRun(
      {
        runId: run.id,
        bound: due.bound,
        trigger: due.occasion.facts,
        wallOf: this.#wallOf(due),
        assertMayAct: (device) => {
          const reason =
            ports.mode() === 'observe' ? 'the mode is observe by now' : whyForbidden(device, ports);
          if (reason !== null) throw new StepError('held', reason);
        },
      },
      { ports, clock, timing: this.#timing, turns: turns.onDevices, log },
    );
  }

  #wallOf({ bound }: DueRun): (device: DesiredDevice | null) => number {
    const { clock, clockOf } = this.#parts;
    return (device) => clockOf(zoneOf(bound.macro, device)).wallAt(clock.now());
  }
}
