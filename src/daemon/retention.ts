import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { deleteBefore } from '../storage/retention.ts';

const EVERY_MS = 6 * 60 * 60_000;

/** Deletes what is older than the file wants to keep, every few hours, in small pieces. */
export class Retention implements Part {
  readonly name = 'retention';
  readonly #retentionMs: () => { readonly events: number; readonly presence: number };
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #cancel: (() => void) | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor(
    { retentionMs }: { retentionMs: () => { readonly events: number; readonly presence: number } },
    { database, clock, logger }: { database: Database; clock: Clock; logger: Logger },
  ) {
    this.#retentionMs = retentionMs;
    this.#database = database;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#working = this.#prune();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel?.();
    await this.#working;
  }

  async #prune(): Promise<void> {
    const { signal } = this.#stopping;
    const { events, presence } = this.#retentionMs();
    const now = this.#clock.now();
    try {
      await deleteBefore(this.#database, 'event', 'received_at', now - events, { signal });
      await deleteBefore(this.#database, 'presence', 'to_at', now - presence, { signal });
      await deleteBefore(this.#database, 'alert', 'resolved_at', now - presence, { signal });
      await deleteBefore(this.#database, 'maintenance', 'until_at', now - presence, { signal });
      await deleteBefore(this.#database, 'conversation', 'begun_at', now - presence, { signal });
    } catch (error) {
      if (!signal.aborted) this.#logger.warn({ error: messageOf(error) }, 'Old facts could not be deleted');
    }
    if (signal.aborted) return;
    this.#cancel = this.#clock.after(EVERY_MS, () => {
      this.#working = this.#prune();
    });
  }
}
