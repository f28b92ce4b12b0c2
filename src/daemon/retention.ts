import type { Projector } from '../feedback/projector.ts';
import { deleteUtilisationBefore } from '../feedback/utilisation/store.ts';
import type { RetentionMs } from '../fleet/fleet.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { deleteBefore } from '../storage/retention.ts';
import type { Tables } from '../storage/tables.ts';

const EVERY_MS = 6 * 60 * 60_000;

/** Which setting keeps a table's rows, and from which of their times on. */
const KEPT: readonly [keyof Tables, string, keyof RetentionMs][] = [
  ['event', 'received_at', 'events'],
  ['presence', 'to_at', 'presence'],
  ['call', 'started_at', 'calls'],
  ['booking', 'start_at', 'bookings'],
  ['measurement', 'at', 'sensors'],
  ['measurement_hour', 'hour_at', 'presence'],
  ['span', 'to_at', 'spans'],
  ['alert', 'resolved_at', 'presence'],
  ['maintenance', 'until_at', 'presence'],
  ['conversation', 'begun_at', 'presence'],
  ['people_count', 'to_at', 'presence'],
];

interface Collaborators {
  readonly database: Database;
  readonly projector: Projector;
  /** Lets go of content that nothing names any more. */
  readonly collect: () => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletes what is older than the file wants to keep, and content that nothing names any more, every few hours, in small pieces. */
export class Retention implements Part {
  readonly name = 'retention';
  readonly #retentionMs: () => RetentionMs;
  readonly #collaborators: Collaborators;
  readonly #stopping = new AbortController();
  #cancel: (() => void) | null = null;
  #working: Promise<void> = Promise.resolve();

  constructor({ retentionMs }: { retentionMs: () => RetentionMs }, collaborators: Collaborators) {
    this.#retentionMs = retentionMs;
    this.#collaborators = collaborators;
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
    const { database, projector, collect, clock, logger } = this.#collaborators;
    const { signal } = this.#stopping;
    const keep = this.#retentionMs();
    const now = clock.now();
    try {
      // Whatever the events to be deleted began must be able to go on without them.
      await projector.detach(now - keep.events, { signal });
      for (const [table, column, kind] of KEPT)
        await deleteBefore(database, table, column as never, now - keep[kind], { signal });
      await deleteUtilisationBefore(database, now - keep.utilisation, { signal });
      if (!signal.aborted) await collect();
    } catch (error) {
      if (!signal.aborted) logger.warn({ error: messageOf(error) }, 'Old facts could not be deleted');
    }
    if (signal.aborted) return;
    this.#cancel = clock.after(EVERY_MS, () => {
      this.#working = this.#prune();
    });
  }
}
