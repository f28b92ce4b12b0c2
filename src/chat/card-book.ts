import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import type { Deed } from './deed.ts';
import type { Writer } from './who.ts';

/** Somebody's choice, counted from 1. */
export interface Choice {
  readonly choice: number;
  readonly by: Writer;
}

/** What stands in a space and waits for somebody: a card, or a question in words. Plain data, kept in the database. */
export type Waiting = OpenQuestion | MacroCard;

export interface OpenQuestion {
  readonly kind: 'question';
  readonly text: string;
  readonly options: readonly string[];
  /** The message in whose thread it is asked; null: by itself. */
  readonly thread: string | null;
  /** What is done where the answer is yes, also when nobody waits for it any more; null for one that only its run can use. */
  readonly deed: Deed | null;
}

export interface MacroCard {
  readonly kind: 'macro';
  /** What its buttons may say. */
  readonly words: readonly string[];
  readonly deviceId: number | null;
}

/** Where an answer was given. */
export interface Where {
  readonly roomId: string;
  /** The card's message; null for an answer in words. */
  readonly messageId: string | null;
}

type Decide = (choice: Choice) => void;

const MOST_WAITING = 500;

/**
 * The nonces that roomd gave out and nobody used: each is good for one answer,
 * at the place where it was asked, until it expires, also after a restart.
 */
export class CardBook {
  readonly #database: Database;
  readonly #clock: Clock;
  /** Whoever waits for the answer, as long as roomd has not been restarted. */
  readonly #deciders = new Map<string, Decide>();

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws StorageError */
  async open(
    nonce: string,
    waiting: Waiting,
    { expiresAt, decide = null }: { expiresAt: number; decide?: Decide | null },
  ): Promise<void> {
    const { query } = this.#database;
    const now = this.#clock.now();
    const key = keyOf(nonce);
    if (decide !== null) this.#deciders.set(key, decide);
    const kept = query
      .selectFrom('chat_card')
      .select('key')
      .orderBy('opened_at', 'desc')
      .limit(MOST_WAITING - 1);
    await this.#database.write([
      query
        .deleteFrom('chat_card')
        .where((is) => is.or([is('expires_at', '<=', now), is('key', 'not in', kept)])),
      query.insertInto('chat_card').values({
        key,
        waiting_json: JSON.stringify(waiting),
        room_id: null,
        message_id: null,
        opened_at: now,
        expires_at: expiresAt,
      }),
    ]);
  }

  /** Says where it stands by now. */
  async place(nonce: string, { roomId, messageId }: Where): Promise<void> {
    const statement = this.#database.query
      .updateTable('chat_card')
      .set({ room_id: roomId, message_id: messageId })
      .where('key', '=', keyOf(nonce));
    await this.#database.write([statement]);
  }

  /** What waits for this nonce there, unused and in time; null where nothing does. */
  async find(nonce: string, where: Where): Promise<Waiting | null> {
    const [row] = await this.#database.read(
      // By a digest, so that how long a look-up takes tells nothing of the nonces.
      this.#database.query.selectFrom('chat_card').selectAll().where('key', '=', keyOf(nonce)),
    );
    if (row === undefined || row.room_id !== where.roomId || row.message_id !== where.messageId) return null;
    return row.expires_at > this.#clock.now() ? (JSON.parse(row.waiting_json) as Waiting) : null;
  }

  /** Who waits for the answer to a question; null where that was before a restart. */
  decider(nonce: string): Decide | null {
    return this.#deciders.get(keyOf(nonce)) ?? null;
  }

  /** Uses the nonce up; false where it was used up before, so that of two at once one counts. */
  async close(nonce: string): Promise<boolean> {
    this.leave(nonce);
    const statement = this.#database.query.deleteFrom('chat_card').where('key', '=', keyOf(nonce));
    const [result] = await this.#database.write([statement]);
    return (result?.changes ?? 0) > 0;
  }

  /** Nobody here waits for its answer any more; it is good all the same. */
  leave(nonce: string): void {
    this.#deciders.delete(keyOf(nonce));
  }
}

function keyOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('hex');
}
