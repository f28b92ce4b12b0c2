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
  readonly slot: TrackedSlot;
  /** Since when, with the session gone, nothing has shown that the slot delivers; null while something is heard. */
  readonly hole: { readonly from: number; readonly reason: string } | null;
  /** No channel is left, or none was there yet. */
  readonly isLost: boolean;
}

export interface TrackedSlot {
  /** Its posts are what counts. */
  readonly isHealthy: boolean;
  /** When a post or a look last spoke for it. */
  readonly confirmedAt: number;
  /** The last look found it as it is to be. */
  readonly isSeenWell: boolean;
  /** Why its posts are not relied on until one comes; null where they are, or nothing is known against it. */
  readonly doubt: string | null;
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
    slot: { isHealthy: false, confirmedAt: at, isSeenWell: false, doubt: null },
    hole: null,
    isLost: true,
  };
}

/** A shorter break of everything is not worth a gap: it is how long a device takes to connect again. */
const HOLE_MS = 3_000;

/** Whoever answers there now is not the device, so its slot is no channel either. */
const STRANGERS: ReadonlySet<SessionState> = new Set(['swapped', 'certificate-changed']);

/** The session's state changed. One that ends while the slot is healthy is no gap yet: posts may come, and where none does, the next reading marks it. */
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
    // Nobody knows since when, so that the session was up before proves nothing.
    const unproven = { ...next, hole: null };
    const lost = heardSlot(unproven, false, at, { reason: reason ?? 'another device answers' });
    return { ...lost, events: [event, ...lost.events] };
  }
  if (!wasUp || isUp(state)) {
    const isShort = isUp(state) && track.hole !== null && at - track.hole.from < HOLE_MS;
    return { track: isShort ? { ...next, hole: null } : next, events: [event], readAgain: false };
  }
  if (track.slot.isHealthy) {
    const hole = { from: at, reason: reason ?? 'the session ended' };
    return { track: { ...next, hole }, events: [event], readAgain: false };
  }
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
  const hole = track.isLost ? null : track.hole;
  const isDoubtful = isContradiction || (isNews && !track.isLost && !isFirst);
  if (isDoubtful && !conclusive && hole === null) return { track, events: [], readAgain: true };
  const events: TrackedEvent[] = [];
  if (hole !== null)
    events.push({
      event: gap(hole.from, at, `no post came while there was no session: ${hole.reason}`),
      source,
      at,
    });
  if (isContradiction && hole === null)
    events.push({
      event: gap(track.agreedAt, at, `the device says ${state}, the record said ${track.presence}`),
      source,
      at,
    });
  if (isFirst || hole !== null || track.isLost || isNews || state !== track.presence || count !== track.count)
    events.push({ event: { kind: 'snapshot', path: null, payload: { leaves } }, source, at });
  return {
    track: { ...track, presence: state, count, words, agreedAt: at, isLost: false, hole: null },
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

/**
 * The slot was looked at, or was shown not to deliver. After it did not
 * (`doubt`), a look that finds it well is not enough: the device turns it off
 * only after many failures, and roomd turns it on again. A post is needed, and
 * until one comes the session is what counts.
 * @param reason why nothing is known from now on, where no session is left either
 */
export function heardSlot(
  track: Track,
  isWell: boolean,
  at: number,
  { reason = 'the feedback slot failed', doubt = null }: { reason?: string; doubt?: string | null } = {},
): Step {
  const { slot } = track;
  const isHealthy = isWell && slot.doubt === null;
  const event: TrackedEvent = {
    event: { kind: 'slot', path: null, payload: { healthy: isHealthy } },
    source: 'roomd',
    at,
  };
  const events = isHealthy === slot.isHealthy ? [] : [event];
  const next = {
    ...track,
    slot: {
      isHealthy,
      confirmedAt: isHealthy ? at : slot.confirmedAt,
      isSeenWell: isWell,
      doubt: isWell ? slot.doubt : (doubt ?? slot.doubt),
    },
    hole: confirmed(track.hole, isHealthy, at),
  };
  // Whatever was posted while nobody listened is lost, so the state is read when the channel changes.
  if (isHealthy || isUp(track.session))
    return { track: next, events, readAgain: events.length > 0 && (track.isLost || !isHealthy) };
  if (!slot.isHealthy) return { track: next, events, readAgain: false };
  // What a session that was up had told is on record up to its end.
  const from = Math.max(slot.confirmedAt, track.agreedAt, track.hole?.from ?? 0);
  const lost = lose(next, { from, at, reason });
  return { ...lost, events: [...events, ...lost.events] };
}

/** Posts do not come, as the session told of what they should have brought; the device itself says that its slot is well. */
export function postsMissed(track: Track, at: number, doubt: string): Step {
  const step = heardSlot(track, false, at, { doubt });
  return {
    ...step,
    track: { ...step.track, slot: { ...step.track.slot, isSeenWell: track.slot.isSeenWell } },
  };
}

/** Trust in a slot ends when neither a post nor a look at it confirmed it for `trustMs` and no session is up either. */
export function trustExpired(track: Track, at: number, trustMs: number): Step {
  const { isHealthy, confirmedAt } = track.slot;
  if (!isHealthy || isUp(track.session) || at - confirmedAt <= trustMs) return quiet(track);
  return heardSlot(track, false, at, { reason: 'neither a session nor a post tells of the device' });
}

/** What speaks for the slot ends a hole up to there. */
function confirmed(hole: Track['hole'], isHealthy: boolean, at: number): Track['hole'] {
  return hole === null || !isHealthy ? hole : { ...hole, from: at };
}

/** No channel is left: nothing is known from `from` on. */
export function lose(track: Track, { from, at, reason }: { from: number; at: number; reason: string }): Step {
  if (track.isLost && track.presence === 'unknown') return quiet(track);
  return {
    track: { ...track, presence: 'unknown', count: null, words: NO_WORDS, isLost: true, hole: null },
    events: [{ event: gap(from, null, reason), source: 'roomd', at }],
    readAgain: false,
  };
}

export function isUp(session: SessionState | null): boolean {
  return session === 'up' || session === 'up-https';
}

/**
 * A post proves the slot. One that a look found failed is trusted again only
 * after a look that finds it well, unless there is no session.
 */
function heardPost(track: Track, at: number): Track {
  const { slot } = track;
  const isHealthy = slot.isHealthy || !isUp(track.session) || (slot.doubt !== null && slot.isSeenWell);
  return {
    ...track,
    slot: { ...slot, isHealthy, confirmedAt: at, doubt: isHealthy ? null : slot.doubt },
    hole: confirmed(track.hole, isHealthy, at),
    isLost: track.isLost && !isHealthy,
  };
}

function gap(from: number, to: number | null, reason: string): FeedbackEvent {
  return { kind: 'gap', path: null, payload: { from, to, reason } };
}

function quiet(track: Track): Step {
  return { track, events: [], readAgain: false };
}
