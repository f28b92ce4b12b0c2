import { type AbortOptions, withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { PullSection } from './inventory-section.ts';
import type { InventoryStore } from './inventory-store.ts';
import { type PulledDevice, type TakenIn, takeIn } from './pulled.ts';
import type { InventorySource } from './source.ts';
import { deviceNameOf } from './template.ts';

/**
 * | code | meaning | retryable |
 * |---|---|---|
 * | found-nothing | the source tells of no device that is selected, where there were some | yes |
 * | secret-missing | the secret of the source's login is not to be had here | no |
 */
export type InventoryErrorCode = 'found-nothing' | 'secret-missing';

export class InventoryError extends RoomdError<InventoryErrorCode> {
  constructor(code: InventoryErrorCode, message: string) {
    super(code, message, { retryable: code === 'found-nothing' });
  }
}

/** A cluster with tens of thousands of phones takes some minutes at fifteen requests each. */
const LONGEST_PULL_MS = 15 * 60_000;

/** Pulls from sources, one pull at a time of each, and keeps only what came whole. */
export class Puller {
  readonly #store: InventoryStore;
  readonly #clock: Clock;
  readonly #oneByOne = new KeyedMutex();

  constructor({ store, clock }: { store: InventoryStore; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What a pull would change; nothing is kept. @throws what the source throws, InventoryError */
  look(source: InventorySource, section: PullSection, options: AbortOptions): Promise<TakenIn> {
    return this.#oneByOne.run(source.name, () => this.#ask(source, section, options));
  }

  /** Pulls and keeps it; that it failed is kept, too. @throws what the source throws, InventoryError */
  pull(source: InventorySource, section: PullSection, options: AbortOptions): Promise<TakenIn> {
    return this.#oneByOne.run(source.name, async () => {
      let taken: TakenIn;
      try {
        taken = await this.#ask(source, section, options);
      } catch (error) {
        if (!options.signal?.aborted) await this.#store.failed(source.name, messageOf(error));
        throw error;
      }
      await this.#store.keep(source.name, taken.devices, { isNew: taken.changes.length > 0 });
      return taken;
    });
  }

  /** Takes a device that the source no longer has off the record. @returns why not; null: it is off */
  forget(source: Pick<InventorySource, 'name' | 'title'>, mac: string): Promise<string | null> {
    return this.#oneByOne.run(source.name, async () => {
      const devices = await this.#store.latest(source.name);
      const device = devices.find((one) => one.mac === mac);
      if (device === undefined) return `nothing is on record of ${mac}`;
      if (device.goneSinceAt === null)
        return `${source.title} still has ${device.name} (${mac}) and would bring it back; narrow inventory.${source.name}.select, or take it out there`;
      await this.#store.takeOut(source.name, mac);
      return null;
    });
  }

  async #ask(source: InventorySource, section: PullSection, { signal }: AbortOptions): Promise<TakenIn> {
    const before = await this.#store.latest(source.name);
    const found = await withDeadline(
      { what: `pulling from ${source.title}`, afterMs: LONGEST_PULL_MS, clock: this.#clock, signal },
      (inner) => source.pull({ signal: inner }),
    );
    if (found.length === 0 && before.some(isPresent)) throw foundNothing(source, before);
    return takeIn(before, found, {
      source: source.name,
      nameOf: (facts) => deviceNameOf(section.name, facts),
      now: this.#clock.now(),
    });
  }
}

function isPresent({ goneSinceAt }: PulledDevice): boolean {
  return goneSinceAt === null;
}

/** More likely than a fleet that was taken down over night is a pattern, a role or a cluster that is the wrong one. */
function foundNothing({ title, name }: InventorySource, before: readonly PulledDevice[]): InventoryError {
  return new InventoryError(
    'found-nothing',
    `${title} tells of no device that inventory.${name}.select takes, where there were ${before.filter(isPresent).length}; nothing is concluded from that. Check the patterns, and what the user may see`,
  );
}
