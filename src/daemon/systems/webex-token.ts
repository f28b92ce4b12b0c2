import type { Fleet } from '../../fleet/fleet.ts';
import type { WebexCredential, WebexSection } from '../../fleet/systems/systems-section.ts';
import { SystemError } from '../../fleet/systems/trust.ts';
import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import type { Clock } from '../../lib/clock.ts';
import { Secret } from '../../lib/secret.ts';
import { sectionKey } from '../section-key.ts';
import { webexClientOf } from '../webex.ts';
import { presentSecret } from './system.ts';

/** The access token of `systems.webex` for those who share it; an app's is renewed as it ends. */
export class WebexToken {
  readonly #fleet: () => Fleet;
  readonly #clock: Clock;
  #client: { readonly key: string; readonly made: Promise<WebexClient> } | null = null;

  constructor({ fleet, clock }: { readonly fleet: () => Fleet; readonly clock: Clock }) {
    this.#fleet = fleet;
    this.#clock = clock;
  }

  /** @throws SystemError where the file names none or it is missing; WebexError where the app's grant is over */
  async get(): Promise<Secret> {
    const { webex } = this.#fleet().systems;
    if (webex === null)
      throw new SystemError('not-named', 'the file names neither systems.meetings.token nor systems.webex');
    for (const [key, value] of secretsOf(webex.credential)) presentSecret(value, `webex (${key})`);
    if ('token' in webex.credential) return webex.credential.token;
    return await (await this.#clientOf(webex)).accessToken();
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await (await client?.made.catch(() => null))?.close();
  }

  async #clientOf(section: WebexSection): Promise<WebexClient> {
    const key = sectionKey(section);
    if (this.#client?.key === key) return this.#client.made;
    await this.close();
    const made = webexClientOf(section, { clock: this.#clock });
    this.#client = { key, made };
    made.catch(() => {
      if (this.#client?.made === made) this.#client = null;
    });
    return made;
  }
}

function secretsOf(credential: WebexCredential): [string, Secret][] {
  return Object.entries(credential).flatMap(([key, value]): [string, Secret][] =>
    value instanceof Secret ? [[key, value]] : [],
  );
}
