import type { SourceName } from '../../fleet/inventory/inventory-section.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { InventoryDesk } from './desk.ts';

export interface InventoryWatchOptions {
  readonly source: SourceName;
  /** The first wait after a pull that failed; it doubles up to how often is pulled. */
  readonly retryFirstMs: number;
}

/** The file is looked at this often, so that a section that changed is noticed. */
const LOOK_MS = 15_000;

/**
 * Pulls from one source at the start, on the file's interval, and when its
 * section changes. A source that is down keeps nothing waiting: what it told last counts.
 */
export class InventoryWatch implements Part {
  readonly name: string;
  readonly #options: InventoryWatchOptions;
  readonly #desk: InventoryDesk;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #cancel: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();
  #pulledFor = '';
  #dueAt = 0;
  #failures = 0;

  constructor(
    options: InventoryWatchOptions,
    modules: { desk: InventoryDesk; clock: Clock; random: Random; logger: Logger },
  ) {
    this.name = `inventory ${options.source}`;
    this.#options = options;
    this.#desk = modules.desk;
    this.#clock = modules.clock;
    this.#random = modules.random;
    this.#logger = modules.logger;
  }

  async start(): Promise<void> {
    this.#turn();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel();
    await this.#working;
  }

  #turn(): void {
    const { signal } = this.#stopping;
    this.#working = this.#look()
      .catch((error: unknown) => {
        if (!signal.aborted)
          this.#logger.error(
            { source: this.#options.source, error: messageOf(error) },
            'The inventory could not be kept',
          );
      })
      .then(() => {
        if (signal.aborted) return;
        const dueInMs = Math.max(1, this.#dueAt - this.#clock.monotonic());
        this.#cancel = this.#clock.after(Math.min(LOOK_MS, dueInMs), () => this.#turn(), { unref: true });
      });
  }

  async #look(): Promise<void> {
    const { source } = this.#options;
    const section = this.#desk.section(source);
    const demand = this.#desk.demand(source);
    const isOther = demand !== this.#pulledFor;
    this.#pulledFor = demand;
    if (section === null) {
      this.#dueAt = Number.POSITIVE_INFINITY;
      return;
    }
    if (!isOther && this.#clock.monotonic() < this.#dueAt) return;
    // Whatever comes of it, it is not tried at once again.
    this.#dueAt = this.#clock.monotonic() + section.everyMs;
    const { signal } = this.#stopping;
    try {
      const taken = await this.#desk.pull(source, { signal });
      this.#failures = 0;
      this.#dueAt = this.#clock.monotonic() + section.everyMs;
      this.#logger.info(
        { source, devices: taken?.devices.length ?? 0, changes: taken?.changes.length ?? 0 },
        'The inventory was pulled',
      );
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(error, section.everyMs);
    }
  }

  #failed(error: unknown, everyMs: number): void {
    this.#failures += 1;
    const isPassing = !(error instanceof RoomdError) || error.retryable;
    const backoff = { firstMs: this.#options.retryFirstMs, mostMs: everyMs };
    const waitMs = isPassing ? backoffMs(this.#failures, backoff, this.#random) : everyMs;
    this.#dueAt = this.#clock.monotonic() + waitMs;
    this.#logger.warn(
      { source: this.#options.source, error: messageOf(error), waitMs },
      'The inventory could not be pulled: what it told last counts',
    );
  }
}
