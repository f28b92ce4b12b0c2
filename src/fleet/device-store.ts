import type { Selectable } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import type { DeviceTable } from '../storage/tables.ts';
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
    const known = new Map((await this.all()).map((row) => [row.name, row]));
    const { query } = this.#database;
    const statements = [];
    const named = new Set(devices.map(({ name }) => name));
    for (const { name, formerly, host, port } of devices) {
      const at = `${host}:${port}`;
      const present = known.get(name);
      const renamed = formerly === null || named.has(formerly) ? undefined : known.get(formerly);
      if (present !== undefined) {
        if (present.host === at && present.removed_at === null) continue;
        statements.push(
          query.updateTable('device').set({ host: at, removed_at: null }).where('id', '=', present.id),
        );
      } else if (renamed !== undefined) {
        statements.push(
          query.updateTable('device').set({ name, host: at, removed_at: null }).where('id', '=', renamed.id),
        );
      } else {
        statements.push(query.insertInto('device').values(newRow(name, at, this.#clock.now())));
      }
    }
    const renamedAway = new Set(devices.flatMap(({ formerly }) => (formerly === null ? [] : [formerly])));
    for (const row of known.values()) {
      if (named.has(row.name) || renamedAway.has(row.name) || row.removed_at !== null) continue;
      statements.push(
        query.updateTable('device').set({ removed_at: this.#clock.now() }).where('id', '=', row.id),
      );
    }
    if (statements.length > 0) await this.#database.write(statements);
    return new Map(
      (await this.all()).filter(({ removed_at }) => removed_at === null).map((row) => [row.name, row]),
    );
  }

  /** Binds the device to who answered; a serial or certificate on record is never overwritten here. */
  async met(id: number, seen: { serial: string; product: string; software: string }): Promise<void> {
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

  /** A person vouches for what is at the address now: the next contact binds anew. */
  async unbind(id: number, what: { serial?: boolean; certificate?: boolean }): Promise<void> {
    const cleared = {
      ...(what.serial ? { serial: null } : {}),
      ...(what.certificate ? { fingerprint256: null } : {}),
    };
    if (Object.keys(cleared).length === 0) return;
    await this.#database.write([
      this.#database.query.updateTable('device').set(cleared).where('id', '=', id),
    ]);
  }
}

function newRow(name: string, host: string, now: number) {
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
