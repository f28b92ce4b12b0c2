import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import { didYouMean } from '../lib/suggest.ts';
import { formatWall, zoneClocks } from '../lib/zone.ts';
import type { Database } from '../storage/database.ts';
import { type BoundMacro, bindMacros, watchedOf } from './bind.ts';
import { nextRun } from './next-run.ts';
import type { MacroPorts } from './ports.ts';
import { type RunFilter, type RunRecord, RunStore } from './run-store.ts';
import { type LaunchedRun, Runner } from './runner.ts';
import { STEP_TIMING, type StepTiming } from './step.ts';
import type { Decision, Watched } from './tick.ts';
import { Ticker, type TickerOptions } from './ticker.ts';

export interface MacroEngineOptions {
  readonly tick: TickerOptions;
  readonly timing: StepTiming;
  /** Runs that may be under way at one time, on all devices together. */
  readonly mostRuns: number;
  /** How long `stop` lets runs go on before it cancels them. */
  readonly stopMs: number;
}

export const MACRO_DEFAULTS: MacroEngineOptions = {
  tick: { onTimeMs: 90_000, lookMs: 15_000 },
  timing: STEP_TIMING,
  mostRuns: 256,
  stopMs: 5_000,
};

/**
 * | code | meaning |
 * |---|---|
 * | macro-unknown | the file has no macro of that name |
 * | macro-disabled | the macro says `enabled: false` |
 * | device-not-meant | the macro's selector does not name the device |
 * | device-unknown | roomd keeps no session to a device of that name |
 */
export type MacroErrorCode = 'macro-unknown' | 'macro-disabled' | 'device-not-meant' | 'device-unknown';

export class MacroError extends RoomdError<MacroErrorCode> {}

export interface NextRun {
  readonly macro: string;
  readonly device: string;
  /** UTC milliseconds. */
  readonly dueAt: number;
  /** The same on the wall of `timezone`: `2026-11-24 08:55`. */
  readonly local: string;
  readonly timezone: string;
}

export interface MacroSummary {
  readonly name: string;
  readonly enabled: boolean;
  readonly schedule: readonly string[];
  readonly if: string | null;
  readonly devices: readonly string[];
  /** The next minute at which it is due on any device, UTC milliseconds. */
  readonly nextAt: number | null;
}

/** The macros of a fleet at work: their schedules, their runs and what is known of them. */
export class MacroEngine implements Part {
  readonly name = 'macros';
  readonly #options: MacroEngineOptions;
  readonly #database: Database;
  readonly #ports: MacroPorts;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #logger: Logger;
  readonly #clockOf = zoneClocks();
  readonly #store: RunStore;
  readonly #runner: Runner;
  readonly #ticker: Ticker;
  #stopHearing: () => void = () => undefined;
  #isLooking = false;
  #bound: readonly BoundMacro[] = [];
  #watched: readonly Watched[] = [];

