import type { InventoryPorts } from '../../actions/ports.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { PullSection } from '../../fleet/inventory/inventory-section.ts';
import { InventoryStore, type PullStanding } from '../../fleet/inventory/inventory-store.ts';
import type { PulledDevice, TakenIn } from '../../fleet/inventory/pulled.ts';
import { InventoryError, Puller } from '../../fleet/inventory/puller.ts';
import { CucmSource } from '../../fleet/inventory/sources/cucm.ts';
import type { CucmSection } from '../../fleet/systems/systems-section.ts';
import { trustOfSystem } from '../../fleet/systems/trust.ts';
import { type CucmClient, createCucmClient } from '../../integrations/cucm/client.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { Database } from '../../storage/database.ts';

export interface InventoryDeskOptions {
  readonly fleet: () => Fleet;
  readonly fingerprintKey: string;
}

export interface InventoryDeskModules {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const CUCM = { name: 'cucm', title: 'Unified CM' } as const;

/** Pulls what the file's inventory names. The client is kept while its login is the same: one that was refused is not tried again. */
export class InventoryDesk implements InventoryPorts {
  readonly #store: InventoryStore;
  readonly #options: InventoryDeskOptions;
  readonly #modules: InventoryDeskModules;
  readonly #puller: Puller;
  readonly #listeners = new Set<() => void>();
  #trouble: string | null = null;
  #client: { readonly key: string; readonly client: CucmClient } | null = null;

  constructor(options: InventoryDeskOptions, modules: InventoryDeskModules) {
    this.#options = options;
    this.#modules = modules;
    this.#store = new InventoryStore(modules);
    this.#puller = new Puller({ store: this.#store, clock: modules.clock });
  }

  /** Told when the fleet is to be made anew from what is on record. */
  onChanged(listen: () => void): void {
    this.#listeners.add(listen);
  }

  section(): PullSection | null {
    return this.#options.fleet().inventory.cucm;
  }

  standing(): Promise<PullStanding> {
    return this.#store.standing(CUCM.name);
  }

  devices(): Promise<readonly PulledDevice[]> {
    return this.#store.latest(CUCM.name);
  }

  async look(options: AbortOptions): Promise<TakenIn | null> {
    const ready = this.#ready();
    return ready === null ? null : this.#puller.look(ready.source, ready.section, options);
  }

  async pull(options: AbortOptions): Promise<TakenIn | null> {
    const ready = this.#ready();
    if (ready === null) return null;
    try {
      const taken = await this.#puller.pull(ready.source, ready.section, options);
      this.#trouble = null;
      if (taken.changes.length > 0) this.#tell();
      return taken;
    } catch (error) {
      if (!options.signal?.aborted) await this.#failed(error);
      throw error;
    }
  }

  /** Why the source cannot be pulled and since when, in a sentence; null while it can, or none is named. */
  trouble(): string | null {
    return this.section() === null ? null : this.#trouble;
  }

  /** Equal while what is pulled, and with which login, is the same. */
  demand(): string {
    const { inventory, systems } = this.#options.fleet();
    return JSON.stringify([inventory.cucm, systems.cucm === null ? null : this.#loginOf(systems.cucm)]);
  }

  async forget(mac: string): Promise<string | null> {
    const why = await this.#puller.forget(CUCM, mac);
    if (why === null) this.#tell();
    return why;
  }

  async close(): Promise<void> {
    await this.#client?.client.close();
    this.#client = null;
  }

  /** Null where the file pulls from nowhere. */
  #ready(): { source: CucmSource; section: PullSection } | null {
    const { inventory, systems } = this.#options.fleet();
    const [section, system] = [inventory.cucm, systems.cucm];
    if (section === null || system === null) return null;
    const client = () => this.#clientOf(system);
    return { source: new CucmSource(section, { client, clock: this.#modules.clock }), section };
  }

  async #clientOf(system: CucmSection): Promise<CucmClient> {
    const { password, url, version, username, proxy, timeoutMs } = system;
    if (password.reveal() === '')
      throw new InventoryError(
        'secret-missing',
        'the password of systems.cucm is not to be had here, so nothing is asked',
      );
    const key = this.#loginOf(system);
    if (this.#client?.key === key) return this.#client.client;
    const tls = await trustOfSystem(system.tls, `systems.${CUCM.name}`);
    await this.close();
    const client = createCucmClient(
      {
        url,
        version,
        username,
        password,
        tls,
        deadlineMs: timeoutMs,
        ...(proxy === null ? {} : { proxy }),
      },
      this.#modules,
    );
    this.#client = { key, client };
    return client;
  }

  #loginOf({ password, ...rest }: CucmSection): string {
    return JSON.stringify([rest, password.fingerprint(this.#options.fingerprintKey)]);
  }

  async #failed(error: unknown): Promise<void> {
    const { failing } = await this.standing();
    const since = failing === null ? '' : ` since ${new Date(failing.sinceAt).toISOString()}`;
    this.#trouble = `${CUCM.title} cannot be pulled${since}: ${messageOf(error)}`;
  }

  #tell(): void {
    for (const listen of this.#listeners) listen();
  }
}
