import pLimit from 'p-limit';
import type { FleetApplied } from '../actions/ports.ts';
import { Maintenances } from '../alerts/maintenance.ts';
import { applyDevice, type DeviceApplied, type Guards } from '../fleet/apply.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { Holds } from '../fleet/hold.ts';
import { KnowledgeStore } from '../fleet/knowledge/store.ts';
import { ManagedStore } from '../fleet/managed-store.ts';
import { type Occupancy, observeOccupancy } from '../fleet/occupancy.ts';
import { type DevicePlan, type FleetPlan, planFleet, summarize, type Target } from '../fleet/plan.ts';
import type { AnyResource } from '../fleet/resource.ts';
import { BrandingResource } from '../fleet/resources/branding.ts';
import { CertificateResource } from '../fleet/resources/certificate.ts';
import { ConfigurationResource } from '../fleet/resources/configuration.ts';
import { DeviceMacroResource } from '../fleet/resources/device-macro.ts';
import { SoftwareResource } from '../fleet/resources/software.ts';
import { PanelResource } from '../fleet/resources/ui-panel.ts';
import { RevisionStore } from '../fleet/revision.ts';
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
import { openDatabase } from '../storage/open-database.ts';
import type { Device } from '../xapi/device.ts';
import { FleetDevices, type FleetDevicesOptions } from './fleet-devices.ts';

export interface EngineModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Devices that are planned or written at the same time. */
const PARALLEL = 32;

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
  readonly holds: Holds;
  readonly maintenances: Maintenances;
  readonly configuration: ConfigurationResource;
  /** Everything that the file can want of a device, in the order in which it is brought there: settings may let the rest work. */
  readonly resources: readonly AnyResource[];
  readonly knowledge: KnowledgeStore;
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
    const database = await openDatabase({ path: fleet.daemon.databaseFile, clock, logger }, signal);
    try {
      const opened = { database, fingerprintKey: await fingerprintKey(database) };
      const engine = new Engine(new FleetDevices(fleet, options, { ...modules, ...opened }), opened, modules);
      // Writes under way are the daemon's own where one runs.
      if (!options.looksOnly) await engine.writes.settleInterrupted();
      await engine.holds.load();
      await engine.maintenances.load();
      await engine.devices.adopt(fleet);
      return engine;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private constructor(
    devices: FleetDevices,
    opened: { database: Database; fingerprintKey: string },
    { clock, newId, logger }: EngineModules,
  ) {
    const { database } = opened;
    this.database = database;
    this.fingerprintKey = opened.fingerprintKey;
    this.devices = devices;
    this.#clock = clock;
    this.#logger = logger;
    this.revisions = new RevisionStore(opened, { database, clock, newId });
    this.writes = new WriteStore(opened, { database, clock, newId });
    this.holds = new Holds({ database, clock, newId });
    this.maintenances = new Maintenances({ database, clock, newId });
    this.knowledge = new KnowledgeStore({ database, clock });
    this.configuration = new ConfigurationResource({
      spaces: new ValueSpaceCache(),
      proofs: this.writes,
      knowledge: this.knowledge,
    });
    this.resources = [this.configuration, ...contentResources({ database, clock })];
  }

  get fleet(): Fleet {
    return this.devices.fleet;
  }

  async plan(
    devices: readonly DesiredDevice[],
    { signal, onDevice }: AbortOptions & { onDevice?: (plan: DevicePlan) => void },
  ): Promise<FleetPlan> {
    const targets = this.devices.targets(devices);
    const plan = await planFleet(targets, {
      resources: this.resources,
      limit: PARALLEL,
      signal: fanOut(signal),
      ...(onDevice === undefined ? {} : { onDevice }),
    });
    for (const [position, { identity }] of plan.devices.entries()) {
      const target = targets[position];
      if (identity !== null && target !== undefined) await this.devices.met(target.device, identity);
    }
    return plan;
  }

  /** Approves the file's state of the devices and brings them to it, each under its own lock. */
  async apply(
    devices: readonly DesiredDevice[],
    how: { actor: string; force: boolean; onDevice?: (applied: DeviceApplied) => void | Promise<void> },
    { signal }: AbortOptions,
  ): Promise<FleetApplied> {
    fanOut(signal);
    const names = new Set(devices.map(({ name }) => name));
    const revision = await this.revisions.approve(this.fleet, names, how.actor);
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
        if (byMachine && desired.protected) return 'it is protected: machines never write to it';
        return this.holds.over(desired);
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

  occupancy(device: Device, { signal }: AbortOptions): Promise<Occupancy> {
    return observeOccupancy(device, { now: () => this.#clock.now(), signal });
  }

  /** A device that hangs does not keep the database from being closed. */
  async close(): Promise<void> {
    try {
      const what = 'ending the sessions to devices';
      await withDeadline({ what, afterMs: CLOSE_MS, clock: this.#clock }, () => this.devices.pool.stop());
    } catch (error) {
      this.#logger.warn({ error: messageOf(error) }, 'Sessions to devices were left behind');
    } finally {
      await this.database.close();
    }
  }

  async #applyOne(
    target: Target,
    { revisionId, actor, force }: { revisionId: string; actor: string; force: boolean },
    signal: AbortSignal | undefined,
  ): Promise<DeviceApplied> {
    const outcome = await applyDevice(
      target,
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

/** What the file can put onto a device besides settings. */
function contentResources({ database, clock }: { database: Database; clock: Clock }): readonly AnyResource[] {
  const managed = new ManagedStore({ database, clock });
  return [
    new CertificateResource({ managed, clock }),
    new PanelResource({ managed }),
    new DeviceMacroResource({ managed }),
    new BrandingResource({ managed }),
    new SoftwareResource(),
  ];
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