  constructor(
    options: MacroEngineOptions,
    parts: { database: Database; ports: MacroPorts; clock: Clock; newId: NewId; logger: Logger },
  ) {
    const { database, ports, clock, newId, logger } = parts;
    this.#options = options;
    this.#database = database;
    this.#ports = ports;
    this.#clock = clock;
    this.#newId = newId;
    this.#logger = logger;
    this.#store = new RunStore({ database });
    this.#runner = new Runner(options, {
      ports,
      store: this.#store,
      clock,
      newId,
      logger,
      clockOf: this.#clockOf,
    });
    this.#ticker = new Ticker(options.tick, {
      clock,
      database,
      logger,
      watched: () => this.#watched,
      act: (decision) => this.#act(decision),
    });
  }

  /** Takes on a valid fleet; runs that are under way go on as they began. Call it before `start`, and after every change of the file. */
  reload(fleet: Fleet): void {
    this.#bound = bindMacros(fleet);
    this.#watched = watchedOf(this.#bound, this.#clockOf);
  }

  async start(): Promise<void> {
    const interrupted = await this.#store.interruptRunning(this.#clock.now());
    if (interrupted > 0)
      this.#logger.warn({ runs: interrupted }, 'macro runs were interrupted by the last end');
    this.#stopHearing = this.#database.eventFeed.onAppended(() => this.#lookForHolds());
    await this.#ticker.start();
  }

  async stop(): Promise<void> {
    this.#stopHearing();
    await this.#ticker.stop();
    await this.#runner.drain(this.#options.stopMs);
  }

  /**
   * Runs a macro on a device now, under every rule that a scheduled run is under.
   * @param actor who asks, for the record
   * @throws MacroError; StorageError where it cannot be recorded
   */
  async runNow(macro: string, device: string, actor: string): Promise<LaunchedRun> {
    // Two requests within one millisecond are two runs all the same.
    for (let dueAt = this.#clock.now(); ; dueAt += 1) {
      const { bound, desired } = this.#find(macro, device);
      const launched = await this.#runner.launch({ bound, device: desired, dueAt, trigger: `by ${actor}` });
      if (launched !== null) return launched;
    }
  }

  /** Ends a run; false where none of this id is under way. */
  cancel(id: string, actor: string): Promise<boolean> {
    return this.#runner.cancel(id, `cancelled by ${actor}`);
  }

  /** Runs, newest first. */
  runs(filter: RunFilter = {}, options: AbortOptions = {}): Promise<RunRecord[]> {
    return this.#store.list(filter, options);
  }

  /** Null where there is no run of this id. */
  run(id: string, options: AbortOptions = {}): Promise<RunRecord | null> {
    return this.#store.get(id, options);
  }

  /** What is due next, per macro and device, soonest first. */
  nextRuns(): NextRun[] {
    const now = this.#clock.now();
    const next = this.#watched.flatMap(({ macro, schedules, groups }) =>
      groups.flatMap(({ zone, devices }) => {
        const dueAt = nextRun(schedules, zone, now);
        if (dueAt === null) return [];
        const local = formatWall(zone.wallAt(dueAt));
        return devices.map((device) => ({ macro, device, dueAt, local, timezone: zone.name }));
      }),
    );
    return next.sort((a, b) => a.dueAt - b.dueAt);
  }

  /** The macros of the fleet, in the file's order. */
  macros(): MacroSummary[] {
    const next = this.nextRuns();
    return this.#bound.map(({ macro, targets }) => ({
      name: macro.name,
      enabled: macro.enabled,
      schedule: macro.when?.schedule ?? [],
      if: macro.if ?? null,
      devices: targets.map(({ name }) => name),
      nextAt: next.find((one) => one.macro === macro.name)?.dueAt ?? null,
    }));
  }

  /** A hold is an event like everything that happens; it is in force a moment after it was appended. */
  #lookForHolds(): void {
    if (this.#isLooking || !this.#runner.isBusy) return;
    this.#isLooking = true;
    this.#clock.after(0, () => {
      this.#isLooking = false;
      void this.#runner.cancelForbidden();
    });
  }

  async #act(decision: Decision): Promise<void> {
    const bound = this.#bound.find(({ macro }) => macro.name === decision.macro);
    const device = bound?.targets.find(({ name }) => name === decision.device);
    // The file changed between the decision and now.
    if (bound === undefined || device === undefined) return;
    const { dueAt } = decision;
    if (decision.action === 'run') {
      await this.#runner.launch({ bound, device, dueAt, trigger: decision.trigger });
      return;
    }
    const deviceId = this.#ports.device(device.name)?.address.id;
    if (deviceId === undefined) return;
    const run = { id: this.#newId(), macro: bound.macro.name, deviceId, trigger: 'schedule', dueAt };
    await this.#store.skip(run, { at: this.#clock.now(), reason: decision.reason });
  }

  #find(macro: string, device: string): { bound: BoundMacro; desired: DesiredDevice } {
    const bound = this.#bound.find((one) => one.macro.name === macro);
    if (bound === undefined) {
      const names = this.#bound.map((one) => one.macro.name);
      throw new MacroError('macro-unknown', `There is no macro "${macro}".${didYouMean(macro, names)}`);
    }
    if (!bound.macro.enabled)
      throw new MacroError(
        'macro-disabled',
        `The macro "${macro}" is disabled: take out \`enabled: false\` first.`,
      );
    const desired = bound.targets.find(({ name }) => name === device);
    if (desired === undefined) {
      const names = bound.targets.map(({ name }) => name);
      throw new MacroError(
        'device-not-meant',
        `The macro "${macro}" is for ${bound.macro.devices}, which does not name "${device}".${didYouMean(device, names)}`,
      );
    }
    if (this.#ports.device(device) === null)
      throw new MacroError('device-unknown', `roomd keeps no session to "${device}" now; see its status.`);
    return { bound, desired };
  }
}
