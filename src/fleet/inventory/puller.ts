import { type AbortOptions, withDeadline } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import { KeyedMutex } from '../../lib/keyed-mutex.ts';
import { type PullSection, SOURCE_TITLES, SOURCES, type SourceName } from './inventory-section.ts';
import type { InventoryStore } from './inventory-store.ts';
import { type FoundDevice, keyOf, type PulledDevice, type TakenIn, takeIn } from './pulled.ts';
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
  /** Names are given once, whichever source brings a device. */
  readonly #record = new KeyedMutex();

  constructor({ store, clock }: { store: InventoryStore; clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What a pull would change; nothing is kept. @throws what the source throws, InventoryError */
  look(source: InventorySource, section: PullSection, options: AbortOptions): Promise<TakenIn> {
    return this.#oneByOne.run(source.name, async () =>
      this.#takeIn(source.name, section, await this.#ask(source, options)),
    );
  }

  /** Pulls and keeps it; that it failed is kept, too. @throws what the source throws, InventoryError */
  pull(source: InventorySource, section: PullSection, options: AbortOptions): Promise<TakenIn> {
    return this.#oneByOne.run(source.name, async () => {
      let found: readonly FoundDevice[];
      try {
        found = await this.#ask(source, options);
      } catch (error) {
        if (!options.signal?.aborted) await this.#store.failed(source.name, messageOf(error));
        throw error;
      }
      return this.#record.run('record', async () => {
        const taken = await this.#takeIn(source.name, section, found);
        await this.#store.keep(source.name, taken.devices, { isNew: taken.changes.length > 0 });
        return taken;
      });
    });
  }

  /** Takes a device that the source no longer has off the record. @returns why not; null: it is off */
  forget(source: SourceName, key: string): Promise<string | null> {
    return this.#oneByOne.run(source, async () => {
      const devices = await this.#store.latest(source);
      const device = devices.find((one) => keyOf(one) === key);
      if (device === undefined) return `nothing is on record of ${key}`;
      if (device.goneSinceAt === null)
        return `${SOURCE_TITLES[source]} still has ${device.name} (${key}) and would bring it back; narrow inventory.${source}.select, or take it out there`;
      await this.#store.takeOut(source, key);
      return null;
    });
  }

  async #ask(source: InventorySource, { signal }: AbortOptions): Promise<readonly FoundDevice[]> {
    const before = await this.#store.latest(source.name);
    const found = await withDeadline(
      {
        what: `pulling from ${SOURCE_TITLES[source.name]}`,
        afterMs: LONGEST_PULL_MS,
        clock: this.#clock,
        signal,
      },
      (inner) => source.pull({ signal: inner }),
    );
    if (found.length === 0 && before.some(isPresent)) throw foundNothing(source.name, before);
    return found;
  }

  async #takeIn(source: SourceName, section: PullSection, found: readonly FoundDevice[]): Promise<TakenIn> {
    const others = SOURCES.filter((other) => other !== source);
    return takeIn(await this.#store.latest(source), found, {
      source,
      others: (await Promise.all(others.map((other) => this.#store.latest(other)))).flat(),
      nameOf: (facts) => deviceNameOf(section.name, facts),
      now: this.#clock.now(),
    });
  }
}

function isPresent({ goneSinceAt }: PulledDevice): boolean {
  return goneSinceAt === null;
}

/** More likely than a fleet that was taken down over night is a pattern, a role or a cluster that is the wrong one. */
function foundNothing(name: SourceName, before: readonly PulledDevice[]): InventoryError {
  return new InventoryError(
    'found-nothing',
    `${SOURCE_TITLES[name]} tells of no device that inventory.${name}.select takes, where there were ${before.filter(isPresent).length}; nothing is concluded from that. Check the patterns, and what the user may see`,
  );
}
