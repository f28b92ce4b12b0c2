import { sql } from 'kysely';
import type { LiveState } from '../feedback/live.ts';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';

/** The record is asked for a device so long after its room moved, when that is certainly in it. */
const SETTLED_MS = 60_000;
const AGAIN_MS = 15 * 60_000;
const LOOKBACK_MS = 7 * 24 * 3_600_000;
/** A restart of a device or of roomd: what is the same before and after did not move. */
const BRIDGED_MS = 15 * 60_000;
const DEVICES_AT_ONCE = 200;

interface Still {
  readonly askedAt: number;
  readonly since: number;
}

/** Since when rooms are still, by the record of presence, counts, standby and calls: sessions that come and go do not end it. */
export class Stillness {
  readonly #database: Database;
  readonly #still = new Map<number, Still>();

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** Asks the record for rooms in which somebody is said to be, where it was not asked lately. @throws StorageError */
  async follow(
    rooms: ReadonlyMap<number, LiveState>,
    now: number,
    options: AbortOptions = {},
  ): Promise<void> {
    const due = [...rooms].flatMap(([id, room]) => {
      if (room.presence !== 'yes' || now - room.since < SETTLED_MS) return [];
      const askedAt = this.#still.get(id)?.askedAt ?? 0;
      return askedAt < room.since + SETTLED_MS || now - askedAt >= AGAIN_MS ? [id] : [];
    });
    for (let at = 0; at < due.length; at += DEVICES_AT_ONCE) {
      const ids = due.slice(at, at + DEVICES_AT_ONCE);
      for (const { id, since } of await this.#read(ids, now - LOOKBACK_MS, options))
        this.#still.set(id, { askedAt: now, since });
    }
  }

  /** UTC milliseconds; null where the record was not asked since the room last moved. */
  since(deviceId: number, room: LiveState | null): number | null {
    const still = this.#still.get(deviceId);
    if (room === null || still === undefined) return null;
    return still.askedAt >= room.since + SETTLED_MS ? still.since : null;
  }

  #read(ids: readonly number[], back: number, options: AbortOptions): Promise<StillRow[]> {
    const query = sql<StillRow>`
      SELECT id, max(moved, coalesce((SELECT min(from_at) FROM presence
        WHERE device_id = id AND from_at > ${back} AND from_at >= moved AND state = 'yes'), moved)) AS since
      FROM (SELECT wanted.value AS id, max(
        ${back},
        coalesce((SELECT max(to_at) FROM presence WHERE device_id = wanted.value AND from_at > ${back}
          AND (state = 'no' OR (state = 'unknown' AND to_at - from_at > ${BRIDGED_MS}))), 0),
        coalesce((SELECT max(coalesce(ended_at, started_at)) FROM call
          WHERE device_id = wanted.value AND started_at > ${back}), 0),
        ${lastOther('people_count', 'count', sql`1`, back)},
        ${lastOther('span', 'value', sql`kind = 'standby'`, back)}
      ) AS moved FROM json_each(${JSON.stringify(ids)}) AS wanted)`;
    return this.#database.read<StillRow>({ compile: () => query.compile(this.#database.query) }, options);
  }
}

interface StillRow {
  readonly id: number;
  readonly since: number;
}

/** When the last row ended that says something else than the newest one. */
function lastOther(
  table: 'people_count' | 'span',
  column: string,
  which: ReturnType<typeof sql>,
  back: number,
) {
  const [name, value] = [sql.table(table), sql.ref(column)];
  return sql`coalesce((SELECT max(to_at) FROM ${name}
    WHERE device_id = wanted.value AND ${which} AND from_at > ${back} AND ${value} <> (
      SELECT ${value} FROM ${name} WHERE device_id = wanted.value AND ${which}
      ORDER BY from_at DESC LIMIT 1)), 0)`;
}
