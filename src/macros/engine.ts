import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { NewId } from '../lib/random.ts';
import { zoneClocks } from '../lib/zone.ts';
import type { Database } from '../storage/database.ts';
import { type BoundMacro, bindMacros, watchedOf } from './bind.ts';
import { stepByHand } from './by-hand.ts';
import type { DueRun, LaunchedRun } from './due-run.ts';
import { findMacro } from './find-macro.ts';
import { JAVASCRIPT_DEFAULTS, type JavaScriptRunnerOptions } from './javascript/javascript-runner.ts';
import { MacroError } from './macro-error.ts';
import { type MacroSummary, type NextRun, nextRunsOf, summariesOf } from './macro-summary.ts';
import type { InnerEnd, InnerRun, MacroPorts, StepPorts } from './ports.ts';
import { resumed } from './run-again.ts';
import { type RunFilter, type RunRecord, RunStore } from './run-store.ts';
import { Runner } from './runner.ts';
import { SettingReturns, type SettingReturnsOptions } from './setting-returns.ts';
import { SettingStore } from './setting-store.ts';
import { STEP_TIMING, type StepTiming } from './step.ts';
import type { StepName } from './steps/registry.ts';
import type { Decision, Watched } from './tick.ts';
import { Ticker, type TickerOptions } from './ticker.ts';
import { type TriggerFacts, triggerFacts } from './trigger.ts';
import { type Occurrence, TriggerWatch, type TriggerWatchOptions } from './trigger-watch.ts';

export interface MacroEngineOptions {
  readonly tick: TickerOptions;
  readonly triggers: TriggerWatchOptions;
  readonly returns: SettingReturnsOptions;
  readonly timing: StepTiming;
  readonly javascript: JavaScriptRunnerOptions;
  /** Runs that may be under way at one time, on all devices together. */
  readonly mostRuns: number;
  /** How long `stop` lets runs go on before it cancels them. */
  readonly stopMs: number;
}

