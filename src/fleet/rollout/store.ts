import type { Compilable } from 'kysely';
import type { Database } from '../../storage/database.ts';
import type { RolloutDeviceTable, RolloutTable } from '../../storage/tables.ts';
import type { ApprovedSettings } from '../approved-settings.ts';
import { commitOf, rowOfCommit } from '../fleet-commit.ts';
import type { ReplacedRecord } from '../write-store.ts';
import { chunked } from './chunked.ts';
import type { Rollout, RolloutDevice, RolloutDeviceState, RolloutState, Strategy } from './rollout.ts';

export interface RolloutRecord {
  readonly rollout: Rollout;
  readonly devices: readonly RolloutDevice[];
}

/** A value as it stood before a rollout first wrote over it. */
export interface ValueBefore {
  readonly deviceId: number;
  readonly path: string;
  readonly before: string | null;
  /** It was a secret, so the value is not on record. */
  readonly isSecret: boolean;
}

/** What stood where a rollout first wrote a panel, macro, picture or certificate. */
export interface ThingBefore {
  readonly deviceId: number;
  /** Resource kind. */
  readonly kind: string;
  readonly path: string;
  readonly replaced: ReplacedRecord;
}

/** What stood on devices before a rollout wrote to them. */
export interface Before {
  readonly values: readonly ValueBefore[];
  readonly things: readonly ThingBefore[];
}

/** Rollouts and how far they have come; every step is on record before it is taken. */
export class RolloutStore {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** The last that was started, or the one with this id; null where there is none. */
  async find(id: string | null = null): Promise<RolloutRecord | null> {
    const { query } = this.#database;
    const some = query.selectFrom('rollout').selectAll();
    const [row] = await this.#database.read(
      id === null ? some.orderBy('id', 'desc').limit(1) : some.where('id', '=', id),
    );
    if (row === undefined) return null;
    const devices: RolloutDevice[] = [];
    for (;;) {
      const page = await this.#database.read(
        query
          .selectFrom('rollout_device')
          .selectAll()
          .where('rollout_id', '=', row.id)
          .where('device_id', '>', devices.at(-1)?.id ?? 0)
          .orderBy('device_id')
          .limit(PAGE),
      );
      devices.push(...page.map(deviceOf));
      if (page.length < PAGE) return { rollout: rolloutOf(row), devices };
    }
  }

  /** A new rollout; `ending` is one that it takes the place of. */
  async insert({ rollout, devices }: RolloutRecord, ending: Rollout | null): Promise<void> {
    const { query } = this.#database;
    await this.#database.write([
      ...(ending === null ? [] : [this.#update(ending)]),
      query.insertInto('rollout').values(rowOf(rollout)),
      ...devices.map((device) =>
        query.insertInto('rollout_device').values({ rollout_id: rollout.id, ...deviceRowOf(device) }),
      ),
    ]);
  }

  /** Keeps a rollout and those of its devices that changed, in one transaction. */
  async save(rollout: Rollout, devices: readonly RolloutDevice[] = []): Promise<void> {
    const { query } = this.#database;
    const updates: Compilable[] = devices.map((device) => {
      const { device_id, before_json: _before, after_json: _after, ...row } = deviceRowOf(device);
      return query
        .updateTable('rollout_device')
        .set(row)
        .where('rollout_id', '=', rollout.id)
        .where('device_id', '=', device_id);
    });
    await this.#database.write([this.#update(rollout), ...updates]);
  }

  /** What stood on the devices before this rollout wrote to them. */
  async before(actor: string, deviceIds: readonly number[]): Promise<Before> {
    return {
      values: await this.#valuesBefore(actor, deviceIds),
      things: await this.thingsBefore(actor, deviceIds),
    };
  }

  /** What each setting held before this rollout first wrote it, as far as the device can have heard of the write. */
  async #valuesBefore(actor: string, deviceIds: readonly number[]): Promise<ValueBefore[]> {
    const { query } = this.#database;
    const found: ValueBefore[] = [];
    for (const ids of chunked(deviceIds, DEVICES_AT_ONCE)) {
      const first = query
        .selectFrom('write')
        .select((eb) => eb.fn.min('seq').as('seq'))
        .where('actor', '=', actor)
        .where('device_id', 'in', ids)
        .where('resource', '=', 'configuration')
        .where('state', 'not in', ['refused', 'withdrawn'])
        .groupBy(['device_id', 'path']);
      const rows = await this.#database.read(
        query.selectFrom('write').select(['device_id', 'path', 'before', 'wanted']).where('seq', 'in', first),
      );
      for (const { device_id, path, before, wanted } of rows)
        found.push({ deviceId: device_id, path, before, isSecret: wanted.startsWith('hmac:') });
    }
    return found;
  }

  /** The same of what is no setting. */
  async thingsBefore(actor: string, deviceIds: readonly number[]): Promise<ThingBefore[]> {
    const { query } = this.#database;
    const found: ThingBefore[] = [];
    for (const ids of chunked(deviceIds, DEVICES_AT_ONCE)) {
      const first = query
        .selectFrom('write')
        .select((eb) => eb.fn.min('seq').as('seq'))
        .where('actor', '=', actor)
        .where('device_id', 'in', ids)
        .where('replaced_json', 'is not', null)
        .where('state', 'not in', ['refused', 'withdrawn'])
        .groupBy(['device_id', 'resource', 'path']);
      const rows = await this.#database.read(
        query
          .selectFrom('write')
          .select(['device_id', 'resource', 'path', 'replaced_json'])
          .where('seq', 'in', first),
      );
      for (const { device_id, resource, path, replaced_json } of rows)
        found.push({
          deviceId: device_id,
          kind: resource,
          path,
          replaced: JSON.parse(replaced_json ?? 'null') as ReplacedRecord,
        });
    }
    return found;
  }

  /** Which of the devices can have heard of a write. */
  async written(actor: string, deviceIds: readonly number[]): Promise<ReadonlySet<number>> {
    const { query } = this.#database;
    const found = new Set<number>();
    for (const ids of chunked(deviceIds, DEVICES_AT_ONCE)) {
      const rows = await this.#database.read(
        query
          .selectFrom('write')
          .select('device_id')
          .distinct()
          .where('actor', '=', actor)
          .where('device_id', 'in', ids)
          .where('state', 'not in', ['refused', 'withdrawn']),
      );
      for (const { device_id } of rows) found.add(device_id);
    }
    return found;
  }

  #update(rollout: Rollout): Compilable {
    const { id, ...row } = rowOf(rollout);
    return this.#database.query.updateTable('rollout').set(row).where('id', '=', id);
  }
}

