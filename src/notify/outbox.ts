import type { Compilable } from 'kysely';
import { type AbortOptions, reasonOf } from '../lib/abort.ts';
import type { BackoffOptions } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { RoomdError } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Registry } from '../lib/metrics.ts';
import type { NewId, Random } from '../lib/random.ts';
import type { Database } from '../storage/database.ts';
import type { Message, Notifier } from './notifier.ts';
import { type LaneOptions, OutboxLane } from './outbox-lane.ts';
import { declareOutboxMetrics } from './outbox-metrics.ts';
import { type OutboxRow, OutboxStore } from './outbox-store.ts';

export interface OutboxOptions {
  /** Wait between attempts; from 2 s to 5 min when left out. */
  readonly retry?: BackoffOptions;
  /** For one attempt; 30 s when left out. */
  readonly sendDeadlineMs?: number;
  /** How often the table is looked at for rows that nobody announced; 2 s when left out. */
  readonly pollMs?: number;
  /** How long `stop` waits for a message being sent; 3 s when left out. */
  readonly stopGraceMs?: number;
  /** 7 days when left out. */
  readonly keepDeliveredMs?: number;
  /** 30 days when left out. */
  readonly keepFailedMs?: number;
}

export interface OutboxModules {
  readonly database: Database;
  readonly notifiers: readonly Notifier[];
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly registry?: Registry;
}

/** A message as `list` shows it. Times are UTC milliseconds. */
export interface OutboxEntry {
  readonly id: string;
  readonly notifier: string;
  readonly message: unknown;
  readonly state: OutboxRow['state'];
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAttemptAt: number;
  readonly deliveredAt: number | null;
  readonly receipt: string | null;
  readonly lastError: string | null;
}

/** `unknown-notifier`: no notifier has this name. */
export class OutboxError extends RoomdError<'unknown-notifier'> {}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_LANE: LaneOptions = {
  retry: { firstMs: 2_000, mostMs: 300_000 },
  sendDeadlineMs: 30_000,
  pollMs: 2_000,
  stopGraceMs: 3_000,
};

/**
 * Messages to people, durable until they are delivered. A message counts from
 * the moment its row is committed; what takes it from there never holds up the
 * caller. Each notifier has a lane of its own with one message under way, so
 * that a service that is down or hangs delays only its own messages, and those
 * stay in order.
 *
 * Delivery is at least once: a process that is killed between the service's
 * answer and the mark in the database sends that message again.
 *
 * Messages for a notifier that is no longer in the fleet file keep waiting and
 * go out when it is back.
 */
