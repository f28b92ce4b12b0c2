import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../../storage/database.ts';
import { rollUp, workOffMarks } from './roll-up.ts';
import { markAgain } from './store.ts';

/** A device may say up to two minutes late that nobody is there (D15502, section 4). What comes later still leaves a mark. */
const GRACE_MS = 3 * 60_000;
const EVERY_MS = 60_000;

interface UtilisationOptions {
  /** How long the records that figures are made of are kept at least, in milliseconds. */
  readonly recordsKeptMs: () => number;
}

interface Collaborators {
  readonly database: Database;
  /** Resolves once everything that was appended before is on record. */
  readonly projectAll: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes utilisation out of the records (presence, people counts, bookings,
 * calls), quarter by quarter once each is settled, and again wherever a record
 * changes afterwards.
 */
export class Utilisation implements Part {
  readonly name = 'utilisation';
  readonly #recordsKeptMs: () => number;
  readonly #collaborators: Collaborators;
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor({ recordsKeptMs }: UtilisationOptions, collaborators: Collaborators) {
    this.#recordsKeptMs = recordsKeptMs;
    this.#collaborators = collaborators;
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#loop = this.#follow(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#loop;
  }

  /** Rolls up what is settled by now, and again what changed. */
  async catchUp(signal: AbortSignal): Promise<void> {
    const { database, projectAll, clock } = this.#collaborators;
    await projectAll();
    const now = clock.now();
    await rollUp(database, now - GRACE_MS, { signal });
    await workOffMarks(database, { keptFrom: now - this.#recordsKeptMs() }, { signal });
  }

  /** Makes the figures of [from, to) again out of the records, as far as these are kept. */
  async rebuild(
    deviceIds: readonly number[],
    { from, to }: { from: number; to: number },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#collaborators.database.write(
      deviceIds.map((id) => markAgain(id, { from, to })),
      { signal },
    );
    await this.catchUp(signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#collaborators;
    let isFailing = false;
    while (!signal.aborted) {
      try {
        await this.catchUp(signal);
        if (isFailing) logger.info({}, 'utilisation is rolled up again');
        isFailing = false;
      } catch (error) {
        if (!isFailing && !signal.aborted)
          logger.error({ error: messageOf(error) }, 'utilisation cannot be rolled up');
        isFailing = true;
      }
      await sleep(EVERY_MS, clock, { signal }).catch(() => undefined);
    }
  }
}
