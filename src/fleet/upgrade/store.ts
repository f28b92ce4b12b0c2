import type { Compilable } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { UpgradeDeviceTable, UpgradeTable } from '../../storage/tables.ts';
import type { UpgradeOrder } from './order.ts';
import type { Upgrade, UpgradeDevice, UpgradeDeviceState, UpgradeState, UpgradeStrategy } from './upgrade.ts';

export interface UpgradeRecord {
  readonly upgrade: Upgrade;
  readonly devices: readonly UpgradeDevice[];
}

const PAGE = 1_000;

/** Upgrades and how far they have come; every step is on record before it is taken. */
export class UpgradeStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** The last that was started, or the one with this id; null where there is none. */
  async find(id: string | null = null): Promise<UpgradeRecord | null> {
    const { query } = this.#database;
    const some = query.selectFrom('upgrade').selectAll();
    const [row] = await this.#database.read(
      id === null ? some.orderBy('id', 'desc').limit(1) : some.where('id', '=', id),
    );
    if (row === undefined) return null;
    const devices: UpgradeDevice[] = [];
    for (;;) {
      const page = await this.#database.read(
        query
          .selectFrom('upgrade_device')
          .selectAll()
          .where('upgrade_id', '=', row.id)
          .where('device_id', '>', devices.at(-1)?.id ?? 0)
          .orderBy('device_id')
          .limit(PAGE),
      );
      devices.push(...page.map(deviceOf));
      if (page.length < PAGE) return { upgrade: upgradeOf(row), devices };
    }
  }

  /** A new one; `ending` is one that it takes the place of. */
  async insert({ upgrade, devices }: UpgradeRecord, ending: Upgrade | null): Promise<void> {
    const { query } = this.#database;
    await this.#database.write([
      ...(ending === null ? [] : [this.#update(ending)]),
      query.insertInto('upgrade').values(rowOf(upgrade)),
      ...devices.map((device) =>
        query.insertInto('upgrade_device').values({ upgrade_id: upgrade.id, ...deviceRowOf(device) }),
      ),
    ]);
  }

  /** Keeps an upgrade and those of its devices that changed, in one transaction. */
  async save(upgrade: Upgrade, devices: readonly UpgradeDevice[] = []): Promise<void> {
    const updates: Compilable[] = devices.map((device) => {
      const { device_id, ...row } = deviceRowOf(device);
      return this.#database.query
        .updateTable('upgrade_device')
        .set(row)
        .where('upgrade_id', '=', upgrade.id)
        .where('device_id', '=', device_id);
    });
    await this.#database.write([this.#update(upgrade), ...updates]);
  }

  #update(upgrade: Upgrade): Compilable {
    const { id, ...row } = rowOf(upgrade);
    return this.#database.query.updateTable('upgrade').set(row).where('id', '=', id);
  }
}

function rowOf(upgrade: Upgrade): UpgradeTable {
  return {
    id: upgrade.id,
    actor: upgrade.actor,
    state: upgrade.state,
    paused: upgrade.isPaused ? 1 : 0,
    reason: upgrade.reason,
    strategy_json: JSON.stringify(upgrade.strategy),
    rings_json: JSON.stringify(upgrade.rings),
    ring: upgrade.ring,
    started_at: upgrade.startedAt,
    ended_at: upgrade.endedAt,
  };
}

function upgradeOf(row: UpgradeTable): Upgrade {
  return {
    id: row.id,
    actor: row.actor,
    state: row.state as UpgradeState,
    isPaused: row.paused === 1,
    reason: row.reason,
    strategy: JSON.parse(row.strategy_json) as UpgradeStrategy,
    rings: JSON.parse(row.rings_json) as string[],
    ring: row.ring,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

function deviceRowOf(device: UpgradeDevice): Omit<UpgradeDeviceTable, 'upgrade_id'> {
  return {
    device_id: device.id,
    name: device.name,
    ring: device.ring,
    state: device.state,
    reason: device.reason,
    from_version: device.from,
    to_version: device.to,
    url: device.url,
    order_json: device.order === null ? null : JSON.stringify(device.order),
    differed_before: device.differedBefore,
    differing_json: device.differing === null ? null : JSON.stringify(device.differing),
    known_errors_json: JSON.stringify(device.knownErrors),
    proven_at: device.provenAt,
    strikes: device.strikes,
    next_at: device.nextAt,
  };
}

function deviceOf(row: UpgradeDeviceTable): UpgradeDevice {
  return {
    id: row.device_id,
    name: row.name,
    ring: row.ring,
    state: row.state as UpgradeDeviceState,
    reason: row.reason,
    from: row.from_version,
    to: row.to_version,
    url: row.url,
    order: row.order_json === null ? null : (JSON.parse(row.order_json) as UpgradeOrder),
    differedBefore: row.differed_before,
    differing: row.differing_json === null ? null : (JSON.parse(row.differing_json) as string[]),
    knownErrors: JSON.parse(row.known_errors_json) as string[],
    provenAt: row.proven_at,
    strikes: row.strikes,
    nextAt: row.next_at,
  };
}
