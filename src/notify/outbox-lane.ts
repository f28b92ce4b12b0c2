import { withDeadline } from '../lib/abort.ts';
import { type BackoffOptions, backoffMs } from '../lib/backoff.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { Message, type Notifier, NotifierError } from './notifier.ts';
import type { OutboxRow, OutboxStore } from './outbox-store.ts';

export interface LaneOptions {
  readonly retry: BackoffOptions;
  readonly sendDeadlineMs: number;
  /** How often the table is looked at without being told, for rows that came with someone else's transaction. */
  readonly pollMs: number;
  /** How long a message being sent may still take when the lane stops. */
  readonly stopGraceMs: number;
}

interface LaneModules {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly count: (outcome: 'delivered' | 'failed', notifier: string) => void;
}

/** A rest of the lane; only one for want of messages ends when a message comes. */
interface Rest {
  readonly ms: number;
  readonly isIdle: boolean;
}

const ROWS_READ_AT_ONCE = 100;
/** No wait is longer: a row that is due later than this was written under a clock that went back since. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Delivers the messages of one notifier, one at a time and in order. A message
 * that cannot be delivered now holds back those behind it; one that never can
 * be is marked failed and let aside.
 */
export class OutboxLane {
  readonly notifier: Notifier;
  readonly #options: LaneOptions;
  readonly #modules: LaneModules;
  readonly #stopping = new AbortController();
  readonly #sending = new AbortController();
  #running: Promise<void> | null = null;
  #rows: OutboxRow[] = [];
  #storageFailures = 0;
  #trouble: string | null = null;
  #hasNews = false;
  #rest: { readonly isIdle: boolean; readonly end: () => void } | null = null;
  #onRest: (() => void)[] = [];

  constructor(options: LaneOptions & { notifier: Notifier }, modules: LaneModules) {
    this.notifier = options.notifier;
    this.#options = options;
    this.#modules = modules;
  }

  /** Why the service did not take the message that was tried last; null while it takes them. */
  trouble(): string | null {
    return this.#trouble;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends once the message being sent is settled, or was given up after the grace. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#rest?.end();
    const giveUp = (): void => this.#sending.abort(new Error('roomd is stopping'));
    const cancel = this.#modules.clock.after(this.#options.stopGraceMs, giveUp);
    await this.#running;
    cancel();
  }

  /** Tells it that a message may have come. */
  wake(): void {
    this.#hasNews = true;
    if (this.#rest?.isIdle === true) this.#rest.end();
  }

  /** Resolves once everything is delivered or failed, or the next attempt has to wait. */
  settled(): Promise<void> {
    if (this.#running === null || this.#stopping.signal.aborted || this.#rest?.isIdle === false) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#onRest.push(resolve);
      this.wake();
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const rest = await this.#step();
      if (rest !== null) await this.#pause(rest);
    }
    this.#tellRested();
  }

  async #step(): Promise<Rest | null> {
    try {
      if (this.#rows.length === 0) {
        this.#hasNews = false;
        this.#rows = await this.#modules.store.waiting(this.notifier.name, ROWS_READ_AT_ONCE);
      }
      const row = this.#rows[0];
      if (row === undefined) return { ms: this.#options.pollMs, isIdle: true };
      const dueInMs = row.next_attempt_at - this.#modules.clock.now();
      if (dueInMs > 0 && dueInMs <= LONGEST_WAIT_MS) return { ms: dueInMs, isIdle: false };
      await this.#deliver(row);
      return null;
    } catch (error) {
      return this.#storageRest(error);
    }
  }

  async #deliver(row: OutboxRow): Promise<void> {
    const { store, clock, count } = this.#modules;
    this.#rows.shift();
    const isWaiting = (await store.write(store.begin(row.id))) === 1;
    this.#storageFailures = 0;
    if (!isWaiting) return;
    const { conversation } = row;
    const thread = conversation === null ? null : await store.threadOf(this.notifier.name, conversation);
    const outcome = await this.#send(row, thread);
    if (outcome === null) return;
    this.#trouble = 'receipt' in outcome ? null : messageOf(outcome.error);
    if ('receipt' in outcome) {
      await this.#record(...store.delivered(row, outcome.receipt, clock.now()));
      count('delivered', this.notifier.name);
      return;
    }
    const { error } = outcome;
    if (!(error instanceof RoomdError && error.retryable)) {
      await this.#record(store.failed(row.id, messageOf(error)));
      this.#log('error', { message: row.id, err: error }, 'A message was given up');
      count('failed', this.notifier.name);
      return;
    }
    await this.#postpone(row, error);
  }

  async #postpone(row: OutboxRow, error: RoomdError): Promise<void> {
    const { store, clock } = this.#modules;
    const asked = error instanceof NotifierError ? (error.retryAfterMs ?? 0) : 0;
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(this.#backoffMs(row.attempts + 1), asked));
    if (row.attempts === 0)
      this.#log('warn', { message: row.id, err: error }, 'A message waits for its service');
    this.#rows = [];
    await this.#record(store.postponed(row.id, clock.now() + waitMs, error.message));
  }

  /** Null when the lane was stopped meanwhile: the row keeps waiting. */
  async #send(
    row: OutboxRow,
    thread: string | null,
  ): Promise<{ receipt: string } | { error: unknown } | null> {
    const { clock } = this.#modules;
    const { signal } = this.#sending;
    const what = `sending a message by ${this.notifier.name}`;
    const { sendDeadlineMs: afterMs } = this.#options;
    try {
      const written = Message.parse(JSON.parse(row.message_json));
      const message = thread === null ? written : { ...written, thread };
      return await withDeadline({ what, afterMs, clock, signal }, async (inner) =>
        this.notifier.send(message, { signal: inner, key: row.id }),
      );
    } catch (error) {
      return signal.aborted ? null : { error };
    }
  }

  /**
   * Writes what became of a message. While the database cannot take it the lane
   * goes no further, as a message that is sent and not marked would be sent
   * again; only a process that ends here sends it twice.
   */
  async #record(...statements: Parameters<OutboxStore['write']>): Promise<void> {
    for (;;) {
      try {
        await this.#modules.store.write(...statements);
        this.#storageFailures = 0;
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error;
        await this.#pause(this.#storageRest(error));
      }
    }
  }

  #storageRest(error: unknown): Rest {
    this.#rows = [];
    this.#storageFailures += 1;
    if (this.#storageFailures === 1) this.#log('error', { err: error }, 'The outbox cannot use its database');
    return { ms: this.#backoffMs(this.#storageFailures), isIdle: false };
  }

  #backoffMs(failures: number): number {
    return backoffMs(failures, this.#options.retry, this.#modules.random);
  }

  #pause({ ms, isIdle }: Rest): Promise<void> {
    if (this.#stopping.signal.aborted || (isIdle && this.#hasNews)) return Promise.resolve();
    this.#tellRested();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#rest = null;
        resolve();
      };
      const cancel = this.#modules.clock.after(ms, end);
      this.#rest = { isIdle, end };
    });
  }

  #tellRested(): void {
    for (const resolve of this.#onRest.splice(0)) resolve();
  }

  #log(level: 'warn' | 'error', facts: object, message: string): void {
    this.#modules.logger[level]({ notifier: this.notifier.name, ...facts }, message);
  }
}
