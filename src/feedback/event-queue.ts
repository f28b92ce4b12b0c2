import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { StorageError } from '../storage/errors.ts';
import { appendEvents, type NewEvent } from '../storage/events.ts';

export interface EventQueueOptions {
  /** Beyond so many waiting events new ones are dropped; 20,000 when left out. */
  readonly maxWaiting?: number;
  readonly retryMs?: number;
  /** Told, once there is room again, from when on a device's events were dropped. */
  readonly onDropped: (deviceId: number, since: number) => void;
}

interface Collaborators {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const BATCH = 500;

/**
 * Events that nobody can send again. They go to the database at once and in
 * order, so that whatever is written later comes later in the log. What it
 * does not take waits here up to a bound; beyond it events are dropped, and
 * their devices owe a gap.
 */
export class EventQueue {
  readonly #maxWaiting: number;
  readonly #retryMs: number;
  readonly #onDropped: (deviceId: number, since: number) => void;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #owed = new Map<number, number>();
  readonly #sending = new Set<Promise<void>>();
  /** Batches that failed, by the order of their sending. */
  readonly #failed = new Map<number, readonly NewEvent[]>();
  #sendings = 0;
  #waiting: NewEvent[] = [];
  #retrying: Promise<void> | null = null;
  #stopping = new AbortController();

  constructor(
    { maxWaiting = 20_000, retryMs = 1_000, onDropped }: EventQueueOptions,
    { database, clock, logger }: Collaborators,
  ) {
    this.#maxWaiting = maxWaiting;
    this.#retryMs = retryMs;
    this.#onDropped = onDropped;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  push(events: readonly NewEvent[]): void {
    for (const event of events) this.#take(event);
    if (this.#retrying === null && this.#waiting.length > 0) this.#send();
  }

  /** Resolves once everything pushed before is on the disk; does not while the database cannot be written. */
  async flushed(): Promise<void> {
    while (this.#sending.size > 0 || this.#retrying !== null) {
      await Promise.all([...this.#sending, this.#retrying]);
    }
  }

  /** One last attempt at what waits. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the event queue stops'));
    await this.flushed();
  }

  #take(event: NewEvent): void {
    const { deviceId } = event;
    const isFull = this.#waiting.length >= this.#maxWaiting;
    if (isFull && deviceId !== null && !this.#owed.has(deviceId)) this.#owed.set(deviceId, event.receivedAt);
    // After a hole nothing of the device is taken until its gap stands in the log.
    if (isFull || (deviceId !== null && this.#owed.has(deviceId))) return;
    this.#waiting.push(event);
  }

  #send(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const order = this.#sendings;
    this.#sendings += 1;
    const sent = this.#append(batch).then((error) => {
      this.#sending.delete(sent);
      if (error === null) return;
      this.#failed.set(order, batch);
      this.#retrying ??= this.#retry(error);
    });
    this.#sending.add(sent);
  }

  /** Batches that were on their way together may fail in any order; they go back in the one they were sent in. */
  async #retry(why: string): Promise<void> {
    this.#logger.error({ error: why }, 'events cannot be stored and wait');
    await Promise.all(this.#sending);
    const inOrder = [...this.#failed].toSorted(([one], [other]) => one - other);
    this.#failed.clear();
    this.#waiting = [...inOrder.flatMap(([, batch]) => batch), ...this.#waiting];
    while (this.#waiting.length > 0) {
      const isLast = this.#stopping.signal.aborted;
      if (!isLast) await this.#rest();
      const batch = this.#waiting.slice(0, BATCH);
      const isTaken = (await this.#append(batch)) === null;
      if (isTaken) this.#waiting = this.#waiting.slice(batch.length);
      if (isTaken) this.#settleOwed();
      else if (isLast) break;
    }
    this.#retrying = null;
    if (this.#waiting.length === 0) this.#logger.info({}, 'events are stored again');
  }

  /** Until the next attempt; a stop ends it early. */
  async #rest(): Promise<void> {
    try {
      await sleep(this.#retryMs, this.#clock, { signal: this.#stopping.signal });
    } catch {
      // Only the stop ends a sleep; the loop sees it.
    }
  }

  /** @returns why the batch is still to be written, null when it is done with */
  async #append(batch: readonly NewEvent[]): Promise<string | null> {
    try {
      await appendEvents(this.#database, batch);
    } catch (error) {
      const isRefused = error instanceof StorageError && error.code === 'constraint';
      if (!isRefused) return messageOf(error);
      await this.#appendEach(batch);
    }
    return null;
  }

  /** One event that the database refuses (its device is unknown) must not hold up the others. */
  async #appendEach(batch: readonly NewEvent[]): Promise<void> {
    const results = await Promise.allSettled(batch.map((event) => appendEvents(this.#database, [event])));
    const refused = results.filter((result) => result.status === 'rejected');
    if (refused.length > 0) {
      this.#logger.error(
        { refused: refused.length, error: messageOf(refused[0]?.reason) },
        'events were refused by the database and are lost',
      );
    }
  }

  #settleOwed(): void {
    if (this.#waiting.length > this.#maxWaiting / 2) return;
    const owed = [...this.#owed];
    this.#owed.clear();
    for (const [deviceId, since] of owed) this.#onDropped(deviceId, since);
  }
}
