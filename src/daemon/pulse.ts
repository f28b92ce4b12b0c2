import { withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { StorageError } from '../storage/errors.ts';
import { getFact, setFact } from '../storage/facts.ts';

export interface PulseOptions {
  /** The database is asked this often. */
  readonly everyMs: number;
  /** One that has not answered by then hangs. */
  readonly deadlineMs: number;
}

const FACT = 'pulse-at';

/** When a daemon last showed that it writes to the database, UTC milliseconds; null: none ever did. */
export async function lastAliveAt(database: Database): Promise<number | null> {
  const at = await getFact(database, FACT);
  return at === null ? null : Number(at);
}

/**
 * Asks the database for a write and a read every few seconds, so that health
 * and the watchdog speak of now and not of the last post. A thread that died
 * cannot come back in this process: `onDeath` hears of it, once.
 */
export class Pulse implements Part {
  readonly name = 'pulse';
  readonly #options: PulseOptions;
  readonly #database: Database;
  readonly #onDeath: (error: StorageError) => void;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #trouble: string | null = null;
  #isRunning = false;
  #cancel: () => void = () => undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(
    options: PulseOptions,
    parts: { database: Database; onDeath: (error: StorageError) => void; clock: Clock; logger: Logger },
  ) {
    this.#options = options;
    this.#database = parts.database;
    this.#onDeath = parts.onDeath;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    await this.#beat();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    await this.#beating;
  }

  /** Why the database cannot be relied on now, in a sentence; null while it can. */
  trouble(): string | null {
    return this.#trouble;
  }

  /** Whether the database answered lately, if only by saying what is wrong: a full disk is no reason to be restarted. */
  isAlive(): boolean {
    const { everyMs, deadlineMs } = this.#options;
    return this.#clock.monotonic() - this.#answeredAt <= 2 * (everyMs + deadlineMs);
  }

  #beat(): Promise<void> {
    this.#beating = this.#ask().then((trouble) => {
      this.#note(trouble);
      if (this.#isRunning) this.#cancel = this.#clock.after(this.#options.everyMs, () => void this.#beat());
    });
    return this.#beating;
  }

  async #ask(): Promise<string | null> {
    const { deadlineMs } = this.#options;
    try {
      await withDeadline(
        { what: 'a write to the database', afterMs: deadlineMs, clock: this.#clock },
        async (signal) => {
          await setFact(this.#database, FACT, String(this.#clock.now()), { signal });
          await getFact(this.#database, FACT, { signal });
        },
      );
      this.#answeredAt = this.#clock.monotonic();
      return null;
    } catch (error) {
      if (error instanceof StorageError) {
        if (error.code === 'crashed') this.#die(error);
        else this.#answeredAt = this.#clock.monotonic();
      }
      return messageOf(error);
    }
  }

  #die(error: StorageError): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#onDeath(error);
  }

  #note(trouble: string | null): void {
    if (trouble !== null && this.#trouble === null)
      this.#logger.error({ reason: trouble }, 'The database cannot be written');
    if (trouble === null && this.#trouble !== null) this.#logger.info({}, 'The database is written again');
    this.#trouble = trouble;
  }
}
