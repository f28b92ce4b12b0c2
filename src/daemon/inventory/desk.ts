import type { InventoryPorts } from '../../actions/ports/inventory.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import {
  type PullSection,
  SOURCE_TITLES,
  SOURCES,
  type SourceName,
  sourcesOf,
} from '../../fleet/inventory/inventory-section.ts';
import { InventoryStore, type PullStanding } from '../../fleet/inventory/inventory-store.ts';
import type { PulledDevice, TakenIn } from '../../fleet/inventory/pulled.ts';
import { Puller } from '../../fleet/inventory/puller.ts';
import type { InventorySource } from '../../fleet/inventory/source.ts';
import { CucmSource } from '../../fleet/inventory/sources/cucm.ts';
import { WebexSource } from '../../fleet/inventory/sources/webex.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { Database } from '../../storage/database.ts';
import type { WebexDesk } from '../systems/webex-desk.ts';
import { CucmClients } from './cucm-clients.ts';

export interface InventoryDeskOptions {
  readonly fleet: () => Fleet;
  readonly fingerprintKey: string;
}

export interface InventoryDeskModules {
  readonly database: Database;
  readonly webex: Pick<WebexDesk, 'client' | 'generation'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Pulls what the file's inventory names, each source by itself. */
export class InventoryDesk implements InventoryPorts {
  readonly #store: InventoryStore;
  readonly #fleet: () => Fleet;
  readonly #modules: InventoryDeskModules;
  readonly #puller: Puller;
  readonly #cucm: CucmClients;
  readonly #listeners = new Set<() => void>();
  readonly #troubles = new Map<SourceName, string>();

  constructor({ fleet, fingerprintKey }: InventoryDeskOptions, modules: InventoryDeskModules) {
    this.#fleet = fleet;
    this.#modules = modules;
    this.#cucm = new CucmClients({ fingerprintKey }, modules);
    this.#store = new InventoryStore(modules);
    this.#puller = new Puller({ store: this.#store, clock: modules.clock });
  }

  /** Told when the fleet is to be made anew from what is on record. */
  onChanged(listen: () => void): void {
    this.#listeners.add(listen);
  }

  sources(): readonly SourceName[] {
    return sourcesOf(this.#fleet().inventory);
  }

  section(source: SourceName): PullSection | null {
    return this.#fleet().inventory[source];
  }

  standing(source: SourceName): Promise<PullStanding> {
    return this.#store.standing(source);
  }

  async devices(): Promise<readonly PulledDevice[]> {
    return (await Promise.all(SOURCES.map((source) => this.#store.latest(source)))).flat();
  }

  async look(source: SourceName, options: AbortOptions): Promise<TakenIn | null> {
    const ready = this.#ready(source);
    return ready === null ? null : this.#puller.look(ready.source, ready.section, options);
  }

  async pull(source: SourceName, options: AbortOptions): Promise<TakenIn | null> {
    const ready = this.#ready(source);
    if (ready === null) return null;
    try {
      const taken = await this.#puller.pull(ready.source, ready.section, options);
      this.#troubles.delete(source);
      if (taken.changes.length > 0) this.#tell();
      return taken;
    } catch (error) {
      if (!options.signal?.aborted) await this.#failed(source, error);
      throw error;
    }
  }

  /** Why sources cannot be pulled and since when, in sentences; null while all can, or none is named. */
  trouble(): string | null {
    const troubles = this.sources().flatMap((source) => this.#troubles.get(source) ?? []);
    return troubles.length === 0 ? null : troubles.join('; ');
  }

  /** Equal while what is pulled from a source, and with which login, is the same. */
  demand(source: SourceName): string {
    const { inventory, systems } = this.#fleet();
    const login = source === 'cucm' ? this.#cucm.keyOf(systems.cucm) : this.#modules.webex.generation();
    return JSON.stringify([inventory[source], login]);
  }

  async forget(source: SourceName, key: string): Promise<string | null> {
    const why = await this.#puller.forget(source, key);
    if (why === null) this.#tell();
    return why;
  }

  close(): Promise<void> {
    return this.#cucm.close();
  }

  /** Null where the file does not pull from there. */
  #ready(source: SourceName): { source: InventorySource; section: PullSection } | null {
    const { inventory, systems } = this.#fleet();
    const { clock, webex } = this.#modules;
    if (source === 'webex') {
      const section = inventory.webex;
      if (section === null || systems.webex === null) return null;
      return { source: new WebexSource(section, { client: webex.client, clock }), section };
    }
    const [section, system] = [inventory.cucm, systems.cucm];
    if (section === null || system === null) return null;
    return { source: new CucmSource(section, { client: () => this.#cucm.get(system), clock }), section };
  }

  async #failed(source: SourceName, error: unknown): Promise<void> {
    const { failing } = await this.standing(source);
    const since = failing === null ? '' : ` since ${new Date(failing.sinceAt).toISOString()}`;
    this.#troubles.set(source, `${SOURCE_TITLES[source]} cannot be pulled${since}: ${messageOf(error)}`);
  }

  #tell(): void {
    for (const listen of this.#listeners) listen();
  }
}
