import type { Database } from '../../storage/database.ts';
import type { ReplacedRecord } from '../write-store.ts';
import { chunked } from './chunked.ts';

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

/** What a rollout has written, by the record of writes; `actor` is the rollout's. */
export class RolloutWrites {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
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
      const first = this.#heard(actor, ids)
        .select((eb) => eb.fn.min('seq').as('seq'))
        .where('resource', '=', 'configuration')
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
      const first = this.#heard(actor, ids)
        .select((eb) => eb.fn.min('seq').as('seq'))
        .where('replaced_json', 'is not', null)
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
    const found = new Set<number>();
    for (const ids of chunked(deviceIds, DEVICES_AT_ONCE)) {
      const rows = await this.#database.read(this.#heard(actor, ids).select('device_id').distinct());
      for (const { device_id } of rows) found.add(device_id);
    }
    return found;
  }

  /** The writes of which a device can have heard. */
  #heard(actor: string, deviceIds: readonly number[]) {
    return this.#database.query
      .selectFrom('write')
      .where('actor', '=', actor)
      .where('device_id', 'in', deviceIds)
      .where('state', 'not in', ['refused', 'withdrawn']);
  }
}

/** So that a query answers at most some thousand rows. */
const DEVICES_AT_ONCE = 20;
