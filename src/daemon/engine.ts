import pLimit from 'p-limit';
import type { FleetApplied, PlanHow } from '../actions/ports/changes.ts';
import { Maintenances } from '../alerts/maintenance.ts';
import { applyDevice, type DeviceApplied, type Guards } from '../fleet/apply.ts';
import { BlobStore } from '../fleet/blob-store.ts';
import { fightHint } from '../fleet/fight.ts';
import { Fights } from '../fleet/fights.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { fleetCommit } from '../fleet/fleet-commit.ts';
import { Holds } from '../fleet/hold.ts';
import { Acceptances } from '../fleet/knowledge/acceptances.ts';
import { KnowledgeStore } from '../fleet/knowledge/store.ts';
import { LiveConfigurations } from '../fleet/live-configuration.ts';
import { ManagedStore } from '../fleet/managed-store.ts';
import { type Occupancy, observeOccupancy } from '../fleet/occupancy.ts';
import { type DevicePlan, type FleetPlan, planFleet, summarize, type Target } from '../fleet/plan.ts';
import { planLive } from '../fleet/plan-live.ts';
import type { AnyResource } from '../fleet/resource.ts';
import { ConfigurationResource } from '../fleet/resources/configuration.ts';
import { RevisionStore } from '../fleet/revision.ts';
import { namedContent } from '../fleet/rollout/named-content.ts';
import { ValueSpaceCache } from '../fleet/value-space-cache.ts';
import { WriteStore } from '../fleet/write-store.ts';
import { type AbortOptions, fanOut, withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import { fingerprintKey } from '../storage/facts.ts';
import { metered } from '../storage/metered.ts';
import { openDatabase } from '../storage/open-database.ts';
import type { Device } from '../xapi/device.ts';
import { FleetDevices, type FleetDevicesOptions } from './fleet-devices.ts';
import { makeResources } from './resources.ts';

export interface EngineModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Devices that are planned or written at the same time. */
const PARALLEL = 32;

/** What a device reports of its configuration may come this long after a reading that shows it. */
const LATE_REPORT_MS = 5_000;

/** How long the sessions to devices may take to end. */
const CLOSE_MS = 5_000;

/**
 * What the daemon and a lone command line have in common: the database, the
 * devices of the fleet, and plan and apply over them.
 */
export class Engine {
  readonly database: Database;
  readonly fingerprintKey: string;
  readonly devices: FleetDevices;
  readonly revisions: RevisionStore;
  readonly writes: WriteStore;
  readonly blobs: BlobStore;
  readonly holds: Holds;
  readonly fights: Fights;
  readonly maintenances: Maintenances;
  readonly configuration: ConfigurationResource;
  /** Everything that the file can want of a device, in the order in which it is brought there. */
  readonly resources: readonly AnyResource[];
  readonly knowledge: KnowledgeStore;
  readonly accepts: Acceptances;
  /** Null where no sessions are kept. */
  readonly live: LiveConfigurations | null;
  /** What roomd put onto devices besides settings. */
  readonly managed: ManagedStore;
  readonly mutex = new KeyedMutex();
  readonly #clock: Clock;
  readonly #logger: Logger;

  /** Opens the database of the fleet file and makes the devices; nothing is contacted. */
  static async open(
    fleet: Fleet,
    options: FleetDevicesOptions,
    modules: EngineModules,
    signal?: AbortSignal,
  ): Promise<Engine> {
    const { clock, logger } = modules;
    const path = fleet.daemon.databaseFile;
    const opened = await openDatabase({ path, clock, logger }, signal);
    const database = metered(opened, { path, registry: modules.registry, clock });
    try {
      const keyed = { database, fingerprintKey: await fingerprintKey(database) };
      const devices = new FleetDevices(fleet, options, { ...modules, ...keyed });
      const engine = new Engine({ devices, keepSessions: options.keepSessions }, keyed, modules);
      // Writes under way are the daemon's own where one runs.
      if (!options.looksOnly) await engine.writes.settleInterrupted();
      await engine.holds.load();
      await engine.fights.load();
      await engine.maintenances.load();
      await engine.devices.adopt(fleet);
      if (!options.looksOnly) {
        await engine.revisions.upgradeContent(fleet);
        await engine.collectContent();
      }
      return engine;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private constructor(
    { devices, keepSessions }: { devices: FleetDevices; keepSessions: boolean },
    opened: { database: Database; fingerprintKey: string },
    { clock, newId, logger }: EngineModules,
  ) {
    const { database } = opened;
    this.database = database;
    this.fingerprintKey = opened.fingerprintKey;
    this.devices = devices;
    this.#clock = clock;
    this.#logger = logger;
    this.blobs = new BlobStore({ database, clock });
    const { blobs } = this;
    this.revisions = new RevisionStore(opened, { database, blobs, clock, newId });
    this.writes = new WriteStore(opened, { database, blobs, clock, newId });
    this.holds = new Holds({ database, clock, newId });
    this.fights = new Fights({ database, clock, logger });
    this.maintenances = new Maintenances({ database, clock, newId });
    this.knowledge = new KnowledgeStore({ database, clock });
    this.accepts = new Acceptances({ spaces: new ValueSpaceCache(), vendor: this.knowledge });
    this.configuration = new ConfigurationResource({
      accepts: this.accepts,
      proofs: this.writes,
      knowledge: this.knowledge,
    });
    this.live = keepSessions
      ? new LiveConfigurations(
          {
            sweepMs: () => this.fleet.daemon.timing.driftMs,
            // A session on which nothing comes for longer than a ping is none.
            lateMs: () => Math.min(this.fleet.daemon.timing.pingMs, LATE_REPORT_MS),
          },
          { clock, logger },
        )
      : null;
    devices.onMade((_, device) => this.live?.watch(device));
    this.managed = new ManagedStore({ database, clock });
    const { configuration, managed } = this;
    this.resources = makeResources({ configuration, managed, devices, clock });
  }

  get fleet(): Fleet {
    return this.devices.fleet;
  }

  async plan(
    devices: readonly DesiredDevice[],
    { signal: given, fresh = false, onDevice, kinds }: PlanHow,
  ): Promise<FleetPlan> {
    const targets = this.devices.targets(devices);
    const signal = fanOut(given);
    const { live } = this;
    const resources = this.resourcesOf(kinds);
    const plan = await planFleet(targets, {
      plan: (target) => planLive(target, { resources, live, fresh, clock: this.#clock, signal }),
      limit: PARALLEL,
      ...(onDevice === undefined ? {} : { onDevice }),
    });
    for (const [position, { identity }] of plan.devices.entries()) {
      const target = targets[position];
      if (identity !== null && target !== undefined) await this.devices.met(target.device, identity);
    }
    return { ...plan, devices: plan.devices.map((one, at) => this.#withFights(one, targets[at])) };
  }

  /** The resources of these kinds, in their order; all where none is named. */
  resourcesOf(kinds?: ReadonlySet<string>): readonly AnyResource[] {
    return kinds === undefined ? this.resources : this.resources.filter(({ kind }) => kinds.has(kind));
  }

  /** Approves the file's state of the devices and brings them to it, each under its own lock. */
  async apply(
    devices: readonly DesiredDevice[],
    how: { actor: string; force: boolean; onDevice?: (applied: DeviceApplied) => void | Promise<void> },
    { signal }: AbortOptions,
  ): Promise<FleetApplied> {
    fanOut(signal);
    const names = new Set(devices.map(({ name }) => name));
    const commit = await fleetCommit(this.fleet);
    const revision = await this.revisions.approve(this.fleet, names, how.actor, commit);
    const limit = pLimit(PARALLEL);
    const applied = await Promise.all(
      this.devices.targets(devices).map((target) =>
        limit(() =>
          this.mutex.run(target.desired.name, async () => {
            const outcome = await this.#applyOne(target, { ...how, revisionId: revision.id }, signal);
            await how.onDevice?.(outcome);
            return outcome;
          }),
        ),
      ),
    );
    return { revision: revision.id, devices: applied, summary: { ...summarize(applied), ...tally(applied) } };
  }

  guards({ desired, device }: Target, { byMachine, force }: { byMachine: boolean; force: boolean }): Guards {
    return {
      forbids: () => {
        return byMachine ? this.leftAlone(desired) : this.holds.over(desired);
      },
      inUse: async (signal) => {
        if (force) return null;
        const { state, reason } = await this.occupancy(device, { signal });
        return state === 'free'
          ? null
          : `the room is ${state === 'busy' ? 'in use' : 'perhaps in use'}: ${reason}`;
      },
    };
  }

  /** Why no machine may touch the device now; null where it may. */
  leftAlone(desired: DesiredDevice): string | null {
    if (desired.protected) return 'it is protected: machines never touch it';
    if (this.devices.retired(desired.name) !== null) return 'it is retired: machines never touch it';
    return this.holds.over(desired);
  }

  occupancy(device: Device, { signal }: AbortOptions): Promise<Occupancy> {
    return observeOccupancy(device, { now: () => this.#clock.now(), signal });
  }

  /** Lets go of content that nothing on record can put onto a device any more. */
  async collectContent(): Promise<void> {
    await this.blobs.collect(await namedContent(this.database, await this.revisions.latest()));
  }

  /** A device that hangs does not keep the database from being closed. */
  async close(): Promise<void> {
    this.live?.stop();
    try {
      const what = 'ending the sessions to devices';
      await withDeadline({ what, afterMs: CLOSE_MS, clock: this.#clock }, () => this.devices.pool.stop());
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'Sessions to devices were left behind');
    } finally {
      await this.database.close();
    }
  }

  #withFights(plan: DevicePlan, target: Target | undefined): DevicePlan {
    const fights = target === undefined ? [] : this.fights.list(target.device.address.id);
    return fights.length === 0 ? plan : { ...plan, hints: [...plan.hints, ...fights.map(fightHint)] };
  }

  async #applyOne(
    target: Target,
    { revisionId, actor, force }: { revisionId: string; actor: string; force: boolean },
    signal: AbortSignal | undefined,
  ): Promise<DeviceApplied> {
    const { desired, device } = target;
    const observed = this.live?.observed(desired, device, { forPlan: false }) ?? device;
    const outcome = await applyDevice(
      { desired, device: observed },
      {
        resources: this.resources,
        guards: this.guards(target, { byMachine: false, force }),
        ledger: this.writes.ledger({ deviceId: target.device.address.id, revisionId, actor }),
        clock: this.#clock,
      },
      { signal },
    );
    if (outcome.identity !== null) await this.devices.met(target.device, outcome.identity);
    return outcome;
  }
}

function tally(applied: readonly DeviceApplied[]) {
  const counts = { accepted: 0, refused: 0, waiting: 0, notProven: 0 };
  for (const { outcome } of applied.flatMap(({ results }) => results)) {
    if (outcome === 'accepted' || outcome === 'accepted-unreadable') counts.accepted += 1;
    else if (outcome === 'refused') counts.refused += 1;
    else if (outcome === 'waiting' || outcome === 'held') counts.waiting += 1;
    else counts.notProven += 1;
  }
  return counts;
}
