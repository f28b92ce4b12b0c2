import type { AbortOptions } from '../../lib/abort.ts';
import type { Database } from '../../storage/database.ts';
import { type Cell, cellsOf, HOUR_MS, hourOf, quarterOf } from './cells.ts';
import { firstRecordAt, readFacts } from './facts-store.ts';
import {
  claim,
  dropMark,
  type Mark,
  moveCursor,
  putCells,
  readMarks,
  rolledUpUntil,
  shrinkMark,
} from './store.ts';

const DAY_MS = 24 * HOUR_MS;
/** So many quarters of devices take a few milliseconds here, and as long in the writer. */
const QUARTERS_AT_ONCE = 200;

/**
 * Rolls up everything before `until`, hour by hour and where much is left day
 * by day, for some devices at a time. A kill half-way costs nothing but that
 * hour's work: the cursor moves when all of it is written.
 */
export async function rollUp(database: Database, until: number, options: AbortOptions = {}): Promise<void> {
  const end = quarterOf(until);
  const known = await rolledUpUntil(database, options);
  if (known !== null && known >= end) return;
  const first = known ?? (await firstRecordAt(database, {}, options)) ?? end;
  for (let at = known ?? Math.min(hourOf(first), end); ; ) {
    const next = Math.min(end, hourOf(at) + (end - at >= DAY_MS ? DAY_MS : HOUR_MS));
    await database.write([claim(at, next)], options);
    // The quarters of an hour that is under way become one cell with its last.
    await rollUpAll(database, { from: hourOf(at), to: next }, options);
    await database.write([moveCursor(database, next)], options);
    if (next >= end) return;
    at = next;
  }
}

/**
 * Rolls up again what changed since it was rolled up, but for what lies before
 * `keptFrom`: its records are deleted by age, and the figures stand as they are.
 */
export async function workOffMarks(
  database: Database,
  { keptFrom }: { keptFrom: number },
  options: AbortOptions = {},
): Promise<void> {
  const until = await rolledUpUntil(database, options);
  for (;;) {
    const marks = await readMarks(database, options);
    for (const mark of marks) await workOff(database, mark, { keptFrom, until: until ?? 0 }, options);
    if (marks.length === 0) return;
  }
}

async function workOff(
  database: Database,
  mark: Mark,
  { keptFrom, until }: { keptFrom: number; until: number },
  options: AbortOptions,
): Promise<void> {
  const { deviceId } = mark;
  const begin = hourOf(Math.max(mark.from, keptFrom + HOUR_MS - 1));
  const end = Math.min(until, quarterOf(Math.min(mark.to, until) + HOUR_MS - 1));
  const first = hourOf((await firstRecordAt(database, { deviceId }, options)) ?? end);
  if (first > begin) {
    // Nothing is on record of that time, so nothing is known of it.
    const nothing = { deviceId, from: begin, to: Math.min(first, end), cells: [] };
    await database.write(putCells(database, nothing), options);
  }
  for (let from = Math.max(begin, first); from < end; ) {
    options.signal?.throwIfAborted();
    const to = Math.min(hourOf(end + HOUR_MS - 1), from + DAY_MS);
    const last = Math.min(to, until);
    const cells = cellsOf(await factsOf(database, deviceId, { from, to: last }, options), from, last);
    const statements = putCells(database, { deviceId, from, to: last, cells });
    await database.write([...statements, shrinkMark(database, mark, to)], options);
    from = to;
  }
  await database.write([dropMark(database, mark)], options);
}

async function rollUpAll(
  database: Database,
  { from, to }: { from: number; to: number },
  options: AbortOptions,
): Promise<void> {
  if (from >= to) return;
  const atOnce = Math.max(1, Math.floor((QUARTERS_AT_ONCE * HOUR_MS) / 4 / (to - from)));
  for (let after = 0; ; ) {
    options.signal?.throwIfAborted();
    const devices = await database.read(
      database.query.selectFrom('device').select('id').where('id', '>', after).orderBy('id').limit(atOnce),
      options,
    );
    const deviceIds = devices.map(({ id }) => id);
    const facts = await readFacts(database, { deviceIds, from, to }, options);
    const statements = [...facts].flatMap(([deviceId, known]) => {
      const cells: Cell[] = cellsOf(known, from, to);
      return putCells(database, { deviceId, from, to, cells });
    });
    if (statements.length > 0) await database.write(statements, options);
    if (devices.length < atOnce) return;
    after = deviceIds.at(-1) ?? after;
  }
}

async function factsOf(
  database: Database,
  deviceId: number,
  { from, to }: { from: number; to: number },
  options: AbortOptions,
) {
  const facts = await readFacts(database, { deviceIds: [deviceId], from, to }, options);
  return facts.get(deviceId) ?? { presence: [], counts: [], bookings: [], calls: [] };
}
