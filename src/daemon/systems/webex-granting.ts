import type { WebexGrantPorts } from '../../actions/ports/systems.ts';
import type { WebexApp, WebexSection } from '../../fleet/systems/systems-section.ts';
import { SystemError } from '../../fleet/systems/trust.ts';
import {
  authorizeUrl,
  newVerifier,
  TokenEndpoint,
} from '../../integrations/webex-messaging/credentials/oauth.ts';
import { PERSONAL_SCOPES } from '../../integrations/webex-messaging/scopes.ts';
import { createTransport } from '../../integrations/webex-messaging/transport.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Secret } from '../../lib/secret.ts';
import { webexConnectionOf } from './webex-client.ts';
import type { WebexDesk } from './webex-desk.ts';

/** That somebody was sent to Webex to grant, and is to come back. */
interface Begun {
  readonly verifier: Secret;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly endsAt: number;
}

const LIFE_MS = 10 * 60_000;
const MOST_BEGUN = 20;

/**
 * Grants of an integration (OAuth 2, RFC 6749 section 4.1): a person is sent to
 * Webex with a state that is good once and a challenge (PKCE, RFC 7636), and
 * the browser comes back to the daemon with a code.
 */
export class WebexGranting implements WebexGrantPorts {
  readonly #desk: Pick<WebexDesk, 'section' | 'take' | 'check'>;
  readonly #clock: Clock;
  readonly #newState: () => string;
  readonly #begun = new Map<string, Begun>();

  constructor(
    { desk, clock }: { desk: Pick<WebexDesk, 'section' | 'take' | 'check'>; clock: Clock },
    newState: () => string,
  ) {
    this.#desk = desk;
    this.#clock = clock;
    this.#newState = newState;
  }

  /** @throws SystemError `not-named` where the file names no integration with a redirectUri */
  begin(scopes: readonly string[] | null) {
    const { section, app, redirectUri } = this.#integration();
    const [verifier, state] = [newVerifier(), this.#newState()];
    const endsAt = this.#clock.now() + LIFE_MS;
    this.#begun.set(state, { verifier: verifier.verifier, redirectUri, clientId: app.clientId, endsAt });
    const [oldest] = this.#begun.keys();
    if (this.#begun.size > MOST_BEGUN && oldest !== undefined) this.#begun.delete(oldest);
    const asked = { clientId: app.clientId, redirectUri, scopes: scopes ?? PERSONAL_SCOPES, state };
    const url = authorizeUrl({ ...asked, challenge: verifier.challenge }, section.url);
    return { url, redirectUri, endsAt };
  }

  /** @throws SystemError; WebexError where Webex does not take the code */
  async complete(
    { state, code }: { state: string; code: string },
    options: AbortOptions,
  ): Promise<string | null> {
    const begun = this.#begun.get(state);
    this.#begun.delete(state);
    const { section, app } = this.#integration();
    if (begun === undefined || begun.endsAt < this.#clock.now() || begun.clientId !== app.clientId)
      return null;
    const transport = createTransport(await webexConnectionOf(section), { clock: this.#clock });
    try {
      const { redirectUri, verifier } = begun;
      const exchange = { code, redirectUri, verifier };
      await this.#desk.take(
        await new TokenEndpoint(transport, this.#clock).exchangeCode(app, exchange, options),
      );
    } finally {
      await transport.close();
    }
    return this.#desk.check(options);
  }

  #integration(): { section: WebexSection; app: WebexApp; redirectUri: string } {
    const section = this.#desk.section();
    const credential = section?.credential;
    if (section === null || credential?.kind !== 'integration' || credential.redirectUri === null)
      throw new SystemError(
        'not-named',
        'the file names no systems.webex.integration with a redirectUri, so a grant cannot come back to the daemon',
      );
    return { section, app: credential, redirectUri: credential.redirectUri };
  }
}
