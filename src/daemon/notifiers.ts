import type { Fleet, NotifierSection } from '../fleet/fleet.ts';
import { createWebexClient, type WebexClient } from '../integrations/webex-messaging/client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Notifier } from '../notify/notifier.ts';
import { WebexNotifier } from '../notify/webex-notifier.ts';

interface Made {
  readonly key: string;
  readonly notifier: Notifier;
  readonly client: WebexClient;
}

/** The notifiers of the fleet in force; an unchanged one stays the same object over reloads. */
export class NotifierDesk {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #made = new Map<string, Made>();
  #retired: WebexClient[] = [];

  constructor({ clock, logger }: { clock: Clock; logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  adopt(fleet: Fleet): readonly Notifier[] {
    const next = new Map<string, Made>();
    for (const [name, section] of Object.entries(fleet.notifiers)) {
      const known = this.#made.get(name);
      next.set(name, known?.key === keyOf(section) ? known : this.#make(name, section));
    }
    for (const [name, made] of this.#made) if (next.get(name) !== made) this.#retired.push(made.client);
    this.#made = next;
    return this.all();
  }

  /** Those of the fleet in force. */
  all(): readonly Notifier[] {
    return [...this.#made.values()].map(({ notifier }) => notifier);
  }

  /** Call it after the outbox has stopped or taken over the new notifiers. */
  async closeRetired(): Promise<void> {
    const retired = this.#retired;
    this.#retired = [];
    await Promise.all(retired.map((client) => client.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map(({ client }) => client.close()));
    await this.closeRetired();
  }

  #make(name: string, section: NotifierSection): Made {
    const { to, token, baseUrl } = section.webex;
    const client = createWebexClient({ baseUrl, token }, { clock: this.#clock, logger: this.#logger });
    const target = 'roomId' in to ? { roomId: to.roomId } : { toPersonEmail: to.personEmail };
    return { key: keyOf(section), client, notifier: new WebexNotifier({ name, target }, { client }) };
  }
}

/** Two sections that mean the same have the same key; it stays in memory, as it holds the token. */
function keyOf({ webex: { to, token, baseUrl } }: NotifierSection): string {
  return JSON.stringify([to, token.reveal(), baseUrl]);
}
