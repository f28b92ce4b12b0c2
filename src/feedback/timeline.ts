import { type Compilable, sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import { TIMELINE_SOURCES, type TimelineKind } from './timeline-sources.ts';

/** One thing that happened to a device, or lasted there. Times are UTC milliseconds. */
export interface TimelineItem {
  /** Names the item within its device, also over pages: `call/12`. */
  readonly id: string;
  readonly kind: TimelineKind;
  readonly at: number;
  /** When it ended; null while it lasts, and for what is a moment. */
  readonly until: number | null;
  /** It lasts on. */
  readonly isOpen: boolean;
  /** A sentence. */
  readonly title: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface TimelineQuery {
  readonly deviceId: number;
  /** What stood or began in [from, to). */
  readonly from: number;
  readonly to: number;
  /** All where null. */
  readonly kinds: ReadonlySet<TimelineKind> | null;
  /** Only items after, or before, this place. */
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

interface Placed {
  readonly place: TimelinePlace;
  readonly item: TimelineItem;
}

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
  const isBackwards = query.before !== null;
  const sources = [...TIMELINE_SOURCES.entries()].filter(([, { kinds }]) =>
    kinds.some((kind) => query.kinds === null || query.kinds.has(kind)),
  );
  const pages = await Promise.all(
    sources.map(async ([source, { table, rows }]): Promise<Placed[]> => {
      const found = await database.read(page(table, source, query), options);
      return found.map(({ at, number, until, detail_json }) => {
        const detail = JSON.parse(detail_json) as Record<string, unknown>;
        const { kind, title, ...rest } = rows({ at, until, detail });
        const isOpen = rest.lasts && until === null;
        return {
          place: { at, source, number },
          item: { id: `${table.name}/${number}`, kind, at, until, isOpen, title, detail },
        };
      });
    }),
  );
  const placed = pages.flat().toSorted((a, b) => compare(a.place, b.place) * (isBackwards ? -1 : 1));
  const kept = placed.slice(0, query.limit);
  if (isBackwards) kept.reverse();
  return {
    items: kept.flatMap(({ item }) => (query.kinds === null || query.kinds.has(item.kind) ? [item] : [])),
    first: kept[0]?.place ?? null,
    last: kept.at(-1)?.place ?? null,
    hasMore: placed.length > query.limit,
  };
}
