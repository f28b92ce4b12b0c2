import type { EventSource, FeedbackEvent, Leaves } from './event.ts';

export type PresenceWord = 'yes' | 'no' | 'unknown';

/** A half-open span [from, to) of one state; `to` is null while it lasts. Times are UTC milliseconds. */
export interface PresenceInterval {
  readonly state: PresenceWord;
  /** The greatest count told within it; null where none was. */
  readonly maxCount: number | null;
  /** The count told last, also where it belongs to the interval that is to come; null where it is not known (in standby, no camera). */
  readonly lastCount: number | null;
  /** Where its beginning was learned. */
  readonly source: EventSource;
  readonly from: number;
  readonly to: number | null;
}

/** What is known of a device's presence: the open interval, and when the device was last heard on the matter. */
export interface PresenceState {
  readonly open: PresenceInterval | null;
  readonly lastAt: number;
}

/** What an event says about presence; a part that is absent was not spoken of. */
export interface PresenceNews {
  readonly at: number;
  readonly source: EventSource;
  readonly state?: PresenceWord;
  readonly count?: number | null;
  readonly isGap?: boolean;
}

/** Two channels may commit in another order than they heard; older news than this is a clock that was set back. */
export const LATE_MS = 10 * 60_000;

const PRESENCE = 'RoomAnalytics.PeoplePresence';
const COUNT = 'RoomAnalytics.PeopleCount.Current';
const STANDBY = 'Standby.State';
const DETECTOR = 'RoomAnalytics.PeoplePresenceDetector';

/** What an event says about presence; null where it says nothing. */
export function presenceNews(
  event: FeedbackEvent,
  { receivedAt, source }: { receivedAt: number; source: EventSource },
): PresenceNews | null {
  const heard = { at: receivedAt, source };
  switch (event.kind) {
    case 'status':
      return newsOfStatus(event.payload, heard);
    case 'configuration':
      return event.payload.leaves[DETECTOR] === 'Off' ? { ...heard, state: 'unknown' } : null;
    case 'snapshot':
      return { ...heard, ...readPresence(event.payload.leaves) };
    case 'gap':
      return { ...heard, at: event.payload.from, state: 'unknown', count: null, isGap: true };
    default:
      return null;
  }
}

/** Presence and count in a whole status; what the device does not tell is unknown. */
export function readPresence(leaves: Leaves): { state: PresenceWord; count: number | null } {
  return {
    state: wordOf(leaves[PRESENCE]),
    count: leaves[STANDBY] === 'Standby' ? null : countOf(leaves[COUNT]),
  };
}

/**
 * The intervals after the news: the open one, and the one that it closed.
 * Intervals never overlap and follow each other without a hole; news that is
 * older than what is known changes nothing, except for a gap, which reaches
 * back into the open interval and never into a closed one.
 */
export function applyPresence(
  known: PresenceState,
  news: PresenceNews,
): PresenceState & { readonly closed: PresenceInterval | null } {
  const { open } = known;
  const isLate = news.at < known.lastAt && known.lastAt - news.at <= LATE_MS;
  if (isLate && news.isGap !== true) return { ...known, closed: null };
  const at = Math.max(news.at, news.isGap === true ? (open?.from ?? 0) : known.lastAt);
  const lastAt = Math.max(at, known.lastAt);
  const state = news.state ?? open?.state ?? 'unknown';
  if (open === null || state !== open.state) {
    const count = news.count === undefined ? carriedCount(open, state) : news.count;
    const next = {
      state,
      maxCount: countWithin(state, count),
      lastCount: count,
      source: news.source,
      from: at,
      to: null,
    };
    return { open: next, lastAt, closed: open === null || open.from >= at ? null : { ...open, to: at } };
  }
  const counted = news.count === undefined ? open : withCount(open, news.count);
  return { open: counted, lastAt, closed: null };
}

function newsOfStatus(
  { leaves, gone }: { leaves: Leaves; gone: readonly string[] },
  heard: { at: number; source: EventSource },
): PresenceNews | null {
  if (gone.includes('RoomAnalytics') || gone.includes(PRESENCE))
    return { ...heard, state: 'unknown', count: null };
  const state = leaves[PRESENCE] === undefined ? {} : { state: wordOf(leaves[PRESENCE]) };
  const isCountless = leaves[STANDBY] === 'Standby' || gone.includes(COUNT);
  const count = isCountless ? { count: null } : countNews(leaves);
  return 'state' in state || 'count' in count ? { ...heard, ...state, ...count } : null;
}

function countNews(leaves: Leaves): { count?: number | null } {
  return leaves[COUNT] === undefined ? {} : { count: countOf(leaves[COUNT]) };
}

function wordOf(text: string | undefined): PresenceWord {
  if (text === 'Yes') return 'yes';
  return text === 'No' ? 'no' : 'unknown';
}

/** -1 is no count (facts, section 4). */
function countOf(text: string | undefined): number | null {
  const count = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isInteger(count) && count >= 0 ? count : null;
}

function withCount(open: PresenceInterval, count: number | null): PresenceInterval {
  if (count === null) return { ...open, lastCount: null };
  const counted = countWithin(open.state, count);
  const maxCount = counted === null ? open.maxCount : Math.max(open.maxCount ?? 0, counted);
  return { ...open, lastCount: count, maxCount };
}

/** A count goes before the word on presence, often by a second: of a room where nobody is it is none. */
export function countWithin(state: PresenceWord, count: number | null): number | null {
  return state === 'no' && count !== null && count > 0 ? null : count;
}

/** The count stands when presence changes without a word on it; people of before are none of an empty room's. */
function carriedCount(open: PresenceInterval | null, state: PresenceWord): number | null {
  return countWithin(state, open?.lastCount ?? null);
}
