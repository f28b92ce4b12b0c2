import type { Clock } from '../../lib/clock.ts';
import type { Database } from '../../storage/database.ts';
import { type Peeked, peek } from '../../storage/peek.ts';
import { SOURCES, type SourceName } from './inventory-section.ts';
import { keyOf, type PulledDevice } from './pulled.ts';

/** How pulling from a source stands. Times are UTC milliseconds. */
export interface PullStanding {
  readonly source: SourceName;
  /** The last complete pull; null: there was none. */
  readonly pulledAt: number | null;
  /** Null: the last attempt was complete. */
  readonly failing: {
    readonly sinceAt: number;
    readonly at: number;
    readonly failures: number;
    readonly reason: string;
  } | null;
}

/** Snapshots of a source beyond these are let go of. */
const MOST_SNAPSHOTS = 50;

/** Complete pulls, in the database: the last one counts until there is a newer one. */
export class InventoryStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** What the source knew at the last complete pull. */
  async latest(source: SourceName): Promise<readonly PulledDevice[]> {
    const row = await latestOf(this.#database, source);
    return row === null ? [] : devicesIn(row.devices_json);
  }

  /** Keeps what a complete pull found; a snapshot of its own where the fleet could notice a difference. */
  async keep(
    source: SourceName,
    devices: readonly PulledDevice[],
    { isNew }: { isNew: boolean },
  ): Promise<void> {
    const { query } = this.#database;
    const now = this.#clock.now();
    const devices_json = JSON.stringify(devices);
    const last = await latestOf(this.#database, source);
    const kept =
      last === null || isNew
        ? query.insertInto('inventory_pull').values({ source, at: now, confirmed_at: now, devices_json })
        : query
            .updateTable('inventory_pull')
            .set({ confirmed_at: now, devices_json })
            .where('id', '=', last.id);
    const newest = query
      .selectFrom('inventory_pull')
      .select('id')
      .where('source', '=', source)
      .orderBy('id', 'desc')
      .limit(MOST_SNAPSHOTS);
    await this.#database.write([
      kept,
      query.deleteFrom('inventory_pull').where('source', '=', source).where('id', 'not in', newest),
      query.deleteFrom('inventory_failure').where('source', '=', source),
    ]);
  }

  /** Takes a device off the record, in a snapshot of its own. */
  async takeOut(source: SourceName, key: string): Promise<void> {
    const last = await latestOf(this.#database, source);
    if (last === null) return;
    const { confirmed_at } = last;
    const devices_json = JSON.stringify(
      devicesIn(last.devices_json).filter((device) => keyOf(device) !== key),
    );
    const { query } = this.#database;
    await this.#database.write([
      query
        .insertInto('inventory_pull')
        .values({ source, at: this.#clock.now(), confirmed_at, devices_json }),
    ]);
  }

  async failed(source: SourceName, reason: string): Promise<void> {
    const { query } = this.#database;
    const now = this.#clock.now();
    await this.#database.write([
      query
        .insertInto('inventory_failure')
        .values({ source, since_at: now, at: now, failures: 1, reason })
        .onConflict((conflict) =>
          conflict
            .column('source')
            .doUpdateSet((eb) => ({ at: now, reason, failures: eb('inventory_failure.failures', '+', 1) })),
        ),
    ]);
  }

  async standing(source: SourceName): Promise<PullStanding> {
    const { query } = this.#database;
    const last = await latestOf(this.#database, source);
    const [failure] = await this.#database.read(
      query.selectFrom('inventory_failure').selectAll().where('source', '=', source),
    );
    return {
      source,
      pulledAt: last?.confirmed_at ?? null,
      failing:
        failure === undefined
          ? null
          : { sinceAt: failure.since_at, at: failure.at, failures: failure.failures, reason: failure.reason },
    };
  }
}

/** Everything that was pulled at last, of every source, for loading a fleet; the database may be another process's. */
export async function pulledDevices(
  databaseFile: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<readonly PulledDevice[]> {
  const found = await peek(
    databaseFile,
    'inventory_pull',
    async (database) => {
      const rows = await Promise.all(SOURCES.map((source) => latestOf(database, source)));
      return rows.flatMap((row) => (row === null ? [] : devicesIn(row.devices_json)));
    },
    { signal },
  );
  return found ?? [];
}

async function latestOf(database: Peeked, source: SourceName) {
  const newest = database.query
    .selectFrom('inventory_pull')
    .selectAll()
    .where('source', '=', source)
    .orderBy('id', 'desc')
    .limit(1);
  const [row] = await database.read(newest);
  return row ?? null;
}

function devicesIn(json: string): readonly PulledDevice[] {
  const devices = JSON.parse(json) as (PulledDevice & Partial<Pick<PulledDevice, 'serial'>>)[];
  // Snapshots from before there was a source that tells it have none.
  return devices.map((device) => ({ ...device, serial: device.serial ?? null }));
}
