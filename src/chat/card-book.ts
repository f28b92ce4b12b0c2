import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Writer } from './who.ts';

/** Somebody's choice, counted from 1. */
export interface Choice {
  readonly choice: number;
  readonly by: Writer;
}

/** What stands in a space and waits for somebody: a card, or a question in words. */
export type Waiting = { readonly expiresAt: number } & (
  | {
      readonly kind: 'question';
      readonly options: readonly string[];
      readonly decide: (choice: Choice) => void;
    }
  | {
      readonly kind: 'macro';
      /** What its buttons may say. */
      readonly words: ReadonlySet<string>;
      readonly deviceId: number | null;
    }
);

/** Where an answer was given. */
export interface Where {
  readonly roomId: string;
  /** The card's message; null for an answer in words. */
  readonly messageId: string | null;
}

interface Entry {
  readonly waiting: Waiting;
  /** Null until the service has taken it. */
  place: Where | null;
}

const MOST_WAITING = 500;

/**
 * The nonces that roomd gave out and nobody used: each is good for one answer,
 * at the place where it was asked, until it expires.
 */
export class CardBook {
  readonly #clock: Clock;
  /** By a digest, so that how long a look-up takes tells nothing of the nonces. */
  readonly #entries = new Map<string, Entry>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  open(nonce: string, waiting: Waiting): void {
    const now = this.#clock.now();
    for (const [key, entry] of this.#entries)
      if (entry.waiting.expiresAt <= now || this.#entries.size >= MOST_WAITING) this.#entries.delete(key);
    this.#entries.set(keyOf(nonce), { waiting, place: null });
  }

  /** Says where it stands by now. */
  place(nonce: string, place: Where): void {
    const entry = this.#entries.get(keyOf(nonce));
    if (entry !== undefined) entry.place = place;
  }

  /** What waits for this nonce there, unused and in time; null where nothing does. */
  find(nonce: string, where: Where): Waiting | null {
    const entry = this.#entries.get(keyOf(nonce));
    if (entry?.place?.roomId !== where.roomId || entry.place.messageId !== where.messageId) return null;
    return entry.waiting.expiresAt > this.#clock.now() ? entry.waiting : null;
  }

  /** Uses the nonce up. */
  close(nonce: string): void {
    this.#entries.delete(keyOf(nonce));
  }
}

function keyOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('hex');
}
