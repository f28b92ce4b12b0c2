import type { Clock } from '../lib/clock.ts';
import type { FeedbackEvent } from './event.ts';

/** What a session told of that the device's post is still to bring. */
export interface Unconfirmed {
  readonly events: readonly FeedbackEvent[];
  /** When the session told it, UTC milliseconds. */
  readonly at: number;
}

interface Post {
  readonly events: readonly FeedbackEvent[];
  readonly at: number;
}

/** A post may be quicker than the session; one that came this long before may have been the same news. */
const BEFORE_MS = 10_000;
const MOST_POSTS = 8;
/** Beyond so many the webhook is given up at once. */
const MOST_WAITING = 500;

/** @param isEvidence posts were waited for long enough, so that they are surely lost */
type OnUnposted = (held: readonly Unconfirmed[], isEvidence: boolean) => void;

/**
 * Holds what a session told while the webhook is the channel that counts. Any
 * post that comes afterwards shows that the webhook works, and what is held is
 * let go; where none comes within `graceMs`, posts are lost, and what is held
 * is handed out, so that nothing the session heard is lost with them.
 */
export class UnconfirmedNews {
  readonly #graceMs: number;
  readonly #clock: Clock;
  readonly #onUnposted: OnUnposted;
  #held: Unconfirmed[] = [];
  readonly #posts: Post[] = [];
  #callOff: () => void = () => undefined;

  constructor(
    { graceMs, onUnposted }: { graceMs: number; onUnposted: OnUnposted },
    { clock }: { clock: Clock },
  ) {
    this.#graceMs = graceMs;
    this.#onUnposted = onUnposted;
    this.#clock = clock;
  }

  /** The session told this, and a post is to bring it too. */
  hold(events: readonly FeedbackEvent[], at: number): void {
    const awaited = events.filter((event) => !this.#wasPosted(event, at));
    if (awaited.length === 0) return;
    if (this.#held.length === 0) this.#callOff = this.#clock.after(this.#graceMs, () => this.#handOut(true));
    this.#held.push({ events: awaited, at });
    if (this.#held.length >= MOST_WAITING) this.#handOut(true);
  }

  /** A post is on record. */
  posted(events: readonly FeedbackEvent[], at: number): void {
    this.#posts.push({ events, at });
    if (this.#posts.length > MOST_POSTS) this.#posts.shift();
    if (this.#held.length > 0) this.#letGo();
  }

  /** The webhook is not waited for any longer, for reasons that say nothing of it. */
  release(): void {
    this.#handOut(false);
  }

  #handOut(isEvidence: boolean): void {
    const held = this.#held;
    this.#letGo();
    if (held.length > 0) this.#onUnposted(held, isEvidence);
  }

  #letGo(): void {
    this.#callOff();
    this.#held = [];
  }

  #wasPosted(event: FeedbackEvent, at: number): boolean {
    const wanted = namesOf(event);
    return this.#posts.some(
      (post) => at - post.at <= BEFORE_MS && post.events.some((posted) => covers(namesOf(posted), wanted)),
    );
  }
}

function covers(posted: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((name) => posted.includes(name));
}

/** What an event is about: leaves with their values, nodes that are gone, or the event's own path. */
function namesOf({ kind, path, payload }: FeedbackEvent): readonly string[] {
  if (kind !== 'status' && kind !== 'configuration') return [`${kind} ${path}`];
  return [
    ...Object.entries(payload.leaves).map(([leaf, value]) => `${kind} ${leaf}=${value}`),
    ...payload.gone.map((node) => `${kind} ${node} gone`),
  ];
}
