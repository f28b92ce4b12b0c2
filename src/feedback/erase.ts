import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { BookingsPayload } from './event.ts';
import type { RecordTable } from './projection.ts';
import type { Projector } from './projector.ts';
import { SHAPES } from './record-tables.ts';
import { countUtilisation, utilisationEraseStatements } from './utilisation/store.ts';

/** What is erased of a device: all that was recorded of [from, to), UTC milliseconds; null: as far as the record goes. */
export interface Erasure {
  readonly id: string;
  readonly deviceId: number;
  readonly actor: string;
  readonly from: number | null;
  readonly to: number | null;
}

/** How many rows an erasure takes away, by table. */
export type ErasureCounts = Readonly<Record<'event' | RecordTable | 'utilisation', number>>;

const TABLES = Object.keys(SHAPES) as RecordTable[];
const HOUR_MS = 3_600_000;
/** A list of bookings reaches no further into the future (`booking-reader`). */
const AHEAD_MS = 48 * HOUR_MS;
/** So many rows keep the writer for about 10 ms. */
const ROWS_AT_ONCE = 5_000;

/** What would go, or be cut short. */
export async function countErasure(
  database: Database,
  erasure: Pick<Erasure, 'deviceId' | 'from' | 'to'>,
  options?: AbortOptions,
): Promise<ErasureCounts> {
  const counts: [string, number][] = [];
  for (const table of ['event', ...TABLES] as const) {
    const where = table === 'event' ? eventsIn(erasure) : rowsIn(table, erasure);
    const count = sql<{ rows: number }>`SELECT count(*) AS rows FROM ${sql.table(table)} WHERE ${where}`;
    const [found] = await database.read({ compile: () => count.compile(database.query) }, options);
    counts.push([table, found?.rows ?? 0]);
  }
  counts.push(['utilisation', await countUtilisation(database, erasure, options)]);
  return Object.fromEntries(counts) as unknown as ErasureCounts;
}

/**
 * Erases what was recorded of a device, also while roomd runs: events and what
 * was made of them. Where the time lay, a gap stands; what reaches into it is
 * cut short, and what goes on after it begins anew when the device is next
 * heard. That it took place is on record before anything goes, and one that a
 * kill cuts off is gone on with (`resumeErasures`).
 */
export async function erase(
  erasure: Erasure,
  { database, projector, now }: { database: Database; projector: Projector; now: number },
  options: AbortOptions = {},
): Promise<ErasureCounts> {
  const { id, deviceId, actor, from, to } = erasure;
  await database.write([
    database.query
      .insertInto('erasure')
      .values({ id, device_id: deviceId, actor, from_at: from, to_at: to, at: now, rows: null })
      .onConflict((conflict) => conflict.column('id').doNothing()),
  ]);
  let counts: ErasureCounts | null = null;
  await projector.change(deviceId, async () => {
    counts = await countErasure(database, erasure, options);
    await eraseEvents(database, erasure, now);
    await eraseListedBookings(database, erasure);
    await eraseRecords(database, erasure);
  });
  const gone = counts ?? (await countErasure(database, erasure, options));
  const rows = Object.values(gone).reduce((sum, count) => sum + count, 0);
  await database.write([database.query.updateTable('erasure').set({ rows }).where('id', '=', id)]);
  return gone;
}

/** Goes on with erasures that a kill cut off. @returns the devices that it concerned */
export async function resumeErasures(
  parts: { database: Database; projector: Projector; now: number },
  options: AbortOptions = {},
): Promise<number[]> {
  const { database } = parts;
  const rows = await database.read(
    database.query.selectFrom('erasure').selectAll().where('rows', 'is', null),
    options,
  );
  for (const { id, device_id, actor, from_at, to_at } of rows)
    await erase({ id, deviceId: device_id, actor, from: from_at, to: to_at }, parts, options);
  return rows.map(({ device_id }) => device_id);
}

/** The first event of the time becomes the gap that stands for all of it, so that the order of the log stays. */
async function eraseEvents(database: Database, erasure: Erasure, now: number): Promise<void> {
  const { deviceId, from, to } = erasure;
  const found = sql<{ seq: number | null; at: number | null }>`
    SELECT min(seq) AS seq, min(received_at) AS at FROM event WHERE ${eventsIn(erasure)}`;
  const [first] = await database.read({ compile: () => found.compile(database.query) });
  const { seq = null, at = null } = first ?? {};
  if (seq === null || at === null) return;
  const earliest = from ?? at;
  const payload = { from: earliest, to: Math.min(to ?? now, now), reason: 'erased', isErasure: true };
  const gap = {
    kind: 'gap',
    path: null,
    payload_json: JSON.stringify(payload),
    source: 'roomd',
    received_at: earliest,
    device_at: null,
  };
  await database.write([
    database.query.updateTable('event').set(gap).where('seq', '=', seq).where('device_id', '=', deviceId),
  ]);
  // Of a device of which nothing is to be left, no gap is left either.
  const rest = isWhole(erasure) ? sql`seq >= ${seq}` : sql`seq > ${seq}`;
  const some = sql`DELETE FROM event WHERE seq IN (
    SELECT seq FROM event WHERE ${eventsIn(erasure)} AND ${rest} LIMIT ${ROWS_AT_ONCE})`;
  for (;;) {
    const [result] = await database.write([rawStatement(database, some)]);
    if ((result?.changes ?? 0) < ROWS_AT_ONCE) return;
  }
}

