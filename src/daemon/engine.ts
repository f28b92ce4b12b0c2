import pLimit from 'p-limit';
import type { FleetApplied } from '../actions/ports.ts';
import { applyDevice, type DeviceApplied, type Guards } from '../fleet/apply.ts';
import { type DeviceRow, DeviceStore } from '../fleet/device-store.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import { Holds } from '../fleet/hold.ts';
import { type Occupancy, observeOccupancy } from '../fleet/occupancy.ts';
import { type DevicePlan, type FleetPlan, planFleet, summarize, type Target } from '../fleet/plan.ts';
import { ConfigurationResource } from '../fleet/resources/configuration.ts';
import { RevisionStore } from '../fleet/revision.ts';
import { ValueSpaceCache } from '../fleet/value-space-cache.ts';
import { WriteStore } from '../fleet/write-store.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { KeyedMutex } from '../lib/keyed-mutex.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import { fingerprintKey } from '../storage/facts.ts';
import { openDatabase } from '../storage/open-database.ts';
import type { Device, DeviceIdentity, SessionNews } from '../xapi/device.ts';
import { StoredLoginGate } from '../xapi/login-gate.ts';
import { createDevicePool, type DevicePool } from '../xapi/pool.ts';
import type { XapiSettings } from '../xapi/settings.ts';
import { addressOf } from './address.ts';
import { type StoredWebSessions, storedLogins, storedWebSessions } from './drivers.ts';

export interface EngineOptions {
  /** Told of each device that is made, also when a changed address makes it anew. */
  readonly onDevice?: (desired: DesiredDevice, device: Device) => void;
  /** What a session listens to besides the expressions of the feedback slot. */
  readonly alsoHear?: readonly string[];
  /** Keep a session to every device, or reach each only when it is asked for. */
  readonly keepSessions: boolean;
  readonly xapi: Partial<XapiSettings>;
}

export interface EngineModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Devices that are planned or written at the same time. */
const PARALLEL = 32;

/**
 * What the daemon and a lone command line have in common: the database, the
 * devices of the fleet, and plan and apply over them.
 */
export class Engine {
  readonly database: Database;
  readonly fingerprintKey: string;
  readonly devices: DeviceStore;
  readonly revisions: RevisionStore;
  readonly writes: WriteStore;
  readonly holds: Holds;
  readonly pool: DevicePool;
  readonly configuration: ConfigurationResource;
  readonly mutex = new KeyedMutex();
  readonly #gate: StoredLoginGate;
  readonly #ledger: StoredWebSessions;
  readonly #options: EngineOptions;
  readonly #modules: EngineModules;
  readonly #devices = new Map<string, Device>();
  #fleet: Fleet;
  #rows: ReadonlyMap<string, DeviceRow> = new Map();