export class Outbox implements Part {
  readonly name = 'outbox';
  readonly #options: OutboxOptions;
  readonly #modules: OutboxModules;
  readonly #store: OutboxStore;
  readonly #count: (outcome: 'delivered' | 'failed', notifier: string) => void;
  readonly #stopping = new AbortController();
  #notifiers: readonly Notifier[];
  #lanes: readonly OutboxLane[] = [];
  #isRunning = false;
  #lastCreatedAt = 0;
  #cancelPrune: () => void = () => undefined;
  #pruning: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions, modules: OutboxModules) {
    this.#options = options;
    this.#modules = modules;
    this.#notifiers = modules.notifiers;
    this.#store = new OutboxStore(modules);
    this.#count = modules.registry ? declareOutboxMetrics(modules.registry, this.#store) : () => undefined;
  }

  /** Goes on with what is waiting from before. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#lastCreatedAt = Math.max(this.#lastCreatedAt, await this.#store.newestCreatedAt());
    this.#isRunning = true;
    await this.replaceNotifiers(this.#notifiers);
    this.#prune();
  }

  /** Lets the messages being sent finish within the grace; whatever is not delivered keeps waiting in the database. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#stopping.abort();
    this.#cancelPrune();
    await Promise.all([...this.#lanes.map((lane) => lane.stop()), this.#pruning]);
  }

  /** Takes over the notifiers of a reloaded fleet file; a lane whose notifier is the same object goes on undisturbed. One call at a time. */
  async replaceNotifiers(notifiers: readonly Notifier[]): Promise<void> {
    this.#notifiers = notifiers;
    if (!this.#isRunning) return;
    const kept = this.#lanes.filter((lane) => notifiers.includes(lane.notifier));
    const gone = this.#lanes.filter((lane) => !kept.includes(lane));
    await Promise.all(gone.map((lane) => lane.stop()));
    if (!this.#isRunning) return;
    const added = notifiers
      .filter((notifier) => !kept.some((lane) => lane.notifier === notifier))
      .map((notifier) => this.#newLane(notifier));
    this.#lanes = [...kept, ...added];
    for (const lane of added) lane.start();
  }

  /**
   * Resolves with the message's id once it is on the disk.
   * @throws OutboxError `unknown-notifier`; StorageError
   */
  async enqueue(notifier: string, message: Message, options: AbortOptions = {}): Promise<string> {
    const { id, statements } = this.enqueueStatements(notifier, message);
    await this.#modules.database.write(statements, options);
    this.wake();
    return id;
  }

  /**
   * The same as statements for the caller's own transaction; `wake` afterwards
   * spares the message the wait for the next look at the table.
   * @throws OutboxError `unknown-notifier`
   */
  enqueueStatements(notifier: string, message: Message): { id: string; statements: Compilable[] } {
    if (!this.#notifiers.some(({ name }) => name === notifier)) {
      const known = this.#notifiers.map(({ name }) => name).join(', ');
      throw new OutboxError(
        'unknown-notifier',
        `No notifier is called ${notifier}; the fleet file has ${known === '' ? 'none' : known}`,
      );
    }
    const id = this.#modules.newId();
    const dueAt = this.#modules.clock.now();
    // Never the same twice and never back, as it is what the order is kept by.
    const createdAt = Math.max(dueAt, this.#lastCreatedAt + 1);
    this.#lastCreatedAt = createdAt;
    return { id, statements: [this.#store.insert({ id, notifier, message, createdAt, dueAt })] };
  }

  /** Which services take no messages now, in a sentence each; null where all do. */
  trouble(): string | null {
    const troubles = this.#lanes.flatMap((lane) => {
      const trouble = lane.trouble();
      return trouble === null ? [] : [`${lane.notifier.name} takes no messages: ${trouble}`];
    });
    return troubles.length === 0 ? null : troubles.join('; ');
  }

  /** Tells the lanes that messages may have come. */
  wake(): void {
    for (const lane of this.#lanes) lane.wake();
  }

  /** Resolves once no message is left that could be sent now; those that wait out a failure are left waiting. */
  flush({ signal }: AbortOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => reject(reasonOf(signal));
      signal?.addEventListener('abort', onAbort, { once: true });
      void Promise.all(this.#lanes.map((lane) => lane.settled())).then(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  /** The newest messages first; 100 when no limit is given. */
  async list(
    filter: { state?: OutboxRow['state']; conversation?: string; limit?: number } = {},
    options: AbortOptions = {},
  ): Promise<OutboxEntry[]> {
    const rows = await this.#store.list({ ...filter, limit: filter.limit ?? 100 }, options);
    return rows.map(entryOf);
  }

  #newLane(notifier: Notifier): OutboxLane {
    const { clock, random, logger } = this.#modules;
    return new OutboxLane(
      { ...DEFAULT_LANE, ...this.#options, notifier },
      { store: this.#store, clock, random, logger, count: this.#count },
    );
  }

  /** Now and every hour. */
  #prune(): void {
    const { clock, logger } = this.#modules;
    const { keepDeliveredMs = 7 * DAY_MS, keepFailedMs = 30 * DAY_MS } = this.#options;
    const before = { delivered: clock.now() - keepDeliveredMs, failed: clock.now() - keepFailedMs };
    this.#pruning = this.#store.prune(before, this.#stopping.signal).then(
      () => undefined,
      (error: unknown) => logger.warn({ err: error }, 'Old messages could not be deleted from the outbox'),
    );
    this.#cancelPrune = clock.after(HOUR_MS, () => this.#prune(), { unref: true });
  }
}

function entryOf(row: OutboxRow): OutboxEntry {
  return {
    id: row.id,
    notifier: row.notifier,
    message: JSON.parse(row.message_json),
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAttemptAt: row.next_attempt_at,
    deliveredAt: row.delivered_at,
    receipt: row.receipt,
    lastError: row.last_error,
  };
}
