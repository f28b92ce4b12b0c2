import type { Compilable, Selectable, Updateable } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import type { CertificateFacts } from '../lib/peer-certificate.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';
import type { DeviceTable } from '../storage/tables/devices.ts';
import type { DeviceIdentity } from '../xapi/device.ts';
import type { DesiredDevice } from './fleet.ts';

export type DeviceRow = Selectable<DeviceTable>;

/** What roomd knows of devices beyond the file: their immutable ids, and the serial and certificate they are bound to. */
export class DeviceStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Every device ever named, also those that the file no longer names. */
  async all(): Promise<DeviceRow[]> {
    return this.#database.read<DeviceRow>(this.#database.query.selectFrom('device').selectAll());
  }

  /** Makes the table follow the file: new names get ids, `formerly` keeps one, names that are gone are marked. Returns the rows by name. */
  async follow(devices: readonly DesiredDevice[]): Promise<ReadonlyMap<string, DeviceRow>> {
    const statements = this.#statements(matchRows(devices, await this.all()), this.#clock.now());
    if (statements.length > 0) await this.#database.write(statements);
    return new Map(
      (await this.all()).filter(({ removed_at }) => removed_at === null).map((row) => [row.name, row]),
    );
  }

  #statements({ rows, gone, displaced }: Matches, now: number): Compilable[] {
    const { query } = this.#database;
    const update = (id: number, set: Updateable<DeviceTable>): Compilable =>
      query.updateTable('device').set(set).where('id', '=', id);
    return [
      ...gone.flatMap(({ id }) => [
        update(id, { removed_at: now }),
        query.deleteFrom('unfinished_apply').where('device_id', '=', id),
      ]),
      // Names are unique, also those of devices that are gone.
      ...displaced.map(({ id, name }) => update(id, { name: `${name} (removed, id ${id})` })),
      ...rows.flatMap(([{ name, host, port }, row]) => {
        const at = `${host}:${port}`;
        if (row === null) return [query.insertInto('device').values(newRow(name, at, now))];
        const isSame = row.name === name && row.host === at && row.removed_at === null;
        // Who writes a line again wants the device again.
        const back = row.removed_at === null ? {} : { removed_at: null, retired_at: null, retired_by: null };
        return isSame ? [] : [update(row.id, { name, host: at, ...back })];
      }),
    ];
  }

  /** Binds the device to who answered; a serial or certificate on record is never overwritten here. */
  async met(id: number, seen: Unit): Promise<void> {
    const now = this.#clock.now();
    await this.#database.write([
      this.#database.query
        .updateTable('device')
        .set((eb) => ({
          serial: eb.fn.coalesce('serial', eb.val(seen.serial)),
          first_seen_at: eb.fn.coalesce('first_seen_at', eb.val(now)),
          product: seen.product,
          software: seen.software,
          last_seen_at: now,
        }))
        .where('id', '=', id),
    ]);
  }

  /** Records the certificate of first contact; one on record stays. */
  async pinned(id: number, fingerprint256: string): Promise<void> {
    await this.#database.write([
      this.#database.query
        .updateTable('device')
        .set({ fingerprint256 })
        .where('id', '=', id)
        .where('fingerprint256', 'is', null),
    ]);
  }

  /** Records the trusted certificate that it shows. */
  async shown(id: number, certificate: CertificateFacts): Promise<void> {
    const certificate_json = JSON.stringify(certificate);
    await this.#database.write([
      this.#database.query.updateTable('device').set({ certificate_json }).where('id', '=', id),
    ]);
  }

  /** A person vouches for this certificate: no other is taken from now on. */
  async pin(row: DeviceRow, certificate: CertificateFacts, actor: string): Promise<void> {
    const { fingerprint256 } = certificate;
    const set = { fingerprint256, certificate_json: JSON.stringify(certificate) };
    await appendEvents(
      this.#database,
      [this.#vouched(row.id, { what: 'certificate', from: row.fingerprint256, to: fingerprint256, actor })],
      [this.#database.query.updateTable('device').set(set).where('id', '=', row.id)],
    );
  }

  /**
   * A person vouches for this unit. One that is not the unit on record never
   * took the hidden values that the other took.
   */
  async bind(row: DeviceRow, { serial, product, software }: Unit, actor: string): Promise<void> {
    const { query } = this.#database;
    const set = { serial, product, software, last_seen_at: this.#clock.now() };
    const unproven = query
      .updateTable('write')
      .set({ state: 'unknown', detail: 'a person vouched for another unit since' })
      .where('device_id', '=', row.id)
      .where('state', '=', 'accepted-unreadable');
    await appendEvents(
      this.#database,
      [this.#vouched(row.id, { what: 'serial', from: row.serial, to: serial, actor })],
      [
        query.updateTable('device').set(set).where('id', '=', row.id),
        ...(row.serial === serial ? [] : [unproven]),
      ],
    );
  }

  /** Retires the device, or, with null, takes it up again. */
  async retire(
    id: number,
    retired: { readonly at: number; readonly by: string } | null,
    actor: string,
  ): Promise<void> {
    const payload = { retired: retired !== null, actor };
    await appendEvents(
      this.#database,
      [ownEvent({ deviceId: id, kind: 'retire', payload, at: this.#clock.now() })],
      [
        this.#database.query
          .updateTable('device')
          .set({ retired_at: retired?.at ?? null, retired_by: retired?.by ?? null })
          .where('id', '=', id),
      ],
    );
  }

  #vouched(deviceId: number, payload: object): NewEvent {
    return ownEvent({ deviceId, kind: 'trust', payload, at: this.#clock.now() });
  }
}

type Unit = Pick<DeviceIdentity, 'serial' | 'product' | 'software'>;

/** What is on record of the trusted certificate that the device showed last. */
export function certificateOf({ certificate_json: text }: DeviceRow): CertificateFacts | null {
  return text === null ? null : (JSON.parse(text) as CertificateFacts);
}

interface Matches {
  /** Each device of the file with its row; null for a new one. */
  readonly rows: readonly (readonly [DesiredDevice, DeviceRow | null])[];
  /** Rows that the file no longer names and that are not marked so yet. */
  readonly gone: readonly DeviceRow[];
  /** Rows long gone whose name another device takes over. */
  readonly displaced: readonly DeviceRow[];
}

/**
 * Which row belongs to which device. Case does not tell names apart. A device
 * that is in the file under its name is never the former self of another.
 */
function matchRows(devices: readonly DesiredDevice[], all: readonly DeviceRow[]): Matches {
  const byName = new Map(all.map((row) => [row.name.toLowerCase(), row]));
  const named = new Set(devices.map(({ name }) => name.toLowerCase()));
  const rows = devices.map((device) => {
    const present = byName.get(device.name.toLowerCase()) ?? null;
    const former = device.formerly?.toLowerCase() ?? null;
    const renamed = former === null || named.has(former) ? null : (byName.get(former) ?? null);
    const isRenamed = renamed !== null && (present === null || present.removed_at !== null);
    return [device, isRenamed ? renamed : present] as const;
  });
  const taken = new Set(rows.map(([, row]) => row?.id));
  return {
    rows,
    gone: all.filter(({ id, removed_at }) => !taken.has(id) && removed_at === null),
    displaced: all.filter(({ id, name }) => !taken.has(id) && named.has(name.toLowerCase())),
  };
}

/** Of a device that nobody has spoken to. */
export function newRow(name: string, host: string, now: number) {
  return {
    name,
    host,
    serial: null,
    fingerprint256: null,
    product: null,
    software: null,
    first_seen_at: null,
    last_seen_at: null,
    removed_at: null,
    created_at: now,
  };
}
