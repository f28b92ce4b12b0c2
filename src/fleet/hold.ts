import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, ownEvent } from '../storage/events.ts';
import type { DesiredDevice } from './fleet.ts';
import { matches, parseSelector } from './selector.ts';

/** A stop to every write and every macro, for the whole fleet (`selector` null) or a part. */
export interface Hold {
  readonly id: string;
  readonly selector: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly sinceAt: number;
}

/** The holds in force: in the database, and here for the question that every write asks. */
export class Holds {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;
  #holds: readonly Hold[] = [];

  constructor({ database, clock, newId }: { database: Database; clock: Clock; newId: NewId }) {
    this.#database = database;
    this.#clock = clock;
    this.#newId = newId;
  }

  /** Reads the holds in force; call before the first question and whenever another process may have changed them. */
  async load(): Promise<void> {
    const rows = await this.#database.read(
      this.#database.query
        .selectFrom('hold')
        .selectAll()
        .where('released_at', 'is', null)
        .orderBy('since_at'),
    );
    this.#holds = rows.map(({ id, selector, reason, actor, since_at }) => ({
      id,
      selector,
      reason,
      actor,
      sinceAt: since_at,
    }));
  }

  list(): readonly Hold[] {
    return this.#holds;
  }

  /** Why nothing may be done anywhere; null where no hold is over the whole fleet. */
  overAll(): string | null {
    const hold = this.#holds.find(({ selector }) => selector === null);
    return hold === undefined ? null : saying(hold);
  }

  /** Why nothing may be written to this device, in a sentence; null where nothing holds it. */
  over(device: DesiredDevice): string | null {
    const hold = this.#holds.find(
      ({ selector }) => selector === null || matches(parseSelector(selector), device),
    );
    return hold === undefined ? null : saying(hold);
  }

  /** @throws SelectorError for a selector that cannot be read */
  async place({ selector, reason, actor }: Pick<Hold, 'selector' | 'reason' | 'actor'>): Promise<Hold> {
    if (selector !== null) parseSelector(selector);
    const hold = { id: this.#newId(), selector, reason, actor, sinceAt: this.#clock.now() };
    // In force at once: what is about to be written must not slip past while it is being stored.
    this.#holds = [...this.#holds, hold];
    try {
      await appendEvents(
        this.#database,
        [this.#event({ placed: hold.id, selector, reason, actor })],
        [
          this.#database.query
            .insertInto('hold')
            .values({ id: hold.id, selector, reason, actor, since_at: hold.sinceAt, released_at: null }),
        ],
      );
    } catch (error) {
      this.#holds = this.#holds.filter(({ id }) => id !== hold.id);
      throw error;
    }
    return hold;
  }

  /** Releases the holds with this selector (null: those over the whole fleet; `every`: all); returns those released. */
  async release({
    selector,
    every = false,
    actor,
  }: {
    selector: string | null;
    every?: boolean;
    actor: string;
  }): Promise<readonly Hold[]> {
    const released = this.#holds.filter((hold) => every || hold.selector === selector);
    if (released.length === 0) return [];
    const ids = released.map(({ id }) => id);
    await appendEvents(
      this.#database,
      [this.#event({ released: ids, actor })],
      [
        this.#database.query
          .updateTable('hold')
          .set({ released_at: this.#clock.now() })
          .where('id', 'in', ids),
      ],
    );
    this.#holds = this.#holds.filter(({ id }) => !ids.includes(id));
    return released;
  }

  #event(payload: object) {
    return ownEvent({ deviceId: null, kind: 'hold', payload, at: this.#clock.now() });
  }
}

function saying({ actor, reason }: Hold): string {
  return `held by ${actor}: ${reason}`;
}
