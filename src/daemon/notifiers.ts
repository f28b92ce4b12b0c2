import type { Fleet, NotifierSection } from '../fleet/fleet.ts';
import { createWebexClient } from '../integrations/webex-messaging/client.ts';
import type { Messages } from '../integrations/webex-messaging/resources/messages.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { AlertmanagerNotifier } from '../notify/alertmanager-notifier.ts';
import { EmailNotifier } from '../notify/email-notifier.ts';
import type { Notifier } from '../notify/notifier.ts';
import { JsonPoster } from '../notify/post-json.ts';
import { TeamsNotifier } from '../notify/teams-notifier.ts';
import { WebexNotifier } from '../notify/webex-notifier.ts';
import { WebhookNotifier } from '../notify/webhook-notifier.ts';
import { sectionKey } from './section-key.ts';
import type { WebexDesk } from './systems/webex-desk.ts';

interface Made {
  readonly key: string;
  readonly notifier: Notifier;
  readonly close: () => Promise<void>;
}

/** The notifiers of the fleet in force; an unchanged one stays the same object over reloads. */
export class NotifierDesk {
  readonly #webex: Pick<WebexDesk, 'client'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #made = new Map<string, Made>();
  #retired: Made[] = [];

  constructor({ webex, clock, logger }: { webex: Pick<WebexDesk, 'client'>; clock: Clock; logger: Logger }) {
    this.#webex = webex;
    this.#clock = clock;
    this.#logger = logger;
  }

  adopt(fleet: Fleet): readonly Notifier[] {
    const next = new Map<string, Made>();
    for (const [name, section] of Object.entries(fleet.notifiers)) {
      const known = this.#made.get(name);
      const deadlineMs = fleet.systems.webex?.timeoutMs;
      const key = sectionKey({ section, deadlineMs });
      next.set(name, known?.key === key ? known : { key, ...this.#make(name, section, deadlineMs) });
    }
    for (const [name, made] of this.#made) if (next.get(name) !== made) this.#retired.push(made);
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
    await Promise.all(retired.map(({ close }) => close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map(({ close }) => close()));
    await this.closeRetired();
  }

  #make(name: string, section: NotifierSection, deadlineMs: number | undefined): Omit<Made, 'key'> {
    const modules = { clock: this.#clock, logger: this.#logger };
    if ('webex' in section) {
      const { to, own } = section.webex;
      const target = 'roomId' in to ? { roomId: to.roomId } : { toPersonEmail: to.personEmail };
      if (own === null) {
        const messages: Pick<Messages, 'create'> = {
          create: async (...given) => (await this.#webex.client()).messages.create(...given),
        };
        const notifier = new WebexNotifier(
          { name, target, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
          { messages },
        );
        return { notifier, close: () => Promise.resolve() };
      }
      const client = createWebexClient(own, modules);
      const notifier = new WebexNotifier({ name, target }, { messages: client.messages });
      return { notifier, close: () => client.close() };
    }
    if ('email' in section) {
      const notifier = new EmailNotifier({ name, ...section.email });
      return { notifier, close: async () => notifier.close() };
    }
    if ('webhook' in section) {
      const { url, secret } = section.webhook;
      const poster = new JsonPoster(url, modules);
      const notifier = new WebhookNotifier({ name, secret }, { ...modules, poster });
      return { notifier, close: () => poster.close() };
    }
    if ('teams' in section) {
      const notifier = new TeamsNotifier({ name, url: section.teams.url }, modules);
      return { notifier, close: () => notifier.close() };
    }
    const poster = new JsonPoster(`${section.alertmanager.url}/api/v2/alerts`, modules);
    const notifier = new AlertmanagerNotifier({ name }, { ...modules, poster });
    return { notifier, close: () => poster.close() };
  }
}
