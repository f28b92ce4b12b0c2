import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { newQueryBuilder } from '../storage/query-builder.ts';
import { TIMELINE_SOURCES, type TimelineKind, type TimelineSource } from './timeline-sources.ts';
import { type TimelineDetail, titleOf } from './timeline-titles.ts';

/** One thing that happened to a device, or lasted there. Times are UTC milliseconds. */
export interface TimelineItem {
  /** Names the item within its device: `call/12`. */
  readonly id: string;
  readonly kind: TimelineKind;
  readonly at: number;
  /** When it ended; null while it lasts, and for what is a moment. */
  readonly until: number | null;
  /** It had no end when it was read. */
  readonly isOpen: boolean;
  /** A sentence. */
  readonly title: string;
  readonly detail: TimelineDetail;
}

export interface TimelineQuery {
  readonly deviceId: number;
  /** Selectors of holds that take the device in. */
  readonly selectors: readonly string[];
  /** What began in [from, to), or began at most 31 days before and lasted into it. */
  readonly from: number;
  readonly to: number;
  /** All where null. */
  readonly kinds: ReadonlySet<TimelineKind> | null;
  /** Only items after, or before, this place; at most one of the two. */
  readonly after: TimelinePlace | null;
  readonly before: TimelinePlace | null;
  readonly limit: number;
}

/** Items stand in the order of time, then of their source, then of their number there. */
export interface TimelinePlace {
  readonly at: number;
  readonly source: number;
  readonly number: number;
}

export interface TimelinePage {
  readonly items: readonly TimelineItem[];
  readonly first: TimelinePlace | null;
  readonly last: TimelinePlace | null;
  /** More lies in the direction that was asked for. */
  readonly hasMore: boolean;
}

interface Row {
  readonly number: number;
  readonly kind: string;
  readonly at: number;
  readonly until: number | null;
  readonly detail_json: string;
}

const LOOK_BACK_MS = 31 * 86_400_000;

/**
 * One page of all that is on record of a device, in the order of time. Each
 * source is asked for one page at most, so that what is read does not grow
 * with what is on record.
 */
export async function readTimeline(
  database: Database,
  query: TimelineQuery,
  options: AbortOptions = {},
): Promise<TimelinePage> {
  const pages = await Promise.all(
    TIMELINE_SOURCES.map(async (source, at) => {
      const kinds = source.kinds.filter((kind) => query.kinds === null || query.kinds.has(kind));
      if (kinds.length === 0) return [];
      const rows = await database.read(pageOf(source, at, { ...query, wanted: kinds }), options);
      return rows.map((row) => ({
        place: { at: row.at, source: at, number: row.number },
        item: itemOf(source, row),
      }));
    }),
  );
  const sign = query.before === null ? 1 : -1;
  const placed = pages.flat().toSorted((a, b) => sign * compare(a.place, b.place));
  const kept = placed.slice(0, query.limit);
  if (sign === -1) kept.reverse();
  return {
    items: kept.map(({ item }) => item),
    first: kept[0]?.place ?? null,
    last: kept.at(-1)?.place ?? null,
    hasMore: placed.length > query.limit,
  };
}

function itemOf(source: TimelineSource, { number, kind: word, at, until, detail_json }: Row): TimelineItem {
  // The source's own query made it one of its kinds.
  const kind = word as TimelineKind;
  const detail = JSON.parse(detail_json) as TimelineDetail;
  const isOpen = source.until !== null && until === null;
  return { id: `${source.name}/${number}`, kind, at, until, isOpen, title: titleOf(kind, detail), detail };
}

function pageOf(
  source: TimelineSource,
  position: number,
  query: TimelineQuery & { readonly wanted: readonly TimelineKind[] },
): Compilable<Row> {
  const { from, to, wanted, limit, before } = query;
  const { at, until, number } = source;
  const lasted =
    until === null
      ? sql`${at} >= ${from}`
      : sql`(${at} >= ${from} OR ${until} IS NULL OR (${at} >= ${from - LOOK_BACK_MS} AND ${until} > ${from}))`;
  const order = sql.raw(before === null ? 'ASC' : 'DESC');
  const text = sql<Row>`SELECT ${number} AS number, ${source.kind} AS kind, ${at} AS at,
    ${until ?? sql`NULL`} AS until, ${source.detail} AS detail_json
    FROM ${source.table}
    WHERE ${owner(source, query)} AND ${source.where} AND ${source.kind} IN (${sql.join(wanted)})
      AND ${at} < ${to} AND ${lasted} AND ${beyond(source, position, query)}
    ORDER BY ${at} ${order}, ${number} ${order} LIMIT ${limit + 1}`;
  return { compile: () => text.compile(BUILDER) };
}

const BUILDER = newQueryBuilder<unknown>();

function owner({ by }: TimelineSource, { deviceId, selectors }: TimelineQuery): RawBuilder<unknown> {
  if (by === 'device') return sql`device_id = ${deviceId}`;
  return selectors.length === 0
    ? sql`selector IS NULL`
    : sql`(selector IS NULL OR selector IN (${sql.join(selectors)}))`;
}

/** What lies beyond the place from which the page goes on, among rows of one source. */
function beyond(
  { at, number }: TimelineSource,
  position: number,
  { after, before }: TimelineQuery,
): RawBuilder<unknown> {
  const place = after ?? before;
  if (place === null) return sql`1`;
  const sign = sql.raw(before === null ? '>' : '<');
  const isPast = before === null ? position > place.source : position < place.source;
  if (position !== place.source)
    return isPast
      ? sql`${at} ${sql.raw(before === null ? '>=' : '<=')} ${place.at}`
      : sql`${at} ${sign} ${place.at}`;
  return sql`(${at}, ${number}) ${sign} (${place.at}, ${place.number})`;
}

function compare(a: TimelinePlace, b: TimelinePlace): number {
  return a.at - b.at || a.source - b.source || a.number - b.number;
}
