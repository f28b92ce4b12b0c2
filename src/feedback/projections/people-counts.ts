import { LATE_MS, presenceNews } from '../presence.ts';
import type { Projection, RecordRow, RowWrite } from '../projection.ts';

type PeopleCount = RecordRow<'people_count'>;

export interface PeopleCountsState {
  /** The interval that goes on; null while nobody counts. */
  readonly open: PeopleCount | null;
  /** When the device was last heard on the matter. */
  readonly lastAt: number;
}

/** How many people were counted, as intervals; presence keeps only the greatest and the last count of each of its own. */
export const peopleCounts: Projection<PeopleCountsState> = {
  name: 'people-counts',
  version: 1,
  tables: ['people_count'],
  apply(state, { event, seq, ...heard }) {
    const news = presenceNews(event, heard);
    if (news?.count === undefined) return null;
    const { open, lastAt } = state ?? { open: null, lastAt: 0 };
    const isGap = news.isGap === true;
    // As of presence: news that another channel overtook changes nothing, and a gap reaches back into the open interval.
    if (news.at < lastAt && lastAt - news.at <= LATE_MS && !isGap) return null;
    const at = Math.max(news.at, isGap ? (open?.from_at ?? 0) : lastAt);
    const next = { open, lastAt: Math.max(at, lastAt) };
    if (news.count === (open?.count ?? null)) return { state: next, writes: [] };
    const begun: PeopleCount | null =
      news.count === null ? null : { seq, count: news.count, from_at: at, to_at: null };
    return {
      state: { ...next, open: begun },
      writes: [...ending(open, at), ...(begun === null ? [] : [write(begun)])],
    };
  },
  open({ open }) {
    return open === null ? [] : [write(open)];
  },
};

function ending(open: PeopleCount | null, at: number): RowWrite[] {
  if (open === null) return [];
  // What never stood for a moment is none.
  if (at <= open.from_at) return [{ ...write(open), isGone: true }];
  return [write({ ...open, to_at: at })];
}

function write(row: PeopleCount): Extract<RowWrite, { table: 'people_count' }> {
  return { table: 'people_count', row };
}
