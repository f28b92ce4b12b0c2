import type { ApplyHow, FleetApplied, Ports, SystemView } from '../actions/ports.ts';
import { Live } from '../feedback/live.ts';
import { Projector } from '../feedback/projector.ts';
import { Receiver } from '../feedback/receiver.ts';
import { Recorder } from '../feedback/recorder.ts';
import { Sweeper } from '../feedback/sweeper.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { formatProblem, type Problem } from '../fleet/problem.ts';
import { Reconciler } from '../fleet/reconciler.ts';
import { ApiServer } from '../http/server.ts';
import { TokenBook } from '../http/tokens.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { type Part, startAll, stopAll } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { newRegistry, type Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import { MACRO_DEFAULTS, MacroEngine } from '../macros/engine.ts';
import type { MacroState } from '../macros/ports.ts';
import { Outbox } from '../notify/outbox.ts';
import { setFact } from '../storage/facts.ts';
import type { Ownership } from '../storage/lock.ts';
import type { Device } from '../xapi/device.ts';
import { ControlServer, controlSocketPath } from './control.ts';
import { Engine } from './engine.ts';
import { type FleetSource, FleetWatch, loadDaemonFleet, type Standing } from './fleet-keeper.ts';
import { NotifierDesk } from './notifiers.ts';
import { Retention } from './retention.ts';
import { SlotDesk } from './slots.ts';
import { commonPorts, macroPorts, viewOfDevice } from './views.ts';
import { xapiSettings } from './xapi-settings.ts';

export interface DaemonModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
}

export interface DaemonOptions {
  readonly source: FleetSource;
  readonly version: string;
  readonly standing: Standing;
  readonly ownership: Ownership;
}

/** What every session listens to besides the slot's expressions: presence, calls, drift, restarts, answers on the screen. */
const ALSO_HEAR = [
  '/Status/RoomAnalytics',
  '/Status/Standby',
  '/Status/Call',
  '/Configuration',
  '/Event/BootEvent',
  '/Event/UserInterface/Message/Prompt/Response',
];

export const LAST_GOOD_FLEET = 'last-good-fleet';

