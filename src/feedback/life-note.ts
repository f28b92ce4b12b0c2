import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';
import { getFact, setFact } from '../storage/facts.ts';

const ALIVE = 'feedback-alive-at';

interface LifeNoteOptions {
  readonly everyMs: number;
  /** Told at the first beat, and at each one after. */
  readonly onBeat: () => void;
}

/** Notes every little while that roomd lives, so that after a kill it is known since when nothing was heard. */
export class LifeNote {
  readonly #options: LifeNoteOptions;
  readonly #database: Database;
  readonly #clock: Clock;
  #isBeating = false;
  #cancel: () => void = () => undefined;
  #beat: Promise<void> = Promise.resolve();

  constructor(options: LifeNoteOptions, { database, clock }: { database: Database; clock: Clock }) {
    this.#options = options;
    this.#database = database;
    this.#clock = clock;
  }

  /** When roomd last noted it, UTC milliseconds; null where it never did. */
  async last(): Promise<number | null> {
    const noted = await getFact(this.#database, ALIVE);
    return noted === null ? null : Number(noted);
  }

  start(): void {
    this.#isBeating = true;
    this.#beat = this.#next();
  }

  async stop(): Promise<void> {
    this.#isBeating = false;
    this.#cancel();
    await this.#beat;
  }

  /** A database that cannot be written makes the gap after a kill longer, which is the truth then. */
  async note(): Promise<void> {
    await setFact(this.#database, ALIVE, String(this.#clock.now())).catch(() => undefined);
  }

  async #next(): Promise<void> {
    const { everyMs, onBeat } = this.#options;
    onBeat();
    await this.note();
    if (!this.#isBeating) return;
    this.#cancel = this.#clock.after(everyMs, () => {
      this.#beat = this.#next();
    });
  }
}