export const MACRO_DEFAULTS: MacroEngineOptions = {
  tick: { onTimeMs: 90_000, lookMs: 15_000 },
  triggers: { onTimeMs: 90_000, lookMs: 5_000 },
  returns: { lookMs: 15_000 },
  timing: STEP_TIMING,
  javascript: JAVASCRIPT_DEFAULTS,
  mostRuns: 256,
  stopMs: 5_000,
};

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
  readonly #returns: SettingReturns;
  readonly #runner: Runner;
  readonly #ticker: Ticker;
  readonly #triggers: TriggerWatch;
  #stopHearing: () => void = () => undefined;
  #isLooking = false;
  #fleet: Fleet | null = null;
  #bound: readonly BoundMacro[] = [];
  #devices: readonly DesiredDevice[] = [];
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
    this.#returns = new SettingReturns(options.returns, {
      store: new SettingStore({ database }),
      ports,
      desired: (name) => this.#devices.find((device) => device.name === name) ?? null,
      clock,
      logger,
    });
    const stepPorts: StepPorts = {
      ...ports,
      settings: this.#returns,
      log: (line) => logger.info(line, 'a macro says'),
      runMacro: (request) => this.#runWithin(request),
    };
    this.#runner = new Runner(options, {
      ports: stepPorts,
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
    this.#triggers = new TriggerWatch(options.triggers, {
      clock,
      database,
      logger,
      macros: () => this.#bound,
      act: (occurrence) => this.#occur(occurrence),
    });
  }

  /** Takes on a valid fleet; runs that are under way go on as they began. Call it before `start`, and after every change of the file. */
  reload(fleet: Fleet): void {
    this.#fleet = fleet;
    this.#bound = bindMacros(fleet);
    this.#devices = fleet.devices;
    this.#watched = watchedOf(this.#bound, this.#clockOf);
  }

  async start(): Promise<void> {
    const interrupted = await this.#store.interruptRunning(this.#clock.now());
    if (interrupted > 0)
      this.#logger.warn({ runs: interrupted }, 'macro runs were interrupted by the last end');
    this.#stopHearing = this.#database.eventFeed.onAppended(() => this.#lookForHolds());
    await this.#returns.start();
    await this.#ticker.start();
    await this.#triggers.start();
  }

  async stop(): Promise<void> {
    this.#stopHearing();
    await this.#ticker.stop();
    await this.#triggers.stop();
    await this.#runner.drain(this.#options.stopMs);
    await this.#returns.stop();
  }

  /**
   * Runs a macro on a device now, or for the fleet where that is its scope,
   * under every rule that any run is under.
   * @param device null for a macro that is for the fleet
   * @throws MacroError; StorageError where it cannot be recorded
   */
  async runNow(
    macro: string,
    device: string | null,
    { actor, isDry = false }: { actor: string; isDry?: boolean },
  ): Promise<LaunchedRun> {
    const { bound, desired } = findMacro(this.#bound, macro, device);
    return await this.#launchNow(bound, desired, {
      actor,
      isDry,
      facts: triggerFacts('hand', { by: actor }),
    });
  }

  /**
   * Runs one step on a device, as a macro with nothing else in it would: under
   * every guard, on record as `NAME (by hand)`.
   * @param args as they would stand in the file
   * @throws MacroError; StorageError where it cannot be recorded
   */
  async runStep(name: StepName, args: unknown, device: string, actor: string): Promise<LaunchedRun> {
    const bound = stepByHand({ name, args, device }, this.#fleet);
    const [desired = null] = bound.targets;
    return await this.#launchNow(bound, desired, { actor, facts: triggerFacts('hand', { by: actor }) });
  }

  /**
   * Runs a macro again as a run of it went, from one of its steps (counted
   * from 1), with what the steps before had told.
   * @throws MacroError
   */
  async runAgain(id: string, step: number, actor: string): Promise<LaunchedRun> {
    const run = await this.#store.get(id);
    if (run === null) throw new MacroError('run-unknown', `There is no run ${id}.`);
    const { bound, desired } = findMacro(this.#bound, run.macro, run.device);
    return await this.#launchNow(bound, desired, {
      actor,
      facts: run.facts,
      from: resumed(run, bound.macro, step),
    });
  }

  /** On behalf of a step: it does what that run may do, and ends with it. */
  async #runWithin({ macro, device, runId, turn, signal }: InnerRun): Promise<InnerEnd> {
    const { bound, desired } = findMacro(this.#bound, macro, device);
    const due = this.#runner.underWay(runId);
    if (due === null) throw new MacroError('run-unknown', `There is no run ${runId}.`);
    const launched = await this.#launchNow(bound, desired, {
      actor: `macro ${due.bound.macro.name}`,
      facts: due.occasion.facts,
      within: { signal, turn },
    });
    return { id: launched.id, ...(await launched.ended) };
  }

  async #launchNow(
    bound: BoundMacro,
    device: DesiredDevice | null,
    {
      actor,
      facts,
      ...rest
    }: { actor: string; facts: TriggerFacts } & Pick<DueRun, 'from' | 'isDry' | 'within'>,
  ): Promise<LaunchedRun> {
    const occasion = { key: `hand:${this.#newId()}`, dueAt: this.#clock.now(), facts };
    const launched = await this.#runner.launch({ bound, device, occasion, trigger: `by ${actor}`, ...rest });
    if (launched === null)
      throw new MacroError(
        'device-unknown',
        `roomd keeps no session to "${device?.name ?? ''}" now; see its status.`,
      );
    return launched;
  }

  /** Hashes of the tokens by which a program may set the macro off; none where there is no such macro. */
  triggerTokens(macro: string): string[] {
    const bound = this.#bound.find((one) => one.macro.name === macro && one.macro.enabled);
    return (bound?.macro.when ?? []).flatMap((trigger) =>
      trigger.kind === 'http' ? [trigger.tokenHash] : [],
    );
  }

  /**
   * A program sets a macro off, on one of its devices or, with null, on all.
   * @returns the ids of the runs that are on record
   * @throws MacroError for a device that is none of its own
   */
  async setOff(
    macro: string,
    { device, value }: { device: string | null; value: string },
  ): Promise<string[]> {
    const bound = this.#bound.find((one) => one.macro.name === macro);
    const isOne = device !== null || bound?.macro.scope !== 'device';
    const wanted = isOne
      ? [findMacro(this.#bound, macro, device)]
      : bound.targets.map((desired) => ({ bound, desired }));
    const launched = wanted.map(({ bound: one, desired }) =>
      this.#runner.launch({
        bound: one,
        device: desired,
        occasion: {
          key: `http:${this.#newId()}`,
          dueAt: this.#clock.now(),
          facts: triggerFacts('http', { value, by: 'http' }),
        },
        trigger: 'http',
      }),
    );
    return (await Promise.all(launched)).flatMap((run) => (run === null ? [] : [run.id]));
  }

  /** Ends a run; false where none of this id is under way. */
  cancel(id: string, actor: string): Promise<boolean> {
    return this.#runner.cancel(id, `cancelled by ${actor}`);
  }

  /** Runs, newest first. */
  runs(filter: RunFilter = {}, options: AbortOptions = {}): Promise<RunRecord[]> {
    return this.#store.list(filter, options);
  }

  /** By its id, or by the end of it; null where there is none. */
  find(id: string): Promise<RunRecord | null> {
    return this.#store.find(id);
  }

  /** Null where there is no run of this id. */
  run(id: string, options: AbortOptions = {}): Promise<RunRecord | null> {
    return this.#store.get(id, options);
  }

  /** What is due next, per macro and device, soonest first. */
  nextRuns(): NextRun[] {
    return nextRunsOf(this.#watched, this.#clock.now());
  }

  /** The macros of the fleet, in the file's order. */
  macros(): MacroSummary[] {
    return summariesOf(this.#bound, this.nextRuns());
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
    const device =
      decision.device === null ? null : bound?.targets.find(({ name }) => name === decision.device);
    // The file changed between the decision and now.
    if (bound === undefined || device === undefined) return;
    const { dueAt } = decision;
    const occasion = { key: `at:${dueAt}`, dueAt, facts: triggerFacts('schedule') };
    const [trigger, missed] =
      decision.action === 'run' ? [decision.trigger, null] : ['schedule', decision.reason];
    await this.#begin({ bound, device, occasion, trigger }, missed);
  }

  async #occur({ bound, deviceId, occasion, missed }: Occurrence): Promise<void> {
    const trigger = occasion.facts.kind;
    if (bound.macro.scope === 'fleet') {
      await this.#begin({ bound, device: null, occasion, trigger }, missed);
      return;
    }
    const device = bound.targets.find(({ name }) => this.#ports.device(name)?.address.id === deviceId);
    if (device !== undefined) await this.#begin({ bound, device, occasion, trigger }, missed);
  }

  /** @param missed why the run does not take place although it is wanted; null where it does */
  async #begin(due: DueRun, missed: string | null): Promise<void> {
    if (missed === null) {
      await this.#runner.launch(due);
      return;
    }
    const deviceId = due.device === null ? null : this.#ports.device(due.device.name)?.address.id;
    if (deviceId === undefined) return;
    const { key, dueAt, facts } = due.occasion;
    const run = {
      id: this.#newId(),
      macro: due.bound.macro.name,
      deviceId,
      trigger: due.trigger,
      dueAt,
      key,
      facts,
    };
    await this.#store.skip(run, { at: this.#clock.now(), reason: missed });
  }
}
