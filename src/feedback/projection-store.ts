import type { Compilable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { newQueryBuilder } from '../storage/query-builder.ts';
import type { Tables } from '../storage/tables.ts';
import type { AnyState } from './projections/all.ts';
import { filled } from './record-tables.ts';

const PAGE = 1_000;
const CURSOR = 'events';
const VERSION = 'version:';
const UNFINISHED = 'unfinished:';

/** Where a fold over the kept events of a device begins: after event `seq`, from `state`. */
export interface Base {
  readonly seq: number;
  readonly state: AnyState | null;
}

/** The states of one projection by device, as the projector left them. */
export async function loadStates(
  database: Database,
  name: string,
  options?: AbortOptions,
): Promise<Map<number, AnyState>> {
  const states = new Map<number, AnyState>();
  for (let after = 0; ; ) {
    const rows = await database.read(
      database.query
        .selectFrom('projection')
        .select(['device_id', 'state_json'])
        .where('name', '=', name)
        .where('device_id', '>', after)
        .orderBy('device_id')
        .limit(PAGE),
      options,
    );
    for (const row of rows) states.set(row.device_id, JSON.parse(row.state_json) as AnyState);
    if (rows.length < PAGE) return states;
    after = rows.at(-1)?.device_id ?? after;
  }
}

/** The bases of a device by projection; one that is missing begins with nothing, before the first event. */
export async function loadBases(database: Database, deviceId: number): Promise<Map<string, Base>> {
  const rows = await database.read(
    database.query
      .selectFrom('projection')
      .select(['name', 'base_seq', 'base_json'])
      .where('device_id', '=', deviceId),
  );
  return new Map(
    rows.map(({ name, base_seq, base_json }) => [
      name,
      { seq: base_seq, state: base_json === null ? null : (JSON.parse(base_json) as AnyState) },
    ]),
  );
}

export interface Bookmarks {
  /** The last event that is projected; 0 before the first. */
  readonly cursor: number;
  /** By projection, the version that made its records. */
  readonly versions: ReadonlyMap<string, number>;
  /** Devices whose records a kill left half made. */
  readonly unfinished: readonly number[];
}

export async function readBookmarks(database: Database): Promise<Bookmarks> {
  const rows = await database.read(database.query.selectFrom('projector').select(['name', 'seq']));
  const named = (prefix: string) =>
    rows
      .filter(({ name }) => name.startsWith(prefix))
      .map((row) => [row.name.slice(prefix.length), row.seq] as const);
  return {
    cursor: rows.find(({ name }) => name === CURSOR)?.seq ?? 0,
    versions: new Map(named(VERSION)),
    unfinished: named(UNFINISHED).map(([deviceId]) => Number(deviceId)),
  };
}

export function moveCursor(seq: number): Compilable {
  return filled(BOOKMARK, [CURSOR, seq]);
}

export function setVersion(name: string, version: number): Compilable {
  return filled(BOOKMARK, [`${VERSION}${name}`, version]);
}

/** Says that the device's records are being made anew; a start that finds it does so again. */
export function begun(deviceId: number): Compilable {
  return filled(BOOKMARK, [`${UNFINISHED}${deviceId}`, 0]);
}

export function finished({ query }: Database, deviceId: number): Compilable {
  return query.deleteFrom('projector').where('name', '=', `${UNFINISHED}${deviceId}`);
}

/** `state` null: nothing is known, and a rebuild begins where the base says. */
export function putState(name: string, deviceId: number, state: AnyState | null): Compilable {
  return filled(PUT_STATE, [name, deviceId, JSON.stringify(state), 0, null]);
}

/** Where rebuilds of the device's records begin from now on. */
export function putBase(
  { query }: Database,
  { name, deviceId, base }: { name: string; deviceId: number; base: Base },
): Compilable {
  return query
    .updateTable('projection')
    .set({ base_seq: base.seq, base_json: base.state === null ? null : JSON.stringify(base.state) })
    .where('name', '=', name)
    .where('device_id', '=', deviceId);
}

const builder = newQueryBuilder<Tables>();
const BOOKMARK = builder
  .insertInto('projector')
  .values({ name: '', seq: 0 })
  .onConflict((conflict) => conflict.column('name').doUpdateSet((row) => ({ seq: row.ref('excluded.seq') })))
  .compile();
const PUT_STATE = builder
  .insertInto('projection')
  .values({ name: '', device_id: 0, state_json: '', base_seq: 0, base_json: null })
  .onConflict((conflict) =>
    conflict
      .columns(['name', 'device_id'])
      .doUpdateSet((row) => ({ state_json: row.ref('excluded.state_json') })),
  )
  .compile();
