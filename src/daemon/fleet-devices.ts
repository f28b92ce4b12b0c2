import type { DeviceRow } from '../fleet/device-store.ts';
import type { DesiredDevice, Fleet } from '../fleet/fleet.ts';
import type { Target } from '../fleet/plan.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { Random } from '../lib/random.ts';
import type { Secret } from '../lib/secret.ts';
import type { Database } from '../storage/database.ts';
import { loginWith } from '../xapi/address.ts';
import type { Device, DeviceIdentity, SessionNews } from '../xapi/device.ts';
import { type LoginHand, StoredLoginGate } from '../xapi/login-gate.ts';
import type { LoginRecord } from '../xapi/login-record.ts';
import { createDevicePool, type DevicePool } from '../xapi/pool.ts';
import type { RemoteDevice } from '../xapi/remote-device.ts';
import type { XapiSettings } from '../xapi/settings.ts';
import { addressOf } from './address.ts';
import { DeviceRecords } from './device-records.ts';
import { type StoredWebSessions, storedLogins, storedWebSessions } from './drivers.ts';

export interface FleetDevicesOptions {
  /** What a session listens to besides the expressions of the feedback slot. */
  readonly alsoHear?: readonly string[];
  /** Keep a session to every device, or reach each only when it is asked for. */
  readonly keepSessions: boolean;
  /** A look from outside at a database that a daemon owns: who answers is not recorded, the daemon's devices stay as they are. */
  readonly looksOnly?: boolean;
  readonly xapi: Partial<XapiSettings>;
}

export interface FleetDevicesModules {
  readonly database: Database;
  readonly fingerprintKey: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Asked for where the file names device macros. */
const MACRO_LOG_EXPRESSION = '/Event/Macros/Log';

type OnMade = (desired: DesiredDevice, device: Device) => void;

/** The devices of the fleet in force as roomd reaches them, each bound to the serial and certificate on record. */
export class FleetDevices {
  readonly pool: DevicePool;
  readonly #options: FleetDevicesOptions;
  readonly #records: DeviceRecords;
  readonly #gate: StoredLoginGate;
  readonly #ledger: StoredWebSessions;
  readonly #logger: Logger;
  readonly #devices = new Map<string, RemoteDevice>();
  readonly #listeners = new Set<OnMade>();
  #fleet: Fleet;

