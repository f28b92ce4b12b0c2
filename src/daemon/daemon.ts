import { EventEmitter, once } from 'node:events';
import type { Ports } from '../actions/ports.ts';
import { ALWAYS_HEARD } from '../feedback/always-heard.ts';
import type { Problem } from '../fleet/problem.ts';
import { ApiServer } from '../http/server.ts';
import { withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { type Part, startAll } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { newRegistry, type Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import type { StorageError } from '../storage/errors.ts';
import type { Ownership } from '../storage/lock.ts';
import { ControlServer, controlSocketPath } from './control.ts';
import { daemonPorts, healthOf } from './daemon-ports.ts';
import { Engine } from './engine.ts';
import type { FleetSource, Standing } from './fleet-keeper.ts';
import { FleetWatch } from './fleet-watch.ts';
import { FleetFollower } from './follower.ts';
import { InForce } from './in-force.ts';
import { declareDaemonMetrics } from './metrics/daemon-metrics.ts';
import { EventTally } from './metrics/event-tally.ts';
import { makeRunning, type Running } from './running.ts';
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

/** A part that hangs must not keep the others from their orderly end. */
const STOP_PART_MS = 6_000;

interface Made {
  readonly engine: Engine;
  readonly running: Running;
  readonly follower: FleetFollower;
  readonly api: ApiServer;
  readonly ports: Ports;
  readonly registry: Registry;
  /** In the order of their start. */
  readonly parts: readonly Part[];
  readonly died: Promise<StorageError>;
}

/**
 * The one place that knows every part. Parts start in order and stop in
 * reverse; a changed file is taken over while they run.
 */
export class Daemon {
  readonly #made: Made;
  readonly #ownership: Ownership;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #stopped: Promise<void> | null = null;

  static async open(options: DaemonOptions, modules: DaemonModules, signal: AbortSignal): Promise<Daemon> {
    const { fleet } = options.standing;
    const registry = newRegistry();
    const engine = await Engine.open(
      fleet,
      { keepSessions: true, xapi: xapiSettings(fleet.daemon.timing), alsoHear: ALWAYS_HEARD },
      { ...modules, registry },
      signal,
    );
    try {
      return new Daemon(make(options, { ...modules, registry, engine }), options, modules);
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  private constructor(made: Made, { ownership }: DaemonOptions, { clock, logger }: DaemonModules) {
    this.#made = made;
    this.#ownership = ownership;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Where the API answers. */
  get url(): string {
    return this.#made.api.url();
  }

  /** What `/metrics` renders. */
  get registry(): Registry {
    return this.#made.registry;
  }

  get ports(): Ports {
    return this.#made.ports;
  }

  /** Settles only when the database cannot be used any more in this process: the daemon should end and be started anew. */
  get died(): Promise<StorageError> {
    return this.#made.died;
  }

  /** Whether it does its work: the database answers. That somebody could ask shows that the loop turns. */
  isAlive(): boolean {
    return this.#made.running.pulse.isAlive();
  }

  async start(signal: AbortSignal): Promise<void> {
    const { parts, engine } = this.#made;
    await startAll(parts, signal);
    engine.devices.endLeftovers({ signal }).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#logger.warn({ error: messageOf(error) }, 'Sessions left by a crash could not be looked at');
    });
  }

  /** Reads the file again, one time after another. */
  reload(): Promise<readonly Problem[]> {
    return this.#made.follower.reload();
  }

  /** The same for a signal, where nobody waits for the answer. */
  reloadByItself(): void {
    this.#made.follower.reloadByItself();
  }

  /** Stops every part in reverse, then the database and the ownership of its folder. Idempotent; one part that hangs does not keep the rest. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { parts, engine, running, follower } = this.#made;
    await this.#within('reload', () => follower.stop());
    for (const part of parts.toReversed()) await this.#within(part.name, () => part.stop());
    await this.#within('notifiers', () => running.notifiers.close());
    await this.#within('inventory', () => running.inventory.desk.close());
    await this.#within('systems', () => running.systems.close());
    await this.#within('webex', () => running.webex.desk.close());
    await this.#within('database', () => engine.database.close());
    this.#ownership.release();
  }

  async #within(what: string, stop: () => Promise<void>): Promise<void> {
    try {
      await withDeadline({ what: `stopping ${what}`, afterMs: STOP_PART_MS, clock: this.#clock }, stop);
    } catch (error) {
      this.#logger.error({ part: what, error: messageOf(error) }, 'A part did not stop cleanly');
    }
  }
}

function make(
  { source, version, standing }: DaemonOptions,
  modules: DaemonModules & { registry: Registry; engine: Engine },
): Made {
  const { engine, registry, clock, logger } = modules;
  const { fleet } = standing;
  const inForce = new InForce(standing);
  const death = new EventEmitter<{ death: [StorageError] }>();
  const died = once(death, 'death').then(([error]) => error as StorageError);
  const running = makeRunning({
    ...modules,
    inForce,
    onDeath: (error) => void death.emit('death', error),
    ports: () => ports,
    door: () => api,
    version,
  });
  const follower = new FleetFollower(
    { source, onRead: () => api.reload() },
    { engine, running, inForce, clock, logger },
  );
  const reload = () => follower.reload();
  const door = (): ApiServer => api;
  const ports: Ports = daemonPorts({ ...modules, door, running, inForce, reload, version });
  const health = () => healthOf({ running, inForce, door });
  declareDaemonMetrics({ ports, inForce, health, version, registry, clock });
  const api: ApiServer = new ApiServer(
    { listen: fleet.daemon.listen, tls: () => inForce.standing.fleet.daemon.tls },
    {
      ports,
      access: running.access,
      trustProxy: fleet.daemon.trustProxy,
      health,
      registry,
      version,
      newId: modules.newId,
      clock,
      logger,
    },
  );
  const { pulse, outbox, projector, records, recorder, receiver, rollouts, rotations, upgrades } = running;
  const { reconciler, sweeper, bookings, alerts, macros, utilisation, retention, backups } = running;
  const { webSessions, slotTokens, inventory, webex, chat, mqtt, access } = running;
  const parts = [
    pulse,
    new EventTally({ database: engine.database, registry }),
    outbox,
    projector,
    records,
    recorder,
    bookings,
    follower,
    // Without a public URL no device is told where to post, and no port is opened for it.
    ...(fleet.daemon.feedback.publicUrl === null ? [] : [receiver]),
    slotTokens,
    engine.devices.pool,
    rollouts,
    rotations,
    upgrades,
    reconciler,
    sweeper,
    alerts,
    webSessions,
    macros,
    utilisation,
    retention,
    backups,
    ...inventory.watches,
    webex.watch,
    access,
    api,
    chat,
    mqtt,
    new ControlServer({ path: controlSocketPath(fleet.daemon.databaseFile) }, { ports, clock }),
    new FleetWatch({
      watched: () => inForce.standing.watched,
      onChange: () => follower.reloadByItself(),
      clock,
    }),
    new FleetWatch({
      watched: () => ({ sources: tlsFilesOf(inForce), sourceFolders: [] }),
      onChange: () => void api.reload(),
      clock,
    }),
  ];
  return { engine, running, follower, api, ports, registry, parts, died };
}

function tlsFilesOf({ standing }: InForce): string[] {
  const { tls } = standing.fleet.daemon;
  return tls === null ? [] : [tls.certFile, tls.keyFile];
}
