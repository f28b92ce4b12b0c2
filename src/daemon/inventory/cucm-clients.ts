import { InventoryError } from '../../fleet/inventory/puller.ts';
import type { CucmSection } from '../../fleet/systems/systems-section.ts';
import { trustOfSystem } from '../../fleet/systems/trust.ts';
import { type CucmClient, createCucmClient } from '../../integrations/cucm/client.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';

/** The client of Unified CM, kept while its login is the same: one that was refused is not tried again. */
export class CucmClients {
  readonly #fingerprintKey: string;
  readonly #modules: { readonly clock: Clock; readonly random: Random; readonly logger: Logger };
  #client: { readonly key: string; readonly client: CucmClient } | null = null;

  constructor(
    { fingerprintKey }: { readonly fingerprintKey: string },
    modules: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
  ) {
    this.#fingerprintKey = fingerprintKey;
    this.#modules = modules;
  }

  /** @throws InventoryError `secret-missing`, SystemError */
  async get(system: CucmSection): Promise<CucmClient> {
    const { password, url, version, username, proxy, timeoutMs } = system;
    if (password.reveal() === '')
      throw new InventoryError(
        'secret-missing',
        'the password of systems.cucm is not to be had here, so nothing is asked',
      );
    const key = this.keyOf(system);
    if (this.#client?.key === key) return this.#client.client;
    const tls = await trustOfSystem(system.tls, 'systems.cucm');
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

  /** Equal while the login is the same. */
  keyOf(system: CucmSection | null): string {
    if (system === null) return '';
    const { password, ...rest } = system;
    return JSON.stringify([rest, password.fingerprint(this.#fingerprintKey)]);
  }

  async close(): Promise<void> {
    await this.#client?.client.close();
    this.#client = null;
  }
}
