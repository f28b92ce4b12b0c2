import { fanOut } from './abort.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { RoomdError } from './errors.ts';
import type { Part } from './lifecycle.ts';
import type { Random } from './random.ts';

/** What a run asks for next; null waits until somebody adds the key again. */
export interface RunResult {
  readonly requeueAfterMs: number | null;
}

export interface KeyedQueueOptions {
  readonly name: string;
  /** Keys that run at the same time. */
  readonly concurrency: number;
  readonly backoff: BackoffOptions;
}

export interface KeyedQueueModules {
  /** Looks at the key's whole state anew; it is told who, never what happened. */
  readonly run: (key: string, signal: AbortSignal) => Promise<RunResult>;
  /** Told of each failed run: `willRetry` is false for an error that is not retryable. */
  readonly onFailure: (key: string, error: unknown, willRetry: boolean) => void;
  readonly clock: Clock;
  readonly random: Random;
}

interface Entry {
  dueAt: number;
  running: boolean;
  /** Added again while running: runs once more right after, or after the back-off where the run fails. */
  again: boolean;
  /** Removed while running: forgotten when the run ends, unless it is added again before. */
  removed: boolean;
  failures: number;
}

/**
 * A level-triggered work queue: keys are de-duplicated, a key never runs twice
 * at once, whoever has been due for longest runs first. A failed run comes back
 * with back-off, one that is not retryable does not come back until it is added.
 */
export class KeyedQueue implements Part {
  readonly name: string;
  readonly #options: KeyedQueueOptions;
  readonly #modules: KeyedQueueModules;
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #cancelTimer: (() => void) | null = null;
  #started = false;

  constructor(options: KeyedQueueOptions, modules: KeyedQueueModules) {
    this.name = options.name;
    this.#options = options;
    this.#modules = modules;
  }

  async start(): Promise<void> {
    fanOut(this.#abort.signal);
    this.#started = true;
    this.#pump();
  }

  /** Aborts what runs and waits for it. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#cancelTimer?.();
    this.#entries.clear();
    this.#abort.abort(new Error(`${this.name} stops`));
    await Promise.allSettled(this.#running);
  }

  /** Asks for a run of the key, at the latest `afterMs` from now; an earlier request stands. */
  add(key: string, afterMs = 0): void {
    if (this.#abort.signal.aborted) return;
    const dueAt = this.#modules.clock.monotonic() + afterMs;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, { dueAt, running: false, again: false, removed: false, failures: 0 });
    } else {
      entry.removed = false;
      if (entry.running && afterMs === 0) entry.again = true;
      else entry.dueAt = Math.min(entry.dueAt, dueAt);
    }
    this.#pump();
  }

  /** Forgets a key; a run under way ends by itself and is not repeated. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.running !== true) this.#entries.delete(key);
    else Object.assign(entry, { removed: true, again: false, dueAt: Number.POSITIVE_INFINITY });
  }

  get inFlight(): number {
    return this.#running.size;
  }

  #pump(): void {
    if (!this.#started) return;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const now = this.#modules.clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    const due: [string, Entry][] = [];
    for (const [key, entry] of this.#entries) {
      if (entry.running) continue;
      if (entry.dueAt > now) next = Math.min(next, entry.dueAt);
      else due.push([key, entry]);
    }
    const free = this.#options.concurrency - this.#running.size;
    if (due.length > free) due.sort(([, one], [, other]) => one.dueAt - other.dueAt);
    for (const [key, entry] of due.slice(0, free)) this.#begin(key, entry);
    if (next !== Number.POSITIVE_INFINITY) {
      this.#cancelTimer = this.#modules.clock.after(next - now, () => this.#pump());
    }
  }

  #begin(key: string, entry: Entry): void {
    entry.running = true;
    entry.again = false;
    entry.dueAt = Number.POSITIVE_INFINITY;
    const work = this.#runOnce(key, entry).finally(() => {
      this.#running.delete(work);
      this.#pump();
    });
    this.#running.add(work);
  }

  async #runOnce(key: string, entry: Entry): Promise<void> {
    let waitMs: number | null;
    try {
      waitMs = (await this.#modules.run(key, this.#abort.signal)).requeueAfterMs;
      entry.failures = 0;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      waitMs = this.#afterFailure(key, entry, error);
    }
    entry.running = false;
    if (entry.removed) {
      this.#entries.delete(key);
      return;
    }
    const now = this.#modules.clock.monotonic();
    // What failed a moment ago is not tried again at once, whoever asked meanwhile.
    if (entry.again && (entry.failures === 0 || waitMs === null)) entry.dueAt = now;
    else if (waitMs !== null) entry.dueAt = Math.min(entry.dueAt, now + waitMs);
    if (entry.dueAt === Number.POSITIVE_INFINITY) this.#entries.delete(key);
  }

  #afterFailure(key: string, entry: Entry, error: unknown): number | null {
    const willRetry = !(error instanceof RoomdError) || error.retryable;
    entry.failures += 1;
    this.#modules.onFailure(key, error, willRetry);
    return willRetry ? backoffMs(entry.failures, this.#options.backoff, this.#modules.random) : null;
  }
}
