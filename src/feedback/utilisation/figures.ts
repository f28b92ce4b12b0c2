import type { PresenceWord } from '../presence.ts';

/** A half-open span of time [from, to); `to` null while it lasts. UTC milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number | null;
}

/** What is on record of one device around a time; in any order. */
export interface Facts {
  readonly presence: readonly (Span & { readonly state: PresenceWord })[];
  readonly counts: readonly (Span & { readonly count: number })[];
  readonly bookings: readonly Span[];
  /** From the first ring on; `connectedAt` null where nobody answered. */
  readonly calls: readonly (Span & { readonly connectedAt: number | null })[];
}

/** How a device's room was used in a time. Milliseconds; occupied, empty and unknown come to the whole. */
export interface Figures {
  readonly occupiedMs: number;
  readonly emptyMs: number;
  readonly unknownMs: number;
  /** Occupied, and the people counted. */
  readonly countedMs: number;
  /** People times milliseconds over the counted time. */
  readonly peopleMs: number;
  /** Most people counted; null where none were. */
  readonly peak: number | null;
  readonly bookedMs: number;
  readonly bookedUsedMs: number;
  readonly bookedUnusedMs: number;
  readonly bookedUnknownMs: number;
  readonly usedUnbookedMs: number;
  /** Calls that began within it. */
  readonly calls: number;
  /** In at least one connected call. */
  readonly callMs: number;
}

export const NOTHING: Figures = {
  occupiedMs: 0,
  emptyMs: 0,
  unknownMs: 0,
  countedMs: 0,
  peopleMs: 0,
  peak: null,
  bookedMs: 0,
  bookedUsedMs: 0,
  bookedUnusedMs: 0,
  bookedUnknownMs: 0,
  usedUnbookedMs: 0,
  calls: 0,
  callMs: 0,
};

/**
 * What the facts say of [from, to). Where presence intervals overlap, yes
 * outweighs no and no outweighs unknown; of counts the greater counts. What no
 * interval covers is unknown.
 */
export function figuresOf(facts: Facts, from: number, to: number): Figures {
  const within = clipped(facts, from, to);
  const calls = facts.calls.filter((call) => call.from >= from && call.from < to).length;
  let sum: Figures = { ...NOTHING, calls };
  const edges = edgesOf(within, from, to);
  for (const [index, begin] of edges.entries()) {
    const end = edges[index + 1];
    if (end !== undefined) sum = added(sum, ofMoment(within, begin, end - begin));
  }
  return sum;
}

/** The figures of two times together. */
export function added(one: Figures, other: Figures): Figures {
  return {
    occupiedMs: one.occupiedMs + other.occupiedMs,
    emptyMs: one.emptyMs + other.emptyMs,
    unknownMs: one.unknownMs + other.unknownMs,
    countedMs: one.countedMs + other.countedMs,
    peopleMs: one.peopleMs + other.peopleMs,
    peak: greater(one.peak, other.peak),
    bookedMs: one.bookedMs + other.bookedMs,
    bookedUsedMs: one.bookedUsedMs + other.bookedUsedMs,
    bookedUnusedMs: one.bookedUnusedMs + other.bookedUnusedMs,
    bookedUnknownMs: one.bookedUnknownMs + other.bookedUnknownMs,
    usedUnbookedMs: one.usedUnbookedMs + other.usedUnbookedMs,
    calls: one.calls + other.calls,
    callMs: one.callMs + other.callMs,
  };
}

export function greater(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.max(one, other);
}

/** Between two edges nothing changes, so what holds at the first holds all along. */
function ofMoment(facts: Facts, at: number, lengthMs: number): Figures {
  const states = facts.presence.filter((span) => covers(span, at)).map(({ state }) => state);
  const isOccupied = states.includes('yes');
  const isEmpty = !isOccupied && states.includes('no');
  const counts = facts.counts.filter((span) => covers(span, at)).map(({ count }) => count);
  const people = isOccupied && counts.length > 0 ? Math.max(...counts) : null;
  const isBooked = facts.bookings.some((span) => covers(span, at));
  const isInCall = facts.calls.some(
    ({ connectedAt, to }) => connectedAt !== null && covers({ from: connectedAt, to }, at),
  );
  const when = (holds: boolean): number => (holds ? lengthMs : 0);
  return {
    occupiedMs: when(isOccupied),
    emptyMs: when(isEmpty),
    unknownMs: when(!isOccupied && !isEmpty),
    countedMs: when(people !== null),
    peopleMs: (people ?? 0) * lengthMs,
    peak: people,
    bookedMs: when(isBooked),
    bookedUsedMs: when(isBooked && isOccupied),
    bookedUnusedMs: when(isBooked && isEmpty),
    bookedUnknownMs: when(isBooked && !isOccupied && !isEmpty),
    usedUnbookedMs: when(!isBooked && isOccupied),
    calls: 0,
    callMs: when(isInCall),
  };
}

function covers({ from, to }: Span, at: number): boolean {
  return from <= at && (to === null || to > at);
}

function clipped(facts: Facts, from: number, to: number): Facts {
  const isWithin = (span: Span): boolean => span.from < to && (span.to === null || span.to > from);
  return {
    presence: facts.presence.filter(isWithin),
    counts: facts.counts.filter(isWithin),
    bookings: facts.bookings.filter(isWithin),
    calls: facts.calls.filter(isWithin),
  };
}

function edgesOf({ presence, counts, bookings, calls }: Facts, from: number, to: number): number[] {
  const edges = new Set([from, to]);
  const add = (at: number | null): void => {
    if (at !== null && at > from && at < to) edges.add(at);
  };
  for (const spans of [presence, counts, bookings, calls])
    for (const span of spans) {
      add(span.from);
      add(span.to);
    }
  for (const { connectedAt } of calls) add(connectedAt);
  return [...edges].sort((one, other) => one - other);
}
