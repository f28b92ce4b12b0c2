import type { WebexCredential, WebexSection } from '../fleet/systems/systems-section.ts';
import { SystemError, trustOfSystem } from '../fleet/systems/trust.ts';
import {
  createWebexClient,
  type WebexClient,
  type WebexLogin,
} from '../integrations/webex-messaging/client.ts';
import type { WebexConnection } from '../integrations/webex-messaging/transport.ts';
import type { Clock } from '../lib/clock.ts';
import { sectionKey } from './section-key.ts';

/** The one guest that roomd is, where the file names a guest issuer. */
const GUEST = { subject: 'roomd', displayName: 'roomd' };

/**
 * A client for `systems.webex` of the fleet file; `close` ends its connections.
 * @throws SystemError where its CA file cannot be read
 */
export async function webexClientOf(section: WebexSection, modules: { clock: Clock }): Promise<WebexClient> {
  return createWebexClient(
    { ...(await webexConnectionOf(section)), ...loginOf(section.credential) },
    modules,
  );
}

/** The one client of the fleet in force for all that speaks to `systems.webex`. */
export class WebexDesk {
  readonly #clock: Clock;
  #section: WebexSection | null;
  #client: Promise<WebexClient> | null = null;
  #generation = 0;

  constructor(section: WebexSection | null, { clock }: { clock: Clock }) {
    this.#section = section;
    this.#clock = clock;
  }

  /** Ends the connections of the one before, where another is asked for. */
  async adopt(section: WebexSection | null): Promise<void> {
    if (sectionKey({ section }) === sectionKey({ section: this.#section })) return;
    this.#section = section;
    this.#generation += 1;
    await this.close();
  }

  readonly generation = (): number => this.#generation;

  /** @throws SystemError */
  readonly client = async (): Promise<WebexClient> => {
    if (this.#section === null)
      throw new SystemError(
        'not-named',
        'the fleet file names no systems.webex, so nobody can be reached there',
      );
    const made = (this.#client ??= webexClientOf(this.#section, { clock: this.#clock }));
    made.catch(() => {
      if (this.#client === made) this.#client = null;
    });
    return made;
  };

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.then(
      (made) => made.close(),
      () => undefined,
    );
  }
}

/** @throws SystemError where the CA file cannot be read */
export async function webexConnectionOf({
  url,
  tls,
  proxy,
  timeoutMs,
}: WebexSection): Promise<WebexConnection> {
  return {
    baseUrl: url,
    tls: await trustOfSystem(tls, 'systems.webex'),
    ...(proxy === null ? {} : { proxy }),
    deadlineMs: timeoutMs,
  };
}

function loginOf(credential: WebexCredential): WebexLogin {
  switch (credential.kind) {
    case 'bot':
    case 'personal':
      return { token: credential.token };
    case 'integration':
    case 'service-app':
      return { app: credential };
    case 'guest':
      return { guest: { ...GUEST, issuerId: credential.issuerId, secret: credential.secret } };
    default:
      return credential;
  }
}
