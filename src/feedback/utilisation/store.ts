import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Database } from '../../storage/database.ts';
import { newQueryBuilder } from '../../storage/query-builder.ts';
import type { Tables } from '../../storage/tables.ts';
import { filled } from '../record-tables.ts';
import { type Cell, HOUR_MS, hourOf } from './cells.ts';

/** So many rows keep the writer for about 10 ms. */
const CELLS_AT_ONCE = 1_000;

/** How far utilisation is rolled up; null before anything is. */
export async function rolledUpUntil(database: Database, options?: AbortOptions): Promise<number | null> {
  const [row] = await database.read(
    database.query.selectFrom('utilisation_cursor').select('until_at').where('id', '=', 1),
    options,
  );
  return row?.until_at ?? null;
}

/** Says that everything before `claimed` is about to be read: what changes there from now on leaves a mark. */
export function claim(until: number, claimed: number): Compilable {
  return filled(CURSOR, [1, until, claimed]);
}

export function moveCursor({ query }: Database, until: number): Compilable {
  return query.updateTable('utilisation_cursor').set({ until_at: until }).where('id', '=', 1);
}

/** Takes the place of whatever stands for the device from the hour of `from` to `to`. */
export function putCells(
  { query }: Database,
  { deviceId, from, to, cells }: { deviceId: number; from: number; to: number; cells: readonly Cell[] },
): Compilable[] {
  const old = query
    .deleteFrom('utilisation')
    .where('device_id', '=', deviceId)
    .where('at', '>=', hourOf(from))
    .where('at', '<', to);
  return [old, ...cells.map((cell) => filled(PUT, valuesOf(deviceId, cell)))];
}

export interface Mark {
  readonly deviceId: number;
  readonly from: number;
  readonly to: number;
  readonly generation: number;
}

/** Marks of changes below the cursor, of a hundred devices at most. */
export async function readMarks(database: Database, options?: AbortOptions): Promise<Mark[]> {
  const rows = await database.read(
    database.query.selectFrom('utilisation_mark').selectAll().orderBy('from_at').limit(100),
    options,
  );
  return rows.map(({ device_id, from_at, to_at, generation }) => ({
    deviceId: device_id,
    from: from_at,
    to: to_at,
    generation,
  }));
}

/** Everything of the mark before `at` is done, unless something changed meanwhile: then it is done again. */
export function shrinkMark({ query }: Database, { deviceId, generation }: Mark, at: number): Compilable {
  return query
    .updateTable('utilisation_mark')
    .set({ from_at: at })
    .where('device_id', '=', deviceId)
    .where('generation', '=', generation);
}

export function dropMark({ query }: Database, { deviceId, generation }: Mark): Compilable {
  return query
    .deleteFrom('utilisation_mark')
    .where('device_id', '=', deviceId)
    .where('generation', '=', generation);
}

/** Has [from, to) of a device rolled up again. */
export function markAgain(deviceId: number, { from, to }: { from: number; to: number }): Compilable {
  return filled(MARK, [deviceId, from, to, 1]);
}

/**
 * What erases the device's figures of [from, to), null: as far as they go. An
 * hour that reaches into the time goes with it, and is rolled up again from
 * what is left of its records.
 */
export function utilisationEraseStatements({ query }: Database, erased: ErasedTime): Compilable[] {
  const { since, until } = hoursOf(erased);
  const { deviceId } = erased;
  return [
    query
      .deleteFrom('utilisation')
      .where('device_id', '=', deviceId)
      .where('at', '>=', since)
      .where('at', '<', until),
    markAgain(deviceId, { from: since, to: until }),
  ];
}

/** How many cells they delete. */
export async function countUtilisation(
  database: Database,
  erased: ErasedTime,
  options: AbortOptions = {},
): Promise<number> {
  const { since, until } = hoursOf(erased);
  const [row] = await database.read(
    database.query
      .selectFrom('utilisation')
      .select((select) => select.fn.countAll().as('cells'))
      .where('device_id', '=', erased.deviceId)
      .where('at', '>=', since)
      .where('at', '<', until),
    options,
  );
  return Number(row?.cells ?? 0);
}

/** UTC milliseconds; null: as far as the record goes. */
interface ErasedTime {
  readonly deviceId: number;
  readonly from: number | null;
  readonly to: number | null;
}

function hoursOf({ from, to }: ErasedTime): { since: number; until: number } {
  return {
    since: from === null ? 0 : hourOf(from),
    until: to === null ? Number.MAX_SAFE_INTEGER : hourOf(to + HOUR_MS - 1),
  };
}

/** Deletes cells that are older than a time, device by device, for the table has no rowid and no index on the time. */
export async function deleteUtilisationBefore(
  database: Database,
  before: number,
  options: AbortOptions = {},
): Promise<void> {
  const { query } = database;
  for (const { id } of await database.read(query.selectFrom('device').select('id'), options)) {
    const old = query.selectFrom('utilisation').select('at').where('device_id', '=', id);
    for (;;) {
      const found = await database.read(
        old.where('at', '<', before).orderBy('at').limit(CELLS_AT_ONCE),
        options,
      );
      const last = found.at(-1);
      if (last === undefined) break;
      const removal = query.deleteFrom('utilisation').where('device_id', '=', id).where('at', '<=', last.at);
      await database.write([removal], options);
    }
  }
}

function valuesOf(deviceId: number, { at, lengthMs, figures }: Cell): readonly unknown[] {
  return [
    deviceId,
    at,
    lengthMs,
    figures.occupiedMs,
    figures.emptyMs,
    figures.countedMs,
    figures.peopleMs,
    figures.peak,
    figures.bookedMs,
    figures.bookedUsedMs,
    figures.bookedUnusedMs,
    figures.usedUnbookedMs,
    figures.calls,
    figures.callMs,
  ];
}

/** Compiled once; parameters come in the order of the columns. */
const builder = newQueryBuilder<Tables>();
const PUT = builder
  .insertInto('utilisation')
  .values({
    device_id: 0,
    at: 0,
    length_ms: 0,
    occupied_ms: 0,
    empty_ms: 0,
    counted_ms: 0,
    people_ms: 0,
    peak: null,
    booked_ms: 0,
    booked_used_ms: 0,
    booked_unused_ms: 0,
    used_unbooked_ms: 0,
    calls: 0,
    call_ms: 0,
  })
  .compile();
const CURSOR = builder
  .insertInto('utilisation_cursor')
  .values({ id: 1, until_at: 0, claimed_at: 0 })
  .onConflict((conflict) =>
    conflict.column('id').doUpdateSet((row) => ({
      until_at: row.ref('excluded.until_at'),
      claimed_at: row.ref('excluded.claimed_at'),
    })),
  )
  .compile();
const MARK = builder
  .insertInto('utilisation_mark')
  .values({ device_id: 0, from_at: 0, to_at: 0, generation: 1 })
  .onConflict((conflict) =>
    conflict.column('device_id').doUpdateSet({
      from_at: sql<number>`min(from_at, excluded.from_at)`,
      to_at: sql<number>`max(to_at, excluded.to_at)`,
      generation: sql<number>`generation + 1`,
    }),
  )
  .compile();
