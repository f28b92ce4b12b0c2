import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Database } from '../storage/database.ts';
import { getFact, setFact } from '../storage/facts.ts';
import { type Decision, decideMinute, decideMissed, MINUTE_MS, planMinutes, type Watched } from './tick.ts';

export interface TickerOptions {
  /** A minute up to this old is still in time. */
  readonly onTimeMs: number;
  /** The clock is looked at this often at least, so that a jump is noticed soon. */
  readonly lookMs: number;
}

/** The last minute that was looked at, and the schedules that were known then. */
interface Mark {
  readonly minute: number;
  readonly schedules: Readonly<Record<string, string>>;
}

const FACT = 'macros.tick';

/** Looks at the clock and hands on what each UTC minute asks for; remembers over restarts how far it came. */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #clock: Clock;
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #watched: () => readonly Watched[];
  readonly #act: (decision: Decision) => Promise<void>;
  #mark: Mark | null = null;
  #callOff: (() => void) | null = null;
  #looking: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(
    options: TickerOptions,
    parts: {
      clock: Clock;
      database: Database;
      logger: Logger;
      watched: () => readonly Watched[];
      /** Resolves once the decision is recorded; rejects where it could not be. */
      act: (decision: Decision) => Promise<void>;
    },
  ) {
    this.#options = options;
    this.#clock = parts.clock;
    this.#database = parts.database;
    this.#logger = parts.logger;
    this.#watched = parts.watched;
    this.#act = parts.act;
  }

  async start(): Promise<void> {
    const stored = await getFact(this.#database, FACT);
    this.#mark = stored === null ? null : (JSON.parse(stored) as Mark);
    this.#isRunning = true;
    this.#turn();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#callOff?.();
    await this.#looking;
  }

  /** Looks now and, when that is done, again at the next minute. */
  #turn(): void {
    this.#looking = this.#look()
      .catch((error: unknown) => {
        // The mark stays, so the next look asks for the same minutes; what was recorded does not run again.
        this.#logger.error({ error: messageOf(error) }, 'due macros could not be recorded');
      })
      .then(() => {
        if (!this.#isRunning) return;
        const now = this.#clock.now();
        const toNextMinute = MINUTE_MS - (now % MINUTE_MS);
        this.#callOff = this.#clock.after(Math.min(toNextMinute, this.#options.lookMs), () => this.#turn());
      });
  }

  async #look(): Promise<void> {
    const now = this.#clock.now();
    const watched = this.#watched();
    const plan = planMinutes({ last: this.#mark?.minute ?? null, now, onTimeMs: this.#options.onTimeMs });
    if (plan.last === this.#mark?.minute) return;
    const known = watched.filter(
      ({ macro, schedules }) => this.#mark?.schedules[macro] === textOf(schedules),
    );
    const decisions = [
      ...(plan.missed === null ? [] : decideMissed(known, { ...plan.missed, now })),
      ...plan.due.flatMap((minute) => decideMinute(watched, minute)),
    ];
    await Promise.all(decisions.map((decision) => this.#act(decision)));
    const mark = {
      minute: plan.last,
      schedules: Object.fromEntries(watched.map(({ macro, schedules }) => [macro, textOf(schedules)])),
    };
    await setFact(this.#database, FACT, JSON.stringify(mark));
    this.#mark = mark;
  }
}

/** A macro whose schedule is new since the last look missed nothing. */
function textOf(schedules: Watched['schedules']): string {
  return schedules.map(({ text }) => text).join('; ');
}
