import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';

/** What is on record of one thing on a device. */
export interface ManagedThing {
  readonly key: string;
  /** Of what the device took last; empty while a put is under way or its outcome is unknown. */
  readonly digest: string;
  /** Whether roomd put it there: a thing whose first put never succeeded is not roomd's. */
  readonly isOurs: boolean;
}

/** The things of one kind that roomd put onto one device, by key. */
export type ManagedThings = ReadonlyMap<string, ManagedThing>;

/** Which thing on which device. */
export interface ManagedKey {
  readonly deviceId: number;
  readonly kind: string;
  readonly key: string;
}

/**
 * What roomd itself put onto devices: only that is ever taken away again
 * unless the file says `prune: all`. Each put is on record before the device
 * hears of it, so that one that was cut off is made again.
 */
export class ManagedStore {
  readonly #database: Database;
  readonly #clock: Clock;
  /** The whole table by device and kind, read once: it is small, and nobody else writes it. */
  #table: Promise<Table> | null = null;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  async load(deviceId: number, kind: string): Promise<ManagedThings> {
    const things = (await this.#read()).get(shelf(deviceId, kind)) ?? [];
    return new Map([...things].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Everything that roomd put onto a device and has not seen gone. */
  async of(deviceId: number): Promise<{ readonly kind: string; readonly key: string }[]> {
    const prefix = shelf(deviceId, '');
    return [...(await this.#read())]
      .filter(([name]) => name.startsWith(prefix))
      .flatMap(([name, things]) =>
        [...things.values()]
          .filter(({ isOurs }) => isOurs)
          .map(({ key }) => ({ kind: name.slice(prefix.length), key })),
      );
  }

  /** A put begins. */
  async begin({ deviceId, kind, key }: ManagedKey): Promise<void> {
    const table = await this.#read();
    await this.#database.write([
      this.#database.query
        .insertInto('managed')
        .values({ device_id: deviceId, kind, key, digest: '', put_at: null })
        .onConflict((conflict) => conflict.columns(['device_id', 'kind', 'key']).doUpdateSet({ digest: '' })),
    ]);
    const isOurs = table.get(shelf(deviceId, kind))?.get(key)?.isOurs ?? false;
    put(table, { deviceId, kind, key }, { key, digest: '', isOurs });
  }

  /** The device took it, and it is in effect. */
  async done({ deviceId, kind, key }: ManagedKey, digest: string): Promise<void> {
    const table = await this.#read();
    await this.#database.write([
      this.#database.query
        .updateTable('managed')
        .set({ digest, put_at: this.#clock.now() })
        .where('device_id', '=', deviceId)
        .where('kind', '=', kind)
        .where('key', '=', key),
    ]);
    if (table.get(shelf(deviceId, kind))?.has(key))
      put(table, { deviceId, kind, key }, { key, digest, isOurs: true });
  }

  /** The device refused the put; what roomd never put there before is not its own. */
  async refused({ deviceId, kind, key }: ManagedKey): Promise<void> {
    const table = await this.#read();
    await this.#database.write([
      this.#database.query
        .deleteFrom('managed')
        .where('device_id', '=', deviceId)
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('put_at', 'is', null),
    ]);
    const things = table.get(shelf(deviceId, kind));
    if (things?.get(key)?.isOurs === false) things.delete(key);
  }

  /** They are gone from the device, whoever took them off: what appears there later under such a key is another's. */
  async gone(deviceId: number, kind: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const table = await this.#read();
    await this.#database.write([
      this.#database.query
        .deleteFrom('managed')
        .where('device_id', '=', deviceId)
        .where('kind', '=', kind)
        .where('key', 'in', keys),
    ]);
    for (const key of keys) table.get(shelf(deviceId, kind))?.delete(key);
  }

  /** Another unit stands at the device's place, or it was reset to factory state: nothing on it is roomd's. */
  async forget(deviceId: number): Promise<void> {
    const table = await this.#read();
    await this.#database.write([
      this.#database.query.deleteFrom('managed').where('device_id', '=', deviceId),
    ]);
    for (const name of table.keys()) if (name.startsWith(shelf(deviceId, ''))) table.delete(name);
  }

  #read(): Promise<Table> {
    if (this.#table === null) {
      const reading = this.#readTable();
      this.#table = reading;
      reading.catch(() => {
        this.#table = null;
      });
    }
    return this.#table;
  }

  async #readTable(): Promise<Table> {
    const rows = await this.#database.read(
      this.#database.query.selectFrom('managed').select(['device_id', 'kind', 'key', 'digest', 'put_at']),
    );
    const table: Table = new Map();
    for (const { device_id: deviceId, kind, key, digest, put_at } of rows)
      put(table, { deviceId, kind, key }, { key, digest, isOurs: put_at !== null });
    return table;
  }
}

type Table = Map<string, Map<string, ManagedThing>>;

function shelf(deviceId: number, kind: string): string {
  return `${deviceId} ${kind}`;
}

function put(table: Table, { deviceId, kind, key }: ManagedKey, thing: ManagedThing): void {
  const name = shelf(deviceId, kind);
  const things = table.get(name) ?? new Map<string, ManagedThing>();
  table.set(name, things.set(key, thing));
}
