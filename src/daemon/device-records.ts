import { certificateOf, type DeviceRow, DeviceStore } from '../fleet/device-store.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { Database } from '../storage/database.ts';
import type { DeviceAddress, DeviceIdentity } from '../xapi/device.ts';
import { knownRows } from './drivers.ts';

interface DeviceRecordsModules {
  readonly database: Database;
  readonly clock: Clock;
}

/**
 * What is on record of the devices of the fleet: which unit each is, which
 * certificate it showed, and whether it is in service. One that only looks
 * records nothing of who answers.
 */
export class DeviceRecords {
  readonly #looksOnly: boolean;
  readonly #store: DeviceStore;
  readonly #database: Database;
  readonly #clock: Clock;
  #rows: ReadonlyMap<string, DeviceRow> = new Map();

  constructor({ looksOnly }: { looksOnly: boolean }, { database, clock }: DeviceRecordsModules) {
    this.#looksOnly = looksOnly;
    this.#store = new DeviceStore({ database, clock });
    this.#database = database;
    this.#clock = clock;
  }

  /** Reads what is on record of this fleet's devices, and begins the record of new ones. `take` puts it in force. */
  follow(fleet: Fleet): Promise<ReadonlyMap<string, DeviceRow>> {
    return this.#looksOnly
      ? knownRows(this.#store, fleet, { database: this.#database, now: this.#clock.now() })
      : this.#store.follow(fleet.devices);
  }

  take(rows: ReadonlyMap<string, DeviceRow>): void {
    this.#rows = rows;
  }

  row(name: string): DeviceRow | null {
    return this.#rows.get(name) ?? null;
  }

  /** Records who answered; the first serial number binds the device. Whether anything was new. */
  async met({ name, id }: DeviceAddress, identity: DeviceIdentity): Promise<boolean> {
    if (this.#looksOnly) return false;
    const row = this.row(name);
    const { serial, product, software } = identity;
    if (row?.serial === serial && row.product === product && row.software === software) return false;
    await this.#store.met(id, identity);
    if (row !== null) Object.assign(row, { serial: row.serial ?? serial, product, software });
    return true;
  }

  /** Records the certificate met first under `tls: pin`. Whether it was recorded. */
  async pinned({ name, id }: DeviceAddress, fingerprint256: string): Promise<boolean> {
    if (this.#looksOnly) return false;
    const row = this.row(name);
    await this.#store.pinned(id, fingerprint256);
    if (row !== null) row.fingerprint256 ??= fingerprint256;
    return true;
  }

  /** Records the trusted certificate that a device showed. */
  async shown({ name }: DeviceAddress, certificate: CertificateFacts): Promise<void> {
    if (this.#looksOnly) return;
    const row = this.row(name);
    const certificate_json = JSON.stringify(certificate);
    if (row === null || row.certificate_json === certificate_json) return;
    row.certificate_json = certificate_json;
    await this.#store.shown(row.id, certificate);
  }

  /** A person vouches for this certificate. */
  async pin(row: DeviceRow, certificate: CertificateFacts, actor: string): Promise<void> {
    await this.#store.pin(row, certificate, actor);
    const { fingerprint256 } = certificate;
    Object.assign(row, { fingerprint256, certificate_json: JSON.stringify(certificate) });
  }

  /** A person vouches for this unit. */
  async bind(row: DeviceRow, identity: DeviceIdentity, actor: string): Promise<void> {
    await this.#store.bind(row, identity, actor);
    const { serial, product, software } = identity;
    Object.assign(row, { serial, product, software });
  }

  /** The trusted certificate that the device showed last; null before it showed one. */
  certificate(name: string): CertificateFacts | null {
    const row = this.row(name);
    return row === null ? null : certificateOf(row);
  }

  /** Since when machines leave the device alone, and who said so; null while it is in service. */
  retired(name: string): { readonly since: number; readonly by: string } | null {
    const row = this.row(name);
    if (row === null || row.retired_at === null) return null;
    return { since: row.retired_at, by: row.retired_by ?? 'somebody' };
  }

  /** Retires the device; one that is retired already stays so since then. */
  async retire(name: string, actor: string): Promise<void> {
    const row = this.row(name);
    if (row === null || row.retired_at !== null) return;
    const at = this.#clock.now();
    await this.#store.retire(row.id, { at, by: actor }, actor);
    Object.assign(row, { retired_at: at, retired_by: actor });
  }

  async takeUp(name: string, actor: string): Promise<void> {
    const row = this.row(name);
    if (row === null || row.retired_at === null) return;
    await this.#store.retire(row.id, null, actor);
    Object.assign(row, { retired_at: null, retired_by: null });
  }
}