/**
 * The one place that knows every part. Parts start in order and stop in
 * reverse; a changed file is taken over while they run.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #modules: DaemonModules;
  readonly #engine: Engine;
  readonly #live = new Live();
  readonly #recorder: Recorder;
  readonly #receiver: Receiver;
  readonly #sweeper: Sweeper;
  readonly #outbox: Outbox;
  readonly #notifiers: NotifierDesk;
  readonly #slots: SlotDesk;
  readonly #macros: MacroEngine;
  readonly #reconciler: Reconciler;
  readonly #api: ApiServer;
  readonly #parts: readonly Part[];
  readonly #startedAt: number;
  #standing: Standing;
  #tokens: TokenBook;
  #reloading: Promise<unknown> = Promise.resolve();

  static async open(options: DaemonOptions, modules: DaemonModules, signal: AbortSignal): Promise<Daemon> {
    const { fleet } = options.standing;
    const registry = newRegistry();
    // Devices are made before the parts that listen to them; the hook is bound right after.
    let onDevice: (desired: DesiredDevice, device: Device) => void = () => undefined;
    const engine = await Engine.open(
      fleet,
      {
        keepSessions: true,
        xapi: xapiSettings(fleet.daemon.timing),
        alsoHear: ALSO_HEAR,
        onDevice: (desired, device) => onDevice(desired, device),
      },
      { ...modules, registry },
      signal,
    );
    try {
      const slots = new SlotDesk({ engine, clock: modules.clock });
      const daemon = new Daemon(options, { ...modules, registry, engine, slots });
      onDevice = (desired, device) => daemon.#listen(desired, device);
      return daemon;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  private constructor(
    options: DaemonOptions,
    modules: DaemonModules & { registry: Registry; engine: Engine; slots: SlotDesk },
  ) {
    const { clock, random, newId, logger, registry, engine, slots } = modules;
    const { database } = engine;
    const { fleet } = options.standing;
    const { timing } = fleet.daemon;
    this.#options = options;
    this.#modules = modules;
    this.#engine = engine;
    this.#slots = slots;
    this.#standing = options.standing;
    this.#tokens = new TokenBook(fleet.daemon.tokens);
    this.#startedAt = clock.now();
    this.#notifiers = new NotifierDesk({ clock, logger });
    this.#outbox = new Outbox(
      {},
      { database, notifiers: this.#notifiers.adopt(fleet), clock, random, newId, logger, registry },
    );
    this.#recorder = new Recorder(
      { slotTrustMs: timing.slotCheckMs * 2, onDoubt: (deviceId) => this.#sweeper.doubt(deviceId) },
      { database, clock, live: this.#live, logger },
    );
    this.#sweeper = new Sweeper(
      { sweepMs: timing.sweepMs },
      {
        devices: () => this.#devices(),
        reading: (deviceId, status, reading) => this.#recorder.reading(deviceId, status, reading),
        clock,
        logger,
      },
    );
    this.#receiver = new Receiver(
      { listen: fleet.daemon.feedback.listen, tls: fleet.daemon.feedback.tls },
      {
        sink: this.#recorder,
        serialOf: (id) => this.#byId(id)?.address.serial ?? null,
        registry,
        clock,
        logger,
      },
    );
    this.#macros = new MacroEngine(MACRO_DEFAULTS, {
      database,
      ports: this.#macroPorts(),
      clock,
      newId,
      logger,
    });
    this.#reconciler = new Reconciler(
      {
        concurrency: 16,
        driftMs: timing.driftMs,
        waitingMs: Math.min(timing.driftMs, 60_000),
        backoff: { firstMs: timing.retryFirstMs, mostMs: timing.retryMostMs },
      },
      {
        mode: () => this.#mode(),
        target: (name) => engine.target(name),
        guards: (target, force) => engine.guards(target, { byMachine: true, force }),
        configuration: engine.configuration,
        alsoInEnforce: () => this.#slots.resources(),
        revisions: engine.revisions,
        writes: engine.writes,
        mutex: engine.mutex,
        clock,
        random,
        logger,
      },
    );
    const ports = this.#ports();
    this.#api = new ApiServer(
      { listen: fleet.daemon.listen },
      { ports, tokens: () => this.#tokens, unready: () => this.#unready(), registry, clock, logger },
    );
    const projector = new Projector({}, { database, clock, logger });
    this.#parts = [
      this.#outbox,
      projector,
      this.#recorder,
      this.#receiver,
      engine.pool,
      this.#reconciler,
      this.#sweeper,
      this.#macros,
      new Retention(
        { retentionMs: () => this.#engine.fleet.daemon.retentionMs },
        { database, clock, logger },
      ),
      this.#api,
      new ControlServer({ path: controlSocketPath(fleet.daemon.databaseFile) }, { ports }),
      new FleetWatch({ file: fleet.file }, { onChange: () => void this.reload(), clock }),
    ];
  }

  /** Where the API and the dashboard answer. */
  get url(): string {
    return this.#api.url();
  }

  get ports(): Ports {
    return this.#ports();
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#takeOver(this.#engine.fleet);
    this.#live.onChange((deviceId) => this.#onLive(deviceId));
    await startAll(this.#parts, signal);
    this.#engine.endLeftovers({ signal }).catch((error: unknown) => {
      this.#modules.logger.warn(
        { error: messageOf(error) },
        'Sessions left by a crash could not be looked at',
      );
    });
    await this.#remember();
  }

  /** Stops every part in reverse, then the database and the ownership of its folder. */
  async stop(): Promise<void> {
    await this.#reloading.catch(() => undefined);
    const failures = await stopAll(this.#parts);
    for (const failure of failures)
      this.#modules.logger.error({ error: messageOf(failure) }, 'A part did not stop cleanly');
    await this.#notifiers.close();
    await this.#engine.close();
    this.#options.ownership.release();
  }

  /** Reads the file again, one time after another. A broken one leaves the last good one in force and says so loudly. */
  reload(): Promise<readonly Problem[]> {
    const next = this.#reloading.then(
      () => this.#reloadOnce(),
      () => this.#reloadOnce(),
    );
    this.#reloading = next;
    return next;
  }

  async #reloadOnce(): Promise<readonly Problem[]> {
    const { logger } = this.#modules;
    const { fleet, problems, text } = await loadDaemonFleet(this.#options.source, {
      fingerprintKey: this.#engine.fingerprintKey,
    });
    if (fleet === null) {
      this.#standing = { ...this.#standing, problems };
      logger.error(
        { problems: problems.map(formatProblem) },
        'The fleet file is broken: the last good one stays in force',
      );
      return problems;
    }
    const before = this.#engine.fleet;
    const moved = restartOnly(before, fleet);
    if (moved.length > 0)
      logger.warn({ settings: moved }, 'These settings take effect at the next start of the daemon');
    const gone = await this.#engine.adopt(fleet);
    for (const name of gone) this.#reconciler.forget(name);
    this.#standing = { fleet, text, problems: [], safeMode: false };
    await this.#takeOver(fleet);
    await this.#outbox.replaceNotifiers(this.#notifiers.adopt(fleet));
    await this.#notifiers.closeRetired();
    await this.#remember();
    for (const { name } of fleet.devices) this.#reconciler.look(name);
    logger.info(
      { devices: fleet.devices.length, fingerprint: fleet.fingerprint },
      'The fleet file was taken over',
    );
    return problems;
  }

  /** Hands a fleet to the parts that follow it. */
  async #takeOver(fleet: Fleet): Promise<void> {
    this.#tokens = new TokenBook(fleet.daemon.tokens);
    await this.#slots.adopt(fleet, { receiver: this.#receiver, recorder: this.#recorder });
    this.#macros.reload(fleet);
    const named = new Set(fleet.devices.flatMap(({ name }) => this.#engine.row(name)?.id ?? []));
    for (const id of this.#live.all().keys()) if (!named.has(id)) this.#recorder.unwatch(id);
    for (const desired of fleet.devices) {
      const device = this.#engine.device(desired.name);
      if (device !== null) this.#listen(desired, device);
    }
  }

  /** A room that falls free may be what a put-off write waits for. */
  #onLive(deviceId: number): void {
    const name = this.#byId(deviceId)?.address.name;
    if (name !== undefined && this.#reconciler.condition(name).waiting !== null) this.#reconciler.look(name);
  }

  #listening = new Map<string, { device: Device; stop: () => void }>();

  /** Once per device object: the recorder takes its facts, the reconciler its hints that something changed. */
  #listen(desired: DesiredDevice, device: Device): void {
    this.#recorder.watch(device, desired.feedback.expressions);
    const before = this.#listening.get(desired.name);
    if (before?.device === device) return;
    before?.stop();
    const stop = device.subscribe((news) => {
      const isChange = news.type === 'delta' && news.delta.tree === 'Configuration';
      if (news.type === 'snapshot' || isChange) this.#reconciler.look(desired.name);
    });
    this.#listening.set(desired.name, { device, stop });
  }

  /** What a start can fall back on when the file is broken by then. */
  async #remember(): Promise<void> {
    if (this.#standing.safeMode) return;
    await setFact(this.#engine.database, LAST_GOOD_FLEET, this.#standing.text);
  }

  #mode(): 'observe' | 'enforce' {
    return this.#standing.safeMode ? 'observe' : this.#engine.fleet.daemon.mode;
  }

  #devices(): Device[] {
    return this.#engine.fleet.devices.flatMap(({ name }) => this.#engine.device(name) ?? []);
  }

  #byId(id: number): Device | null {
    return this.#devices().find(({ address }) => address.id === id) ?? null;
  }

  #unready(): string[] {
    const health = this.#receiver.health();
    return health.state === 'ok' ? [] : [`the receiver cannot store posts: ${health.reason}`];
  }

  #ports(): Ports {
    const { clock } = this.#modules;
    return {
      ...commonPorts(this.#engine, clock),
      fileProblems: () => this.#standing.problems,
      devices: () => this.#engine.fleet.devices.map((desired) => this.#view(desired)),
      apply: (devices, how, options) => this.#apply(devices, how, options),
      macros: macroPorts(this.#macros),
      system: () => this.#system(),
      reload: () => this.reload(),
    };
  }

  #view(desired: DesiredDevice) {
    const id = this.#engine.row(desired.name)?.id ?? null;
    return viewOfDevice(desired, this.#engine, {
      live: id === null ? null : this.#live.get(id),
      condition: this.#reconciler.condition(desired.name),
      slot: this.#slots.view(id, this.#mode(), desired.feedback.expressions.length),
    });
  }

  async #apply(
    devices: readonly DesiredDevice[],
    how: ApplyHow,
    options: AbortOptions,
  ): Promise<FleetApplied> {
    return this.#engine.apply(
      devices,
      {
        ...how,
        onDevice: (applied) => {
          this.#reconciler.applied(applied, { actor: how.actor, force: how.force });
          how.onDevice?.(applied);
        },
      },
      options,
    );
  }

  async #system(): Promise<SystemView> {
    const { fleet, safeMode, problems } = this.#standing;
    const revision = await this.#engine.revisions.latest();
    const unready = this.#unready();
    return {
      version: this.#options.version,
      startedAt: this.#startedAt,
      mode: this.#mode(),
      safeMode,
      fleetFile: fleet.file,
      fingerprint: fleet.fingerprint,
      pending: fleet.devices.some((device) => !this.#engine.revisions.isApproved(device, revision)),
      holds: this.#engine.holds.list(),
      health: [
        {
          part: 'fleet file',
          ok: problems.length === 0,
          reason: problems[0] === undefined ? null : formatProblem(problems[0]),
        },
        { part: 'receiver', ok: unready.length === 0, reason: unready[0] ?? null },
      ],
    };
  }

  #macroPorts(): ConstructorParameters<typeof MacroEngine>[1]['ports'] {
    return {
      device: (name) => this.#engine.device(name),
      state: (name) => this.#macroState(name),
      mode: () => this.#mode(),
      mayAct: (desired) => {
        const reason = desired.protected
          ? 'it is protected: machines never touch it'
          : this.#engine.holds.over(desired);
        return reason === null ? { ok: true } : { ok: false, reason };
      },
      enqueue: (notifier, message) => this.#outbox.enqueue(notifier, message),
      occupancy: async (name, signal) => {
        const device = this.#engine.device(name);
        if (device === null) return { state: 'unknown', reason: 'roomd keeps no session to it' };
        return this.#engine.occupancy(device, { signal });
      },
    };
  }

  #macroState(name: string): MacroState {
    const id = this.#engine.row(name)?.id;
    const live = id === undefined ? null : this.#live.get(id);
    if (live === null)
      return {
        presence: 'unknown',
        peopleCount: null,
        inCall: null,
        callStatus: 'unknown',
        standby: 'unknown',
        sharing: null,
      };
    const { presence, peopleCount, inCall, callStatus, standby, sharing } = live;
    return {
      presence,
      peopleCount,
      inCall,
      callStatus: inCall === null ? 'unknown' : (callStatus?.toLowerCase() ?? 'none'),
      standby: standby?.toLowerCase() ?? 'unknown',
      sharing,
    };
  }
}

/** Settings that a running daemon cannot change under its parts. */
function restartOnly(before: Fleet, after: Fleet): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['daemon.listen', before.daemon.listen, after.daemon.listen],
    ['daemon.feedback.listen', before.daemon.feedback.listen, after.daemon.feedback.listen],
    ['daemon.feedback.tls', before.daemon.feedback.tls, after.daemon.feedback.tls],
    ['daemon.database', before.daemon.databaseFile, after.daemon.databaseFile],
    ['daemon.timing', before.daemon.timing, after.daemon.timing],
  ];
  return pairs
    .filter(([, one, other]) => JSON.stringify(one) !== JSON.stringify(other))
    .map(([name]) => name);
}