  /** Opens the database of the fleet file and makes the devices; nothing is contacted. */
  static async open(
    fleet: Fleet,
    options: EngineOptions,
    modules: EngineModules,
    signal?: AbortSignal,
  ): Promise<Engine> {
    const { clock, logger } = modules;
    const database = await openDatabase({ path: fleet.daemon.databaseFile, clock, logger }, signal);
    try {
      const engine = new Engine(
        fleet,
        { database, fingerprintKey: await fingerprintKey(database) },
        options,
        modules,
      );
      await engine.writes.settleInterrupted();
      await engine.holds.load();
      await engine.adopt(fleet);
      return engine;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private constructor(
    fleet: Fleet,
    opened: { database: Database; fingerprintKey: string },
    options: EngineOptions,
    modules: EngineModules,
  ) {
    const { clock, random, newId, logger, registry } = modules;
    const { database } = opened;
    this.database = database;
    this.fingerprintKey = opened.fingerprintKey;
    this.#fleet = fleet;
    this.#options = options;
    this.#modules = modules;
    this.#ledger = storedWebSessions(database, () => clock.now());
    this.#gate = new StoredLoginGate(opened, { store: storedLogins(database), clock });
    this.pool = createDevicePool(options.xapi, {
      clock,
      random,
      logger,
      gate: this.#gate,
      ledger: this.#ledger,
      registry,
    });
    this.devices = new DeviceStore({ database, clock });
    this.revisions = new RevisionStore(opened, { database, clock, newId });
    this.writes = new WriteStore(opened, { database, clock, newId });
    this.holds = new Holds({ database, clock, newId });
    this.configuration = new ConfigurationResource({ spaces: new ValueSpaceCache(), proofs: this.writes });
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Takes a fleet over: new devices are made, changed ones made anew, those that are gone stopped. Returns the names that are gone. */
  async adopt(fleet: Fleet): Promise<readonly string[]> {
    const rows = await this.devices.follow(fleet.devices);
    const gone = [...this.#devices.keys()].filter((name) => !rows.has(name));
    const kept = new Set([...rows.values()].map(({ id }) => id));
    for (const [name, device] of this.#devices) {
      if (!kept.has(device.address.id)) await this.pool.remove(device.address.id);
      if (!rows.has(name)) this.#devices.delete(name);
    }
    this.#fleet = fleet;
    this.#rows = rows;
    for (const desired of fleet.devices) this.#make(desired);
    return gone;
  }

  row(name: string): DeviceRow | null {
    return this.#rows.get(name) ?? null;
  }

  target(name: string): Target | null {
    const desired = this.#fleet.devices.find((device) => device.name === name);
    const device = this.#devices.get(name);
    return desired === undefined || device === undefined ? null : { desired, device };
  }

  /** Ends the xmlapi sessions that a crash left open; a device that does not answer keeps its row for the next start. */
  async endLeftovers({ signal }: AbortOptions): Promise<void> {
    for (const { deviceId, cookie } of await this.#ledger.leftovers()) {
      signal?.throwIfAborted();
      const device = [...this.#devices.values()].find(({ address }) => address.id === deviceId);
      if (device === undefined) continue;
      try {
        await this.pool.endLeftover(device.address, cookie);
      } catch (error) {
        this.#modules.logger.info(
          { device: device.address.name, error: messageOf(error) },
          'A session left by a crash could not be ended',
        );
      }
    }
  }

  /** Records who answered. The first serial number binds the device. */
  async met(device: Device, identity: DeviceIdentity): Promise<void> {
    const { name, id } = device.address;
    const row = this.#rows.get(name);
    const { serial, product, software } = identity;
    if (row !== undefined && row.serial === serial && row.product === product && row.software === software)
      return;
    await this.devices.met(id, identity);
    if (row !== undefined) Object.assign(row, { serial: row.serial ?? serial, product, software });
    this.#rebind(name);
  }

  async pinned(device: Device, fingerprint256: string): Promise<void> {
    const row = this.#rows.get(device.address.name);
    await this.devices.pinned(device.address.id, fingerprint256);
    if (row !== undefined) row.fingerprint256 ??= fingerprint256;
    this.#rebind(device.address.name);
  }

  async plan(
    devices: readonly DesiredDevice[],
    { signal, onDevice }: AbortOptions & { onDevice?: (plan: DevicePlan) => void },
  ): Promise<FleetPlan> {
    const targets = this.#targets(devices);
    const plan = await planFleet(targets, {
      resources: [this.configuration],
      limit: PARALLEL,
      signal,
      ...(onDevice === undefined ? {} : { onDevice }),
    });
    for (const [position, { identity }] of plan.devices.entries()) {
      const target = targets[position];
      if (identity !== null && target !== undefined) await this.met(target.device, identity);
    }
    return plan;
  }

  /** Approves the file's state of the devices and brings them to it, each under its own lock. */
  async apply(
    devices: readonly DesiredDevice[],
    how: { actor: string; force: boolean; onDevice?: (applied: DeviceApplied) => void },
    { signal }: AbortOptions,
  ): Promise<FleetApplied> {
    const revision = await this.revisions.approve(
      this.#fleet,
      new Set(devices.map(({ name }) => name)),
      how.actor,
    );
    const limit = pLimit(PARALLEL);
    const applied = await Promise.all(
      this.#targets(devices).map((target) =>
        limit(() =>
          this.mutex.run(target.desired.name, async () => {
            const outcome = await applyDevice(
              target,
              {
                resources: [this.configuration],
                guards: this.guards(target, { byMachine: false, force: how.force }),
                ledger: this.writes.ledger({
                  deviceId: target.device.address.id,
                  revisionId: revision.id,
                  actor: how.actor,
                }),
                clock: this.#modules.clock,
              },
              { signal },
            );
            if (outcome.identity !== null) await this.met(target.device, outcome.identity);
            how.onDevice?.(outcome);
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
    return observeOccupancy(device, { now: () => this.#modules.clock.now(), signal });
  }

  /** A person vouches for what the device shows now; it is contacted anew. */
  async trust(
    name: string,
    what: { certificate: boolean; serial: boolean; retryLogin: boolean },
  ): Promise<void> {
    const target = this.target(name);
    const row = this.#rows.get(name);
    if (target === null || row === undefined) return;
    if (what.retryLogin) await this.#gate.reopen(target.device.address);
    await this.devices.unbind(row.id, what);
    if (what.certificate) row.fingerprint256 = null;
    if (what.serial) row.serial = null;
    this.#make(target.desired);
    this.pool.wake(row.id);
  }

  /** The device of that name as it is now kept; it is another object after a change of its address. */
  device(name: string): Device | null {
    return this.#devices.get(name) ?? null;
  }

  async close(): Promise<void> {
    await this.pool.stop();
    await this.database.close();
  }

  /** A kept device learns at once what it is bound to; one that is reached once does not live long enough to be swapped. */
  #rebind(name: string): void {
    const desired = this.#fleet.devices.find((device) => device.name === name);
    if (desired !== undefined && this.#options.keepSessions) this.#make(desired);
  }

  #make(desired: DesiredDevice): void {
    const row = this.#rows.get(desired.name);
    if (row === undefined) return;
    const address = addressOf(desired, row);
    const { keepSessions, alsoHear = [], onDevice } = this.#options;
    const heard = [...new Set([...desired.feedback.expressions, ...alsoHear])];
    const device = keepSessions ? this.pool.device(address, heard) : this.pool.oneShot(address);
    if (this.#devices.get(desired.name) === device) return;
    this.#devices.set(desired.name, device);
    device.subscribe((news) => this.#hear(device, news));
    onDevice?.(desired, device);
  }

  #hear(device: Device, news: SessionNews): void {
    const { logger } = this.#modules;
    const failed = (error: unknown): void =>
      logger.error(
        { device: device.address.name, error: messageOf(error) },
        'Who answered could not be recorded',
      );
    if (news.type === 'pinned') this.pinned(device, news.fingerprint256).catch(failed);
    if (news.type === 'snapshot') this.met(device, news.identity).catch(failed);
  }

  #targets(devices: readonly DesiredDevice[]): Target[] {
    return devices.flatMap((desired) => {
      const device = this.#devices.get(desired.name);
      return device === undefined ? [] : [{ desired, device }];
    });
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
