import type { SessionState, SessionStatus } from '../xapi/device.ts';
import type { EventSource, FeedbackEvent, Leaves } from './event.ts';
import { type PresenceWord, presenceNews, readPresence } from './presence.ts';
import { differingWord, NO_WORDS, type Words, wordsAfter, wordsIn } from './words.ts';

/** What roomd believes of one device, and over which channels it hears it. Times are UTC milliseconds. */
export interface Track {
  /** As recorded. */
  readonly presence: PresenceWord;
  readonly count: number | null;
  /** As recorded; what no expression of a session covers is not among them. */
  readonly words: Words;
  /** When record and device last were known to agree on presence. */
  readonly agreedAt: number;
  readonly session: SessionState | null;
  /** What of a session that is up does not work; null where all of it does. */
  readonly trouble: string | null;
  readonly slot: { readonly isHealthy: boolean; readonly confirmedAt: number };
  /** No channel is left, or none was there yet. */
  readonly isLost: boolean;
}

export interface TrackedEvent {
  readonly event: FeedbackEvent;
  readonly source: EventSource;
  readonly at: number;
}

export interface Step {
  readonly track: Track;
  /** To be recorded, in this order. */
  readonly events: readonly TrackedEvent[];
  /** The device's state is to be read, because record and device may disagree. */
  readonly readAgain: boolean;
}

/** A device of which nothing is known. */
export function newTrack(at: number): Track {
  return {
    presence: 'unknown',
    count: null,
    words: NO_WORDS,
    agreedAt: at,
    session: null,
    trouble: null,
    slot: { isHealthy: false, confirmedAt: at },
    isLost: true,
  };
}

/** Whoever answers there now is not the device, so its slot is no channel either. */
const STRANGERS: ReadonlySet<SessionState> = new Set(['swapped', 'certificate-changed']);

/** The session's state changed. A session that ends while the slot is healthy is no gap. */
export function heardSession(track: Track, status: SessionStatus, at: number): Step {
  const { state, reason, errorCode } = status;
  const wasUp = isUp(track.session);
  const isPassing = state === 'idle' || state === 'connecting';
  const trouble = isUp(state) ? reason : null;
  const isSame = state === track.session && trouble === track.trouble;
  if (isSame || (isPassing && !wasUp)) return quiet(track);
  const next = { ...track, session: state, trouble };
  const event: TrackedEvent = {
    event: { kind: 'session', path: null, payload: { state, reason, errorCode } },
    source: 'roomd',
    at,
  };
  if (state === track.session) return { track: next, events: [event], readAgain: false };
  if (STRANGERS.has(state) && track.slot.isHealthy) {
    const lost = heardSlot(next, false, at, reason ?? 'another device answers');
    return { ...lost, events: [event, ...lost.events] };
  }
  if (!wasUp || isUp(state) || track.slot.isHealthy)
    return { track: next, events: [event], readAgain: false };
  const lost = lose(next, { from: at, at, reason: reason ?? 'the session ended' });
  return { ...lost, events: [event, ...lost.events] };
}

/**
 * The whole state was read. Where it contradicts the record, nothing is known
 * from the last agreement to now, and then the reading counts. A contradiction
 * that is not `conclusive` may be a post still under way and asks for another
 * reading. `isFirst`: of a new session, recorded even if it says nothing new.
 */