  constructor(fleet: Fleet, options: FleetDevicesOptions, modules: FleetDevicesModules) {
    const { database, fingerprintKey, clock, random, logger, registry } = modules;
    this.#fleet = fleet;
    this.#options = options;
    this.#logger = logger;
    this.#records = new DeviceRecords({ looksOnly: options.looksOnly ?? false }, { database, clock });
    this.#gate = new StoredLoginGate({ fingerprintKey }, { store: storedLogins(database), clock });
    this.#ledger = storedWebSessions(database, () => clock.now());
    this.pool = createDevicePool(options.xapi, {
      clock,
      random,
      logger,
      gate: this.#gate,
      ledger: this.#ledger,
      registry,
    });
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Told of each device that is made, also when a changed address makes it anew. */
  onMade(listen: OnMade): void {
    this.#listeners.add(listen);
  }

  /** Takes a fleet over: new devices are made, changed ones made anew, those that are gone stopped. Returns the names that are gone. */
  async adopt(fleet: Fleet): Promise<readonly string[]> {
    const rows = await this.#records.follow(fleet);
    const gone = [...this.#devices.keys()].filter((name) => !rows.has(name));
    const kept = new Set([...rows.values()].map(({ id }) => id));
    for (const [name, device] of this.#devices) {
      if (!kept.has(device.address.id)) await this.pool.remove(device.address.id);
      if (!rows.has(name)) this.#devices.delete(name);
    }
    this.#fleet = fleet;
    this.#records.take(rows);
    for (const desired of fleet.devices) this.#make(desired);
    return gone;
  }

  row(name: string): DeviceRow | null {
    return this.#records.row(name);
  }

  /** The device of that name as it is now kept; it is another object after a change of its address. */
  get(name: string): RemoteDevice | null {
    return this.#devices.get(name) ?? null;
  }

  byId(id: number): Device | null {
    return this.all().find(({ address }) => address.id === id) ?? null;
  }

  /** The same as `all`, with what only the transports can tell. */
  kept(): RemoteDevice[] {
    return this.#fleet.devices.flatMap(({ name }) => this.#devices.get(name) ?? []);
  }

  /** In the order of the file. */
  all(): Device[] {
    return this.kept();
  }

  target(name: string): Target | null {
    const desired = this.#fleet.devices.find((device) => device.name === name);
    const device = this.#devices.get(name);
    return desired === undefined || device === undefined ? null : { desired, device };
  }

  targets(devices: readonly DesiredDevice[]): Target[] {
    return devices.flatMap((desired) => {
      const device = this.#devices.get(desired.name);
      return device === undefined ? [] : [{ desired, device }];
    });
  }

  /** Records who answered. The first serial number binds the device. */
  async met({ address }: Device, identity: DeviceIdentity): Promise<void> {
    if (await this.#records.met(address, identity)) this.#rebind(address.name);
  }

  /** A person vouches for this certificate; the device is contacted anew with it. */
  async pin(name: string, certificate: CertificateFacts, actor: string): Promise<void> {
    const row = this.row(name);
    if (row === null) return;
    await this.#records.pin(row, certificate, actor);
    this.#renew(name);
  }

  /** A person vouches for this unit; the device is contacted anew as such. */
  async bind(name: string, identity: DeviceIdentity, actor: string): Promise<void> {
    const row = this.row(name);
    if (row === null) return;
    await this.#records.bind(row, identity, actor);
    this.#renew(name);
  }

  /** The trusted certificate that the device showed last; null before it showed one. */
  certificate(name: string): CertificateFacts | null {
    return this.#records.certificate(name);
  }

  /** Since when machines leave the device alone, and who said so; null while it is in service. */
  retired(name: string): { readonly since: number; readonly by: string } | null {
    return this.#records.retired(name);
  }

  /** Retires the device; one that is retired already stays so since then. */
  retire(name: string, actor: string): Promise<void> {
    return this.#records.retire(name, actor);
  }

  takeUp(name: string, actor: string): Promise<void> {
    return this.#records.takeUp(name, actor);
  }

  /** Forgets that the device refused the present password, so that it is tried once more. */
  async retryLogin(name: string): Promise<void> {
    const device = this.#devices.get(name);
    if (device === undefined) return;
    await this.#gate.reopen(device.address);
    this.#renew(name);
  }

  /** Who answers at the device's address, whatever serial number is on record. The login goes only to this certificate; null: to whom the record trusts. */
  async whoAnswers(
    name: string,
    fingerprint256: string | null,
    options: AbortOptions,
  ): Promise<DeviceIdentity | null> {
    const device = this.#devices.get(name);
    if (device === undefined) return null;
    const { address } = device;
    const tls =
      fingerprint256 === null || address.tls.mode !== 'pin'
        ? address.tls
        : { mode: 'pin' as const, fingerprint256 };
    return this.pool.once({ ...address, tls, serial: null }, (asked) => asked.identify(options));
  }

  /** What is on record of a secret at the device, by attempts of this and other processes. */
  loginRecord({ address }: Device, secret: Secret): Promise<LoginRecord> {
    return this.#gate.recordOf(loginWith(address, secret));
  }

  /** Lets a secret be tried again that too many devices of the fleet refused: a person has asked for it. */
  reopenFleetWide({ address }: Device, secret: Secret): Promise<void> {
    return this.#gate.reopenFleetWide(loginWith(address, secret));
  }

  /** Takes a device in hand: nobody else logs in there until it is released. */
  takeInHand({ address }: Device, options: AbortOptions): Promise<LoginHand> {
    return this.#gate.takeInHand(address, options);
  }

  /** Ends the xmlapi sessions that a crash left open; a device that does not answer keeps its row for the next start. */
  async endLeftovers({ signal }: AbortOptions): Promise<void> {
    for (const { deviceId, cookie } of await this.#ledger.leftovers()) {
      signal?.throwIfAborted();
      const device = this.byId(deviceId);
      if (device !== null) await this.#endLeftover(device, cookie);
    }
  }

  /** Ends the xmlapi sessions of a device that are on record as opened before then, but for the one in use. */
  async endLeaked(device: RemoteDevice, { openedBefore }: { openedBefore: number }): Promise<void> {
    const inUse = await device.webSessionCookie();
    for (const { deviceId, cookie, openedAt } of await this.#ledger.leftovers())
      if (deviceId === device.address.id && cookie !== inUse && openedAt < openedBefore)
        await this.#endLeftover(device, cookie);
  }

  async #endLeftover(device: Device, cookie: string): Promise<void> {
    try {
      await this.pool.endLeftover(device.address, cookie);
    } catch (error) {
      this.#logger.info(
        { device: device.address.name, error: messageOf(error) },
        'A session that was left open could not be ended',
      );
    }
  }

  async #pinned({ address }: Device, fingerprint256: string): Promise<void> {
    if (await this.#records.pinned(address, fingerprint256)) this.#rebind(address.name);
  }

  #renew(name: string): void {
    const target = this.target(name);
    if (target === null) return;
    this.#make(target.desired);
    this.pool.wake(target.device.address.id);
  }

  /** A kept device learns at once what it is bound to; one that is reached once does not live long enough to be swapped. */
  #rebind(name: string): void {
    const desired = this.#fleet.devices.find((device) => device.name === name);
    if (desired !== undefined && this.#options.keepSessions) this.#make(desired);
  }

  #make(desired: DesiredDevice): void {
    const row = this.row(desired.name);
    if (row === null) return;
    const address = addressOf(desired, row);
    const { keepSessions, alsoHear = [] } = this.#options;
    const own = (desired.content?.deviceMacros.length ?? 0) > 0 ? [MACRO_LOG_EXPRESSION] : [];
    const heard = [...new Set([...desired.feedback.expressions, ...alsoHear, ...own])];
    const device = keepSessions ? this.pool.device(address, heard) : this.pool.oneShot(address);
    if (this.#devices.get(desired.name) === device) return;
    this.#devices.set(desired.name, device);
    device.subscribe((news) => this.#hear(device, news));
    for (const listen of this.#listeners) listen(desired, device);
  }

  #hear(device: Device, news: SessionNews): void {
    const failed = (error: unknown): void =>
      this.#logger.error(
        { device: device.address.name, error: messageOf(error) },
        'Who answered could not be recorded',
      );
    if (news.type === 'pinned') this.#pinned(device, news.fingerprint256).catch(failed);
    if (news.type === 'certificate') this.#records.shown(device.address, news.certificate).catch(failed);
    if (news.type === 'snapshot') this.met(device, news.identity).catch(failed);
  }
}
