import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database, WriteResult } from './database.ts';
import { prepared } from './prepared.ts';
import { newQueryBuilder } from './query-builder.ts';
import type { Tables } from './tables.ts';

/** Something that happened, to be appended. Times are UTC milliseconds. */
export interface NewEvent {
  /** Null for what concerns no single device. */
  readonly deviceId: number | null;
  readonly kind: string;
  /** Canonical path where there is one. */
  readonly path: string | null;
  /** Anything that JSON can hold. */
  readonly payload: unknown;
  /** `webhook`, `session`, `sweep`, `roomd`. */
  readonly source: string;
  readonly receivedAt: number;
  /** The device's own clock where it told it. */
  readonly deviceAt: number | null;
}

/** An event as it stands in the log; `seq` gives the order. */
export interface StoredEvent extends NewEvent {
  readonly seq: number;
}

/** Something that roomd itself did or noticed; the path is null where it is about none. */
export function ownEvent({
  deviceId,
  kind,
  path = null,
  payload,
  at,
}: Pick<NewEvent, 'deviceId' | 'kind' | 'payload'> & {
  readonly path?: string | null;
  /** UTC milliseconds. */
  readonly at: number;
}): NewEvent {
  return { deviceId, kind, path, payload, source: 'roomd', receivedAt: at, deviceAt: null };
}

/**
 * Appends events and, in the same transaction, runs `also` after them. Once it
 * resolves they are on the disk and `database.eventFeed` has told of them.
 * @returns the events' seqs, and what each statement of `also` did
 * @throws StorageError as `Database.write`
 */
export async function appendEvents(
  database: Database,
  events: readonly NewEvent[],
  also: readonly Compilable[] = [],
  options: AbortOptions = {},
): Promise<{ seqs: number[]; results: WriteResult[] }> {
  const results = await database.write([...eventInserts(events), ...also], options);
  return {
    seqs: results.slice(0, events.length).map(({ lastInsertId }) => lastInsertId),
    results: results.slice(events.length),
  };
}

/** One statement per event, all of the same text, to be combined with others in one `Database.write`. */
export function eventInserts(events: readonly NewEvent[]): Compilable[] {
  return events.map((event) => insert(Object.values(rowOf(event))));
}

export interface EventFilter {
  /** Only events after this one; 0 is before the first. */
  readonly afterSeq: number;
  /** At most this many; stay at or below 1,000 and page on with the last seq. */
  readonly limit: number;
  readonly deviceId?: number;
  /** Only of these devices. */
  readonly deviceIds?: readonly number[];
  readonly kinds?: readonly string[];
}

/** Events in the order of `seq`. */
export async function readEvents(
  database: Database,
  { afterSeq, limit, deviceId, deviceIds, kinds }: EventFilter,
  options: AbortOptions = {},
): Promise<StoredEvent[]> {
  let query = database.query
    .selectFrom('event')
    .selectAll()
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit);
  if (deviceId !== undefined) query = query.where('device_id', '=', deviceId);
  if (deviceIds !== undefined)
    query = query.where(
      sql<boolean>`device_id IN (SELECT value FROM json_each(${JSON.stringify(deviceIds)}))`,
    );
  if (kinds !== undefined) query = query.where('kind', 'in', kinds);
  const rows = await database.read(query, options);
  return rows.map((row) => ({
    seq: row.seq,
    deviceId: row.device_id,
    kind: row.kind,
    path: row.path,
    payload: JSON.parse(row.payload_json) as unknown,
    source: row.source,
    receivedAt: row.received_at,
    deviceAt: row.device_at,
  }));
}

/** The first and the last event that are kept; 0 where there is none. */
export async function eventBounds(
  database: Database,
  options: AbortOptions = {},
): Promise<{ readonly first: number; readonly last: number }> {
  const [row] = await database.read(
    database.query
      .selectFrom('event')
      .select(({ fn }) => [fn.min('seq').as('first'), fn.max('seq').as('last')]),
    options,
  );
  return { first: row?.first ?? 0, last: row?.last ?? 0 };
}

/** The columns in the order in which `insert` names them. */
function rowOf(event: NewEvent) {
  return {
    device_id: event.deviceId,
    kind: event.kind,
    path: event.path,
    payload_json: JSON.stringify(event.payload) ?? 'null',
    source: event.source,
    received_at: event.receivedAt,
    device_at: event.deviceAt,
  };
}

const insert = prepared(
  newQueryBuilder<Tables>()
    .insertInto('event')
    .values(
      rowOf({
        deviceId: null,
        kind: '',
        path: null,
        payload: null,
        source: '',
        receivedAt: 0,
        deviceAt: null,
      }),
    ),
);
