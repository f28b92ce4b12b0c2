import { type Compilable, type CompiledQuery, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { newQueryBuilder } from '../storage/query-builder.ts';
import type { PresenceTable, Tables } from '../storage/tables.ts';
import type { EventSource } from './event.ts';
import type { PresenceInterval, PresenceState, PresenceWord } from './presence.ts';

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

/** What a fold over events made of one device. */
export interface PresenceChange {
  readonly deviceId: number;
  /** Whether the device had an open interval before. */
  readonly wasOpen: boolean;
  /** In order of time. */
  readonly closed: readonly PresenceInterval[];
  readonly state: PresenceState;
}

type PresenceRow = Pick<
  PresenceTable,
  'device_id' | 'state' | 'max_count' | 'last_count' | 'source' | 'from_at' | 'to_at'
>;

const COLUMNS = ['device_id', 'state', 'max_count', 'last_count', 'source', 'from_at', 'to_at'] as const;
const PAGE = 1_000;
const CURSOR = 'presence';

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
  for (let after = -1; ; ) {
    const rows = await database.read(
      database.query
        .selectFrom('presence')
        .select(COLUMNS)
        .where('device_id', '=', deviceId)
        .where('from_at', '>', after)
        .where('from_at', '<', to)
        .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', from)]))
        .orderBy('from_at')
        .limit(PAGE),
      options,
    );
    for (const row of rows) intervals.push(clip(intervalOf(row), { from, to, now }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return intervals;
    after = last.from_at;
  }
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

/** Every device's open interval and the time it was last heard, as a fold goes on from. */
export async function loadPresence(database: Database): Promise<Map<number, PresenceState>> {
  const states = new Map<number, PresenceState>();
  const heard = await lastHeard(database);
  for (const row of await readPages(database, undefined, (after) => openRows(database, after))) {
    const open = intervalOf(row);
    states.set(row.device_id, { open, lastAt: Math.max(open.from, heard.get(row.device_id) ?? 0) });
  }
  return states;
}

/** How far the projector has come; 0 before the first event. */
export async function readCursor(database: Database): Promise<number> {
  const [row] = await database.read(
    database.query.selectFrom('projector').select('seq').where('name', '=', CURSOR),
  );
  return row?.seq ?? 0;
}

/** What brings the tables to where the fold stands, the cursor included; to be run as one write. */
export function presenceStatements(changes: readonly PresenceChange[], seq: number): Compilable[] {
  const statements: Compilable[] = [];
  for (const { deviceId, wasOpen, closed, state } of changes) {
    const intervals = state.open === null ? closed : [...closed, state.open];
    intervals.forEach((interval, position) => {
      const columns = Object.values(rowOf(deviceId, interval));
      statements.push(
        wasOpen && position === 0 ? filled(UPDATE_OPEN, [...columns, deviceId]) : filled(INSERT, columns),
      );
    });
    statements.push(moveCursor(`${CURSOR}/${deviceId}`, seq, JSON.stringify({ lastAt: state.lastAt })));
  }
  statements.push(moveCursor(CURSOR, seq, null));
  return statements;
}

/**
 * What takes presence back to before the kept events, so that a fold over them
 * makes it again: intervals that begin with them or later go, the one that
 * stood before them is open again, older ones stay as they are.
 */
export async function rewindStatements(database: Database): Promise<Compilable[]> {
  const first = await database.read(firstKept(database));
  const statements: Compilable[] = [];
  for (const { device_id: deviceId, at } of first) {
    if (deviceId === null) continue;
    statements.push(
      database.query.deleteFrom('presence').where('device_id', '=', deviceId).where('from_at', '>=', at),
      database.query
        .updateTable('presence')
        .set({ to_at: null })
        .where('device_id', '=', deviceId)
        .where('to_at', '>=', at),
      database.query.deleteFrom('projector').where('name', '=', `${CURSOR}/${deviceId}`),
    );
  }
  return [...statements, moveCursor(CURSOR, 0, null)];
}

/** Of each device, when the first kept event that can tell of presence takes effect; a gap does so from its beginning. */
function firstKept(database: Database) {
  return database.query
    .selectFrom('event')
    .select([
      'device_id',
      sql<number>`min(iif(kind = 'gap', payload_json ->> '$.from', received_at))`.as('at'),
    ])
    .where('device_id', 'is not', null)
    .where('kind', 'in', PRESENCE_KINDS)
    .groupBy('device_id');
}

/** The kinds of events that can tell of presence. */
const PRESENCE_KINDS = ['status', 'configuration', 'snapshot', 'gap'] as const;

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

async function lastHeard(database: Database): Promise<Map<number, number>> {
  const rows = await database.read(
    database.query
      .selectFrom('projector')
      .select(['name', 'state_json'])
      .where('name', 'like', `${CURSOR}/%`),
  );
  return new Map(
    rows.map(({ name, state_json }) => {
      const state = JSON.parse(state_json ?? '{}') as { lastAt?: number };
      return [Number(name.slice(CURSOR.length + 1)), state.lastAt ?? 0];
    }),
  );
}

function moveCursor(name: string, seq: number, state_json: string | null): Compilable {
  return filled(MOVE_CURSOR, [name, seq, state_json]);
}

function filled(query: CompiledQuery, parameters: readonly unknown[]): Compilable {
  return { compile: () => ({ ...query, parameters }) };
}

function rowOf(deviceId: number, interval: PresenceInterval): PresenceRow {
  return {
    device_id: deviceId,
    state: interval.state,
    max_count: interval.maxCount,
    last_count: interval.lastCount,
    source: interval.source,
    from_at: interval.from,
    to_at: interval.to,
  };
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

/** Compiled once: at full speed building statements would cost more than running them. Parameters come in the order of the columns. */
const builder = newQueryBuilder<Tables>();
const SAMPLE = rowOf(0, { state: 'no', maxCount: null, lastCount: null, source: 'roomd', from: 0, to: null });
const INSERT = builder.insertInto('presence').values(SAMPLE).compile();
const UPDATE_OPEN = builder
  .updateTable('presence')
  .set(SAMPLE)
  .where('device_id', '=', 0)
  .where('to_at', 'is', null)
  .compile();
const MOVE_CURSOR = builder
  .insertInto('projector')
  .values({ name: '', seq: 0, state_json: null })
  .onConflict((conflict) =>
    conflict.column('name').doUpdateSet((row) => ({
      seq: row.ref('excluded.seq'),
      state_json: row.ref('excluded.state_json'),
    })),
  )
  .compile();