const PAGE = 1_000;
/** So that a query answers at most some thousand rows. */
const DEVICES_AT_ONCE = 20;

function rowOf(rollout: Rollout): RolloutTable {
  return {
    id: rollout.id,
    actor: rollout.actor,
    state: rollout.state,
    paused: rollout.isPaused ? 1 : 0,
    reason: rollout.reason,
    fingerprint: rollout.fingerprint,
    strategy_json: JSON.stringify(rollout.strategy),
    rings_json: JSON.stringify(rollout.rings),
    ring: rollout.ring,
    revision_before: rollout.revisionBefore,
    revision: rollout.revision,
    confirmed_by: rollout.confirmedBy,
    confirm_by: rollout.confirmBy,
    started_at: rollout.startedAt,
    ended_at: rollout.endedAt,
    ...rowOfCommit(rollout.commit),
  };
}

function rolloutOf(row: RolloutTable): Rollout {
  return {
    id: row.id,
    actor: row.actor,
    state: row.state as RolloutState,
    isPaused: row.paused === 1,
    reason: row.reason,
    fingerprint: row.fingerprint,
    commit: commitOf(row),
    strategy: JSON.parse(row.strategy_json) as Strategy,
    rings: JSON.parse(row.rings_json) as string[],
    ring: row.ring,
    revisionBefore: row.revision_before,
    revision: row.revision,
    confirmedBy: row.confirmed_by,
    confirmBy: row.confirm_by,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

function deviceRowOf(device: RolloutDevice): Omit<RolloutDeviceTable, 'rollout_id'> {
  return {
    device_id: device.id,
    name: device.name,
    ring: device.ring,
    state: device.state,
    reason: device.reason,
    touched: device.isTouched ? 1 : 0,
    cuts_off: device.cutsOff ? 1 : 0,
    before_json: device.before === null ? null : JSON.stringify(device.before),
    after_json: JSON.stringify(device.after),
    known_errors_json: JSON.stringify(device.knownErrors),
    written_at: device.writtenAt,
    strikes: device.strikes,
    next_at: device.nextAt,
  };
}

function deviceOf(row: RolloutDeviceTable): RolloutDevice {
  return {
    id: row.device_id,
    name: row.name,
    ring: row.ring,
    state: row.state as RolloutDeviceState,
    reason: row.reason,
    isTouched: row.touched === 1,
    cutsOff: row.cuts_off === 1,
    before: row.before_json === null ? null : (JSON.parse(row.before_json) as ApprovedSettings),
    after: JSON.parse(row.after_json) as ApprovedSettings,
    knownErrors: JSON.parse(row.known_errors_json) as string[],
    writtenAt: row.written_at,
    strikes: row.strikes,
    nextAt: row.next_at,
  };
}