export function heardReading(
  track: Track,
  leaves: Leaves,
  {
    at,
    source,
    conclusive,
    isFirst,
  }: { at: number; source: EventSource; conclusive: boolean; isFirst: boolean },
): Step {
  // A reading that no channel goes on from would stand for ever.
  if (!isUp(track.session) && !track.slot.isHealthy) return quiet(track);
  const { state, count } = readPresence(leaves);
  const isContradiction = !track.isLost && track.presence !== 'unknown' && state !== track.presence;
  const words = wordsIn(leaves, at);
  const isNews = differingWord(track.words, words) !== null;
  const isDoubtful = isContradiction || (isNews && !track.isLost && !isFirst);
  if (isDoubtful && !conclusive) return { track, events: [], readAgain: true };
  const events: TrackedEvent[] = [];
  if (isContradiction)
    events.push({
      event: gap(track.agreedAt, at, `the device says ${state}, the record said ${track.presence}`),
      source,
      at,
    });
  if (isFirst || track.isLost || isNews || state !== track.presence || count !== track.count)
    events.push({ event: { kind: 'snapshot', path: null, payload: { leaves } }, source, at });
  return {
    track: { ...track, presence: state, count, words, agreedAt: at, isLost: false },
    events,
    readAgain: false,
  };
}

/** Events of a post or of a session's delta were recorded. */
export function heardEvents(
  track: Track,
  events: readonly FeedbackEvent[],
  { at, source }: { at: number; source: EventSource },
): Track {
  let next = source === 'webhook' ? heardPost(track, at) : track;
  for (const event of events) {
    if (event.kind === 'status') {
      const words = wordsAfter(next.words, event.payload);
      if (words !== next.words) next = { ...next, words };
    }
    const news = presenceNews(event, { receivedAt: at, source });
    if (news === null) continue;
    next = {
      ...next,
      presence: news.state ?? next.presence,
      count: news.count === undefined ? next.count : news.count,
      agreedAt: news.state === undefined ? next.agreedAt : at,
    };
  }
  return next;
}

/** The slot was looked at. */
export function heardSlot(
  track: Track,
  isHealthy: boolean,
  at: number,
  whyNot = 'the feedback slot failed',
): Step {
  const event: TrackedEvent = {
    event: { kind: 'slot', path: null, payload: { healthy: isHealthy } },
    source: 'roomd',
    at,
  };
  const events = isHealthy === track.slot.isHealthy ? [] : [event];
  const next = {
    ...track,
    slot: { isHealthy, confirmedAt: isHealthy ? at : track.slot.confirmedAt },
  };
  // Whatever was posted while nobody listened is lost, so the state is read when the channel changes.
  if (isHealthy || isUp(track.session))
    return { track: next, events, readAgain: events.length > 0 && (track.isLost || !isHealthy) };
  if (!track.slot.isHealthy) return { track: next, events, readAgain: false };
  const lost = lose(next, {
    from: Math.max(track.slot.confirmedAt, track.agreedAt),
    at,
    reason: whyNot,
  });
  return { ...lost, events: [...events, ...lost.events] };
}

/** Trust in a slot ends when neither a post nor a look at it confirmed it for `trustMs` and no session is up either. */
export function trustExpired(track: Track, at: number, trustMs: number): Step {
  const { isHealthy, confirmedAt } = track.slot;
  if (!isHealthy || isUp(track.session) || at - confirmedAt <= trustMs) return quiet(track);
  return heardSlot(track, false, at);
}

/** No channel is left: nothing is known from `from` on. */
export function lose(track: Track, { from, at, reason }: { from: number; at: number; reason: string }): Step {
  if (track.isLost && track.presence === 'unknown') return quiet(track);
  return {
    track: { ...track, presence: 'unknown', count: null, words: NO_WORDS, isLost: true },
    events: [{ event: gap(from, null, reason), source: 'roomd', at }],
    readAgain: false,
  };
}

export function isUp(session: SessionState | null): boolean {
  return session === 'up' || session === 'up-https';
}

/** A post proves the slot. One that was found failed is trusted again only by a look at it, unless there is no session. */
function heardPost(track: Track, at: number): Track {
  const isHealthy = track.slot.isHealthy || !isUp(track.session);
  return { ...track, slot: { isHealthy, confirmedAt: at }, isLost: track.isLost && !isHealthy };
}

function gap(from: number, to: number | null, reason: string): FeedbackEvent {
  return { kind: 'gap', path: null, payload: { from, to, reason } };
}

function quiet(track: Track): Step {
  return { track, events: [], readAgain: false };
}
