import {
  applyPresence,
  countWithin,
  type PresenceInterval,
  type PresenceState,
  presenceNews,
} from '../presence.ts';
import type { Projection, RowWrite } from '../projection.ts';

/** Presence and people count as intervals without a hole between them. */
export interface PresenceFold extends PresenceState {
  /** The event that began the open interval. */
  readonly seq: number;
}

export const presence: Projection<PresenceFold> = {
  name: 'presence',
  version: 1,
  tables: ['presence'],
  apply(state, { event, seq, ...heard }) {
    const news = presenceNews(event, heard);
    if (news === null) return null;
    const before = state ?? { open: null, lastAt: 0, seq };
    const { closed, open, lastAt } = applyPresence(before, news);
    const isSame = open?.state === before.open?.state && open?.from === before.open?.from;
    const next = { open, lastAt, seq: isSame ? before.seq : seq };
    const ended = closed === null ? [] : [write(closed, before.seq)];
    return { state: next, writes: open === before.open ? ended : [...ended, ...presence.open(next)] };
  },
  open({ open, seq }) {
    return open === null ? [] : [write(open, seq)];
  },
};

function write(interval: PresenceInterval, seq: number): RowWrite {
  const { state, maxCount, lastCount, source, from, to } = interval;
  return {
    table: 'presence',
    row: {
      seq,
      state,
      max_count: maxCount,
      last_count: countWithin(state, lastCount),
      source,
      from_at: from,
      to_at: to,
    },
  };
}