/** Lists that were read on the days before name bookings of the time. */
async function eraseListedBookings(
  database: Database,
  { deviceId, from, to }: Pick<Erasure, 'deviceId' | 'from' | 'to'>,
): Promise<void> {
  if (from === null) return;
  const lists = await database.read(
    database.query
      .selectFrom('event')
      .select(['seq', 'payload_json'])
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'bookings')
      .where('received_at', '>=', from - AHEAD_MS)
      .where('received_at', '<', from)
      .limit(ROWS_AT_ONCE),
  );
  const statements = lists.flatMap(({ seq, payload_json }) => {
    const payload = JSON.parse(payload_json) as BookingsPayload;
    const kept = payload.bookings.filter(({ startAt }) => startAt < from || startAt >= (to ?? Infinity));
    if (kept.length === payload.bookings.length) return [];
    const text = JSON.stringify({ ...payload, bookings: kept });
    return [database.query.updateTable('event').set({ payload_json: text }).where('seq', '=', seq)];
  });
  if (statements.length > 0) await database.write(statements);
}

/**
 * Rows within the time go; one that reaches into it is cut at its edge. Where a
 * base knows something of the time, it is forgotten: a rebuild goes on from nothing.
 */
async function eraseRecords(database: Database, erasure: Erasure): Promise<void> {
  const { deviceId, from } = erasure;
  const statements: Compilable[] = [];
  for (const table of TABLES) {
    const cut = from === null ? null : cutting(table, deviceId, from);
    if (cut !== null) statements.push(rawStatement(database, cut));
    const gone = sql`DELETE FROM ${sql.table(table)} WHERE ${rowsIn(table, erasure)}`;
    statements.push(rawStatement(database, gone));
  }
  statements.push(
    isWhole(erasure)
      ? database.query.deleteFrom('projection').where('device_id', '=', deviceId)
      : rawStatement(
          database,
          sql`UPDATE projection SET base_json = NULL WHERE device_id = ${deviceId} AND base_json IS NOT NULL
            AND base_seq > 0 AND ${(from ?? 0) - AHEAD_MS} <= coalesce((
              SELECT min(received_at) FROM event WHERE device_id = ${deviceId} AND seq > base_seq), ${Number.MAX_SAFE_INTEGER})`,
        ),
  );
  statements.push(...utilisationEraseStatements(database, erasure));
  await database.write(statements);
}

/** Ends rows that began before the time and reach into it. */
function cutting(table: RecordTable, deviceId: number, from: number) {
  const before = sql`device_id = ${deviceId} AND ${sql.ref(SHAPES[table].from)} < ${from}`;
  const { to } = SHAPES[table];
  if (to === null) return null;
  const reaches = sql`${before} AND (${sql.ref(to)} IS NULL OR ${sql.ref(to)} > ${from})`;
  const ends: Partial<Record<RecordTable, ReturnType<typeof sql>>> = {
    presence: sql`UPDATE presence SET to_at = ${from} WHERE ${reaches}`,
    people_count: sql`UPDATE people_count SET to_at = ${from} WHERE ${reaches}`,
    span: sql`UPDATE span SET to_at = ${from}, is_end_known = 0 WHERE ${reaches}`,
    call: sql`UPDATE call SET ended_at = ${from}, is_end_known = 0, outcome = 'unknown', cause = NULL,
      cause_type = NULL, duration_s = NULL, people_average = NULL, state = 'ended' WHERE ${reaches}`,
    booking: sql`UPDATE booking SET end_at = ${from}, ended_at = NULL, state = 'unknown' WHERE ${reaches}`,
  };
  return ends[table] ?? null;
}

function eventsIn({ deviceId, from, to }: Pick<Erasure, 'deviceId' | 'from' | 'to'>) {
  return sql`device_id = ${deviceId} AND received_at >= ${from ?? 0}
    AND received_at < ${to ?? Number.MAX_SAFE_INTEGER}`;
}

/** Rows that begin within the time; where all that was before it goes too, those that reach into it as well. */
function rowsIn(table: RecordTable, { deviceId, from, to }: Pick<Erasure, 'deviceId' | 'from' | 'to'>) {
  const begin = sql.ref(SHAPES[table].from);
  // An hour that began before the time may hold some of it: days begin at half past where clocks say so.
  const earliest = from !== null && table === 'measurement_hour' ? from - HOUR_MS + 1 : (from ?? 0);
  return sql`device_id = ${deviceId} AND ${begin} >= ${earliest}
    AND ${begin} < ${to ?? Number.MAX_SAFE_INTEGER}`;
}

function isWhole({ from, to }: Pick<Erasure, 'from' | 'to'>): boolean {
  return from === null && to === null;
}

function rawStatement(database: Database, text: ReturnType<typeof sql>): Compilable {
  return { compile: () => text.compile(database.query) };
}
