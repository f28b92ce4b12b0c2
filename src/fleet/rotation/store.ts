import type { Compilable } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { RotationDeviceTable, RotationTable } from '../../storage/tables.ts';
import type {
  Rotation,
  RotationDevice,
  RotationDeviceState,
  RotationRecord,
  RotationState,
  Strategy,
} from './rotation.ts';

/** Rotations and how far they have come; every step is on record before it is taken. */
export class RotationStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** The last that was started, or the one with this id; null where there is none. */
  async find(id: string | null = null): Promise<RotationRecord | null> {
    const { query } = this.#database;
    const some = query.selectFrom('rotation').selectAll();
    const [row] = await this.#database.read(
      id === null ? some.orderBy('id', 'desc').limit(1) : some.where('id', '=', id),
    );
    if (row === undefined) return null;
    const devices: RotationDevice[] = [];
    for (;;) {
      const page = await this.#database.read(
        query
          .selectFrom('rotation_device')
          .selectAll()
          .where('rotation_id', '=', row.id)
          .where('device_id', '>', devices.at(-1)?.id ?? 0)
          .orderBy('device_id')
          .limit(PAGE),
      );
      devices.push(...page.map(deviceOf));
      if (page.length < PAGE) return { rotation: rotationOf(row), devices };
    }
  }

  /** A new rotation; `ending` is one that it takes the place of. */
  async insert({ rotation, devices }: RotationRecord, ending: Rotation | null): Promise<void> {
    const { query } = this.#database;
    await this.#database.write([
      ...(ending === null ? [] : [this.#update(ending)]),
      query.insertInto('rotation').values(rowOf(rotation)),
      ...devices.map((device) =>
        query.insertInto('rotation_device').values({ rotation_id: rotation.id, ...deviceRowOf(device) }),
      ),
    ]);
  }

  /** Keeps a rotation and those of its devices that changed, in one transaction. */
  async save(rotation: Rotation, devices: readonly RotationDevice[] = []): Promise<void> {
    const updates = devices.map((device) => {
      const { device_id, ...row } = deviceRowOf(device);
      return this.#database.query
        .updateTable('rotation_device')
        .set(row)
        .where('rotation_id', '=', rotation.id)
        .where('device_id', '=', device_id);
    });
    await this.#database.write([this.#update(rotation), ...updates]);
  }

  #update(rotation: Rotation): Compilable {
    const { id, ...row } = rowOf(rotation);
    return this.#database.query.updateTable('rotation').set(row).where('id', '=', id);
  }
}

const PAGE = 1_000;

function rowOf(rotation: Rotation): RotationTable {
  return {
    id: rotation.id,
    actor: rotation.actor,
    credential: rotation.credential,
    next_fingerprint: rotation.nextFingerprint,
    state: rotation.state,
    paused: rotation.isPaused ? 1 : 0,
    reason: rotation.reason,
    strategy_json: JSON.stringify(rotation.strategy),
    rings_json: JSON.stringify(rotation.rings),
    ring: rotation.ring,
    started_at: rotation.startedAt,
    ended_at: rotation.endedAt,
  };
}

function rotationOf(row: RotationTable): Rotation {
  return {
    id: row.id,
    actor: row.actor,
    credential: row.credential,
    nextFingerprint: row.next_fingerprint,
    state: row.state as RotationState,
    isPaused: row.paused === 1,
    reason: row.reason,
    strategy: JSON.parse(row.strategy_json) as Strategy,
    rings: JSON.parse(row.rings_json) as string[],
    ring: row.ring,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

function deviceRowOf(device: RotationDevice): Omit<RotationDeviceTable, 'rotation_id'> {
  return {
    device_id: device.id,
    name: device.name,
    ring: device.ring,
    state: device.state,
    reason: device.reason,
    doubtful: device.isDoubtful ? 1 : 0,
    accepted_at: device.acceptedAt,
    next_at: device.nextAt,
  };
}

function deviceOf(row: RotationDeviceTable): RotationDevice {
  return {
    id: row.device_id,
    name: row.name,
    ring: row.ring,
    state: row.state as RotationDeviceState,
    reason: row.reason,
    isDoubtful: row.doubtful === 1,
    acceptedAt: row.accepted_at,
    nextAt: row.next_at,
  };
}
