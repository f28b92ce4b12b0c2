import type { Compilable } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { PresenceTable } from '../storage/tables/records.ts';
import type { EventSource } from './event.ts';
import { exportRows } from './export-pages.ts';
import type { PresenceInterval, PresenceWord } from './presence.ts';

/** Present state of one device. */
export interface PresenceNow {
  readonly deviceId: number;
  readonly state: PresenceWord;
  readonly count: number | null;
  readonly maxCount: number | null;
  readonly source: EventSource;
  /** UTC milliseconds. */
  readonly since: number;
}

type PresenceRow = Pick<
  PresenceTable,
  'device_id' | 'state' | 'max_count' | 'last_count' | 'source' | 'from_at' | 'to_at'
>;

const COLUMNS = ['device_id', 'state', 'max_count', 'last_count', 'source', 'from_at', 'to_at'] as const;
const PAGE = 1_000;

/** Present presence of every device that the file names and that was ever heard. */
export async function presenceNow(database: Database, options?: AbortOptions): Promise<PresenceNow[]> {
  const rows = await readPages(database, options, (after) =>
    openRows(database, after)
      .innerJoin('device', 'device.id', 'presence.device_id')
      .where('device.removed_at', 'is', null),
  );
  return rows.map((row) => {
    const { state, lastCount, maxCount, source, from } = intervalOf(row);
    return { deviceId: row.device_id, state, count: lastCount, maxCount, source, since: from };
  });
}

/**
 * A device's intervals within [from, to), clipped to it, in order of time. The
 * present one has `to: null` unless `to` lies in the past.
 */
export async function presenceHistory(
  database: Database,
  { deviceId, from, to, now }: { deviceId: number; from: number; to: number; now: number },
  options?: AbortOptions,
): Promise<PresenceInterval[]> {
  const intervals: PresenceInterval[] = [];
  for await (const row of exportRows(database, 'presence', { deviceId, from, to }, options))
    intervals.push(clip(intervalOf(row), { from, to, now }));
  return intervals;
}

function clip(
  interval: PresenceInterval,
  { from, to, now }: { from: number; to: number; now: number },
): PresenceInterval {
  const isPresent = interval.to === null && to > now;
  return {
    ...interval,
    from: Math.max(interval.from, from),
    to: isPresent ? null : Math.min(interval.to ?? to, to),
  };
}

function openRows(database: Database, after: number) {
  return database.query
    .selectFrom('presence')
    .select(COLUMNS.map((column) => `presence.${column}` as const))
    .where('to_at', 'is', null)
    .where('device_id', '>', after)
    .orderBy('device_id')
    .limit(PAGE);
}

async function readPages(
  database: Database,
  options: AbortOptions | undefined,
  page: (afterDevice: number) => Compilable<PresenceRow>,
): Promise<PresenceRow[]> {
  const all: PresenceRow[] = [];
  for (;;) {
    const rows = await database.read(page(all.at(-1)?.device_id ?? 0), options);
    all.push(...rows);
    if (rows.length < PAGE) return all;
  }
}

function intervalOf(row: PresenceRow): PresenceInterval {
  return {
    state: row.state,
    maxCount: row.max_count,
    lastCount: row.last_count,
    // The column holds what rowOf wrote.
    source: row.source as EventSource,
    from: row.from_at,
    to: row.to_at,
  };
}
