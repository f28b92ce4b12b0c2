import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, ownEvent } from '../storage/events.ts';

/**
 * What the record says of the bot. Words that are no command are not kept.
 *
 * | what | when |
 * |---|---|
 * | command | somebody had it do something, before it is done |
 * | chat | an operator said a word that macros wait for |
 * | card | somebody pressed a button: a decision, or a word that macros wait for |
 * | refused | somebody may not, or a card was forged, used or too old |
 * | forged-post | something was posted that Webex did not sign |
 */
export type ChatDeed = 'command' | 'chat' | 'card' | 'refused' | 'forged-post';

export interface ChatFacts {
  /** `webex:EMAIL`; null where nobody knows. */
  readonly actor: string | null;
  readonly [fact: string]: string | number | null;
}

/** The audit of the bot: events that macros are set off by too. */
export class ChatLog {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws StorageError: what is not on record is not done */
  async record(what: ChatDeed, facts: ChatFacts, deviceId: number | null = null): Promise<void> {
    const at = this.#clock.now();
    await appendEvents(this.#database, [
      ownEvent({ deviceId, kind: 'chat', payload: { what, ...facts }, at }),
    ]);
  }
}
