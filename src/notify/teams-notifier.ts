import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Secret } from '../lib/secret.ts';
import { type Message, type Notifier, NotifierError, type SendOptions } from './notifier.ts';
import { JsonPoster } from './post-json.ts';
import { teamsDocument } from './teams-card.ts';

/**
 * Posts each message as an Adaptive Card to a workflow of Microsoft Teams
 * ("when a webhook request is received"). Who knows the URL may post, so the
 * whole of it is a secret. The workflow answers 202 before it posts; whether
 * it does shows in its own run history alone, so there is no receipt to
 * answer to, and later messages stand by themselves.
 */
export class TeamsNotifier implements Notifier {
  readonly name: string;
  readonly #poster: JsonPoster | null;

  constructor({ name, url }: { name: string; url: Secret }, modules: { clock: Clock; logger: Logger }) {
    this.name = name;
    this.#poster = isPostable(url.reveal()) ? new JsonPoster(url.reveal(), modules) : null;
  }

  async send(message: Message, { key, signal }: SendOptions): Promise<{ receipt: string }> {
    if (this.#poster === null)
      throw new NotifierError(
        'refused',
        `what the secret of ${this.name} holds is no https address; copy the URL that the workflow shows`,
      );
    if (message.markdown.trim() === '')
      throw new NotifierError('refused', `the message to ${this.name} is blank, which Teams does not take`);
    await this.#poster.post(JSON.stringify(teamsDocument(message)), {}, { signal });
    return { receipt: key };
  }

  async close(): Promise<void> {
    await this.#poster?.close();
  }
}

/** In the clear only within this machine, as the URL lets anybody post. */
function isPostable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1');
}
