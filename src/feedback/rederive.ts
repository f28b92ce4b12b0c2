import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { readEvents } from '../storage/events.ts';
import { Fold } from './fold.ts';
import type { DeviceEvent, Projection } from './projection.ts';
import { type Base, begun, finished, loadBases, putBase, putState } from './projection-store.ts';
import type { AnyState } from './projections/all.ts';
import { closing } from './record-tables.ts';
import { loggedEvent } from './stored-event.ts';

const PAGE = 1_000;
/** So many rows keep the writer for about 50 ms; up to them the old rows make place for the new in one moment. */
const ROWS_AT_ONCE = 5_000;
const NO_BASE: Base = { seq: 0, state: null };

interface Scope {
  readonly database: Database;
  readonly projections: readonly Projection<AnyState>[];
  readonly deviceId: number;
  /** The last event that counts. */
  readonly untilSeq: number;
}

/**
 * Makes a device's records again out of the events that are kept, from the
 * first event at or after `sinceSeq` on; what older events told stays. Marked
 * as begun until all of it stands, so that a kill half-way is made good.
 * @returns the states it ends with, by projection
 */
export async function rederive(
  scope: Scope & { readonly sinceSeq: number },
  options: AbortOptions = {},
): Promise<ReadonlyMap<string, AnyState | null>> {
  const { database, projections, deviceId, sinceSeq } = scope;
  const bases = await loadBases(database, deviceId);
  const fold = new Fold();
  const cleared = new Set<string>();
  let before: Compilable[] = [begun(deviceId)];
  const clear = (projection: Projection<AnyState>, at: number | null): void => {
    cleared.add(projection.name);
    const { seq, state } = bases.get(projection.name) ?? NO_BASE;
    before.push(...removals(database, projection, { deviceId, afterSeq: Math.max(seq, sinceSeq - 1) }));
    if (state === null && seq > 0 && at !== null)
      before.push(...projection.tables.flatMap((table) => closing(table, { deviceId, untilSeq: seq, at })));
    const open = fold.state(projection.name, deviceId) ?? state;
    if (open !== null) for (const write of projection.open(open)) fold.put(deviceId, write);
  };
  for await (const event of eventsOf(scope, bases, options)) {
    for (const projection of projections) {
      const base = bases.get(projection.name) ?? NO_BASE;
      if (event.seq <= base.seq) continue;
      const counts = event.seq >= sinceSeq;
      if (counts && !cleared.has(projection.name)) clear(projection, event.receivedAt);
      fold.take(projection, event, base.state, { rows: counts });
    }
    if (fold.size < ROWS_AT_ONCE) continue;
    await database.write([...before, ...fold.takeRows()], options);
    before = [];
  }
  for (const projection of projections) if (!cleared.has(projection.name)) clear(projection, null);
  const states = new Map(
    projections.map(({ name }) => [name, fold.state(name, deviceId) ?? bases.get(name)?.state ?? null]),
  );
  const stored = [...states].map(([name, state]) =>
    state === null && (bases.get(name)?.seq ?? 0) === 0
      ? noState(database, name, deviceId)
      : putState(name, deviceId, state),
  );
  await database.write([...before, ...fold.takeRows(), ...stored, finished(database, deviceId)], options);
  return states;
}

/** Moves the place where rebuilds begin to after event `untilSeq`, so that the events up to it may go. */
export async function rebase(scope: Scope, options: AbortOptions = {}): Promise<void> {
  const { database, projections, deviceId, untilSeq } = scope;
  const bases = await loadBases(database, deviceId);
  const fold = new Fold();
  for await (const event of eventsOf(scope, bases, options)) {
    for (const projection of projections) {
      const base = bases.get(projection.name) ?? NO_BASE;
      if (event.seq > base.seq) fold.take(projection, event, base.state, { rows: false });
    }
  }
  await database.write(
    projections.flatMap(({ name }) => {
      const base = bases.get(name) ?? NO_BASE;
      if (base.seq >= untilSeq) return [];
      const state = fold.state(name, deviceId) ?? base.state;
      return [putBase(database, { name, deviceId, base: { seq: untilSeq, state } })];
    }),
    options,
  );
}

/** The device's events after its oldest base, in order. */
async function* eventsOf(
  { database, projections, deviceId, untilSeq }: Scope,
  bases: ReadonlyMap<string, Base>,
  options: AbortOptions,
): AsyncGenerator<DeviceEvent> {
  let afterSeq = Math.min(untilSeq, ...projections.map(({ name }) => (bases.get(name) ?? NO_BASE).seq));
  for (;;) {
    const rows = await readEvents(database, { afterSeq, limit: PAGE, deviceId }, options);
    for (const row of rows) {
      if (row.seq > untilSeq) return;
      const event = loggedEvent(row);
      if (event !== null) yield { ...event, deviceId };
    }
    if (rows.length < PAGE) return;
    afterSeq = rows.at(-1)?.seq ?? afterSeq;
  }
}

function noState({ query }: Database, name: string, deviceId: number): Compilable {
  return query.deleteFrom('projection').where('name', '=', name).where('device_id', '=', deviceId);
}

function removals(
  { query }: Database,
  { tables }: Projection<AnyState>,
  { deviceId, afterSeq }: { deviceId: number; afterSeq: number },
): Compilable[] {
  return tables.map((table) => {
    const removal = sql`
      DELETE FROM ${sql.table(table)} WHERE device_id = ${deviceId} AND seq > ${afterSeq}`;
    return { compile: () => removal.compile(query) };
  });
}
