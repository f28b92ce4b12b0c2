import { type ApplyModules, applyDevice, type DeviceApplied, type Guards } from '../../src/fleet/apply.ts';
import { BlobStore } from '../../src/fleet/blob-store.ts';
import { type DeviceRow, DeviceStore } from '../../src/fleet/device-store.ts';
import { Fights } from '../../src/fleet/fights.ts';
import type { DesiredDevice, Fleet } from '../../src/fleet/fleet.ts';
import { Holds } from '../../src/fleet/hold.ts';
import { Acceptances } from '../../src/fleet/knowledge/acceptances.ts';
import { KnowledgeStore } from '../../src/fleet/knowledge/store.ts';
import { observeOccupancy } from '../../src/fleet/occupancy.ts';
import { type DevicePlan, planDevice, type Target } from '../../src/fleet/plan.ts';
import { Reconciler } from '../../src/fleet/reconciler.ts';
import type { AnyResource } from '../../src/fleet/resource.ts';
import { ConfigurationResource } from '../../src/fleet/resources/configuration.ts';
import { RevisionStore } from '../../src/fleet/revision.ts';
import { ValueSpaceCache } from '../../src/fleet/value-space-cache.ts';
import { WriteStore } from '../../src/fleet/write-store.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { KeyedMutex } from '../../src/lib/keyed-mutex.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import { seededRandom, uuidv7 } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { type SimulatedDeviceSpec, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { quick, type SimulatorSettings } from '../../src/simulator/settings.ts';
import { readEvents } from '../../src/storage/events.ts';
import type { Device } from '../../src/xapi/device.ts';
import type { DevicePool } from '../../src/xapi/pool.ts';
import type { XapiSettings } from '../../src/xapi/settings.ts';
import { sampleDevice, sampleFleet } from '../macros/sample-fleet.ts';
import { smallModel } from '../support/small-model.ts';
import { type TemporaryDatabase, temporaryDatabase } from '../support/temporary-database.ts';
import { newPool, PASSWORD, USERNAME } from '../xapi/support.ts';

export type Wishes = Readonly<Record<string, string | Secret>>;

/** The machine's clock, which a test can put forward. */
export class ShiftedClock implements Clock {
  readonly #machine = systemClock();
  aheadMs = 0;

  now(): number {
    return this.#machine.now() + this.aheadMs;
  }
  monotonic(): number {
    return this.#machine.monotonic();
  }
  after(delayMs: number, run: () => void): () => void {
    return this.#machine.after(delayMs, run);
  }
}

/** The back half of fleet over simulated devices and a database, as the daemon binds it, with wires of their own that a test may bend. */
export class FleetWorld {
  readonly clock = new ShiftedClock();
  logger: Logger = silentLogger;
  readonly temporary: TemporaryDatabase;
  readonly simulator: Simulator;
  readonly pool: DevicePool;
  readonly store: DeviceStore;
  readonly holds: Holds;
  readonly knowledge: KnowledgeStore;
  readonly blobs: BlobStore;
  revisions: RevisionStore;
  writes: WriteStore;
  fights: Fights;
  configuration: ConfigurationResource;
  mode: 'observe' | 'enforce' = 'observe';
  extra: readonly AnyResource[] = [];
  fleet: Fleet = sampleFleet({ devices: [] });
  /** Bends a device on its way to roomd. */
  bend: (device: Device) => Device = (device) => device;
  #rows: ReadonlyMap<string, DeviceRow> = new Map();
  #reconciler: Reconciler | null = null;
  readonly #mutex = new KeyedMutex();
  readonly #newId = uuidv7(this.clock);

  static async open(
    devices: readonly (Partial<SimulatedDeviceSpec> & { name: string })[],
    settings: { simulator?: Partial<SimulatorSettings>; xapi?: Partial<XapiSettings> } = {},
  ): Promise<FleetWorld> {
    const simulator = await startSimulator({
      devices: devices.map((device) => ({ model: smallModel, ...device })),
      username: USERNAME,
      password: PASSWORD,
      settings: { ...quick, ...settings.simulator },
    });
    const { pool } = newPool({ connectTimeoutMs: 500, requestDeadlineMs: 1_000, ...settings.xapi });
    return new FleetWorld(await temporaryDatabase(), simulator, pool);
  }

  private constructor(temporary: TemporaryDatabase, simulator: Simulator, pool: DevicePool) {
    this.temporary = temporary;
    this.simulator = simulator;
    this.pool = pool;
    const { database } = temporary;
    const { clock } = this;
    this.store = new DeviceStore({ database, clock });
    this.knowledge = new KnowledgeStore({ database, clock });
    this.holds = new Holds({ database, clock, newId: this.#newId });
    this.blobs = new BlobStore({ database, clock });
    this.revisions = this.#newRevisions();
    this.writes = this.#newWrites();
    this.fights = this.#newFights();
    this.configuration = this.#newConfiguration();
  }

  /** A new fleet file: the devices of the simulator that are named, with these settings. */
  async wish(
    wishes: Readonly<Record<string, Wishes>>,
    changes: Readonly<Record<string, Partial<DesiredDevice>>> = {},
  ): Promise<void> {
    const devices = Object.entries(wishes).map(([name, settings]) =>
      sampleDevice(name, {
        configuration: settingsOf(settings),
        port: this.simulator.devices.find((device) => device.name === name)?.port ?? 443,
        ...changes[name],
      }),
    );
    this.fleet = sampleFleet({ devices });
    this.#rows = await this.store.follow(devices);
  }

  target(name: string): Target | null {
    const desired = this.fleet.devices.find((device) => device.name === name);
    const row = this.#rows.get(name);
    if (desired === undefined || row === undefined) return null;
    const { credential, host, port, tls } = desired;
    const login = { credential, username: USERNAME, password: new Secret(PASSWORD) };
    const device = this.pool.oneShot({ id: row.id, name, host, port, tls, serial: row.serial, ...login });
    return { desired, device: this.bend(device) };
  }

  plan(name: string): Promise<DevicePlan> {
    return planDevice(this.#known(name), { resources: [this.configuration] });
  }

  /** A person applies the file to devices; what waits is the reconciler's, where one runs. */
  async apply(
    names: readonly string[],
    { force = false, ...changes }: Partial<ApplyModules> & { force?: boolean; signal?: AbortSignal } = {},
  ): Promise<DeviceApplied[]> {
    const revision = await this.revisions.approve(this.fleet, new Set(names), 'cli:anna');
    return Promise.all(
      names.map((name) =>
        this.#mutex.run(name, async () => {
          const target = this.#known(name);
          const deviceId = target.device.address.id;
          const applied = await applyDevice(
            target,
            {
              resources: [this.configuration],
              guards: this.guards(target, { byMachine: false, force }),
              ledger: this.writes.ledger({ deviceId, revisionId: revision.id, actor: 'cli:anna' }),
              clock: this.clock,
              readBackWaitsMs: [50, 100, 400],
              ...changes,
            },
            { signal: changes.signal },
          );
          await this.#reconciler?.applied(applied, 'cli:anna');
          return applied;
        }),
      ),
    );
  }

  async applyOne(name: string, how: Parameters<FleetWorld['apply']>[1] = {}): Promise<DeviceApplied> {
    const [applied] = await this.apply([name], how);
    if (applied === undefined) throw new Error('nothing was applied');
    return applied;
  }

  guards({ desired, device }: Target, how: { byMachine: boolean; force: boolean }): Guards {
    return {
      forbids: () => (how.byMachine && desired.protected ? 'protected' : this.holds.over(desired)),
      inUse: async (signal) => {
        if (how.force) return null;
        const { state, reason } = await observeOccupancy(device, { now: () => this.clock.now(), signal });
        return state === 'free' ? null : reason;
      },
    };
  }

  /** What macros changed for a time, with the reason. */
  lent: ReadonlyMap<string, string> = new Map();

  async reconcile(mode: 'observe' | 'enforce'): Promise<Reconciler> {
    this.mode = mode;
    const { revisions, writes, fights, clock, configuration } = this;
    const reconciler = new Reconciler(
      {
        concurrency: 4,
        driftMs: 3_600_000,
        waitingMs: 30,
        backoff: { firstMs: 20, mostMs: 100 },
      },
      {
        mode: () => this.mode,
        target: (name) => this.target(name),
        guards: (target) => this.guards(target, { byMachine: true, force: false }),
        configuration,
        content: [],
        alsoInEnforce: () => this.extra,
        revisions,
        lent: () => Promise.resolve(this.lent),
        writes,
        fights,
        live: null,
        mutex: this.#mutex,
        clock,
        random: seededRandom(3),
        logger: silentLogger,
      },
    );
    this.#reconciler = reconciler;
    await reconciler.start();
    return reconciler;
  }

  /** Looks at the device now and waits until that is done. */
  async look(name: string): Promise<ReturnType<Reconciler['condition']>> {
    const reconciler = this.#reconciler;
    if (reconciler === null) throw new Error('no reconciler runs');
    const before = reconciler.condition(name);
    reconciler.look(name);
    await until(`${name} was looked at`, () => reconciler.condition(name) !== before);
    return reconciler.condition(name);
  }

  /** As after a restart of the daemon: what was only in memory is gone. */
  async restart(): Promise<void> {
    await this.#reconciler?.stop();
    this.revisions = this.#newRevisions();
    this.writes = this.#newWrites();
    this.fights = this.#newFights();
    await this.fights.load();
    this.configuration = this.#newConfiguration();
    await this.writes.settleInterrupted();
    if (this.#reconciler !== null) await this.reconcile(this.mode);
  }

  /** What the device truly holds. */
  held(name: string, path: string): string | null {
    return this.simulator.device(name).state.configuration(path);
  }

  async written(): Promise<string[]> {
    const { database } = this.temporary;
    const rows = await database.read(database.query.selectFrom('write').selectAll().orderBy('seq'));
    return rows.map(({ actor, path, before, wanted, state }) =>
      [actor, path, before, wanted, state].join(' '),
    );
  }

  /** Everything that the database holds, as text. */
  async everything(): Promise<string> {
    const { database } = this.temporary;
    const tables = await Promise.all([
      database.read(database.query.selectFrom('write').selectAll()),
      database.read(database.query.selectFrom('revision').selectAll()),
      readEvents(database, { afterSeq: 0, limit: 1_000 }),
    ]);
    return JSON.stringify(tables);
  }

  async close(): Promise<void> {
    await this.#reconciler?.stop();
    await this.pool.stop();
    await this.simulator.stop();
    await this.temporary.close();
  }

  #known(name: string): Target {
    const target = this.target(name);
    if (target === null) throw new Error(`the file does not name ${name}`);
    return target;
  }

  #newRevisions(): RevisionStore {
    const { database } = this.temporary;
    return new RevisionStore(
      { fingerprintKey: 'key' },
      {
        database,
        blobs: this.blobs,
        clock: this.clock,
        newId: this.#newId,
      },
    );
  }

  #newWrites(): WriteStore {
    const { database } = this.temporary;
    return new WriteStore(
      { fingerprintKey: 'key' },
      {
        database,
        blobs: this.blobs,
        clock: this.clock,
        newId: this.#newId,
      },
    );
  }

  #newFights(): Fights {
    return new Fights({ database: this.temporary.database, clock: this.clock, logger: this.logger });
  }

  #newConfiguration(): ConfigurationResource {
    const { knowledge } = this;
    const accepts = new Acceptances({ spaces: new ValueSpaceCache(), vendor: knowledge });
    return new ConfigurationResource({ accepts, proofs: this.writes, knowledge });
  }
}

export function settingsOf(wishes: Wishes): DesiredDevice['configuration'] {
  const place = { file: 'fleet.yaml', line: 1, column: 1 };
  return new Map(
    Object.entries(wishes).map(([path, value]) => [
      path,
      { path, value, origin: { layer: 'device', place, shown: String(value) }, overridden: [] },
    ]),
  );
}

/** `path outcome detail` of each change. */
export function outcomes({ results }: DeviceApplied): string[] {
  return results.map(({ change, outcome, detail }) =>
    [change.path, outcome, ...(detail === null ? [] : [detail])].join(' '),
  );
}

/** The device with some of its methods replaced. */
export function bent(device: Device, changes: Partial<Device>): Device {
  return new Proxy(device, {
    get(target, property: keyof Device) {
      const own = changes[property] ?? target[property];
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 6_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
