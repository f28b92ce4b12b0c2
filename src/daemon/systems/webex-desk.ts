import type { Fleet } from '../../fleet/fleet.ts';
import type { WebexCredential, WebexSection } from '../../fleet/systems/systems-section.ts';
import { SystemError } from '../../fleet/systems/trust.ts';
import type { WebexClient } from '../../integrations/webex-messaging/client.ts';
import type { Grant } from '../../integrations/webex-messaging/credentials/grant.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { Secret } from '../../lib/secret.ts';
import { sectionKey } from '../section-key.ts';
import { presentSecret } from './system.ts';
import { webexClientOf } from './webex-client.ts';
import { appOf, type GrantModules, KeptGrants } from './webex-grants.ts';

/** That Webex does not take the login of the file. */
export interface WebexRefusal {
  /** UTC milliseconds. */
  readonly sinceAt: number;
  readonly reason: string;
  readonly credential: WebexCredential['kind'];
}

/**
 * The one client of the fleet in force for all that speaks to `systems.webex`,
 * or to a system that takes its token. It is made when it is first needed, and
 * anew where the section is another.
 */
export class WebexDesk {
  readonly #fleet: () => Fleet;
  readonly #modules: GrantModules;
  #key = '';
  #generation = 0;
  #grants: KeptGrants | null = null;
  #made: Promise<WebexClient> | null = null;
  #retired: Promise<void> = Promise.resolve();
  #refusal: WebexRefusal | null = null;

  constructor({ fleet }: { readonly fleet: () => Fleet }, modules: GrantModules) {
    this.#fleet = fleet;
    this.#modules = modules;
  }

  get isNamed(): boolean {
    return this.#fleet().systems.webex !== null;
  }

  /** Another number where clients that were handed out are of no use any more. */
  readonly generation = (): number => {
    this.#look();
    return this.#generation;
  };

  /** @throws SystemError where the file names none, or a secret of it is missing */
  readonly client = async (): Promise<WebexClient> => {
    const section = this.#look();
    if (section === null)
      throw new SystemError(
        'not-named',
        'the fleet file names no systems.webex, so nobody can be reached there',
      );
    for (const [key, secret] of secretsOf(section.credential)) presentSecret(secret, `webex (${key})`);
    const made = (this.#made ??= this.#make(section, this.#generation));
    made.catch(() => {
      if (this.#made === made) this.#made = null;
    });
    return made;
  };

  /** The access token for those who share it; an app's is renewed as it ends. @throws SystemError, WebexError */
  readonly token = async (): Promise<Secret> => (await this.client()).accessToken();

  /** Of the fleet in force. */
  section(): WebexSection | null {
    return this.#look();
  }

  /** Goes on with what a person has granted now, in place of what was kept. */
  async take(grant: Grant): Promise<void> {
    this.#look();
    await this.#grants?.save(grant);
    const made = this.#made;
    this.#made = null;
    this.#generation += 1;
    this.#refusal = null;
    await (await made?.catch(() => null))?.close();
  }

  /** Who roomd is there. @throws SystemError, WebexError */
  async check(options: AbortOptions): Promise<string> {
    const { displayName, type } = await (await this.client()).people.me(options);
    return `${this.#fleet().systems.webex?.url ?? ''} answers, and roomd is ${displayName}, a ${type}`;
  }

  /** Null while the login is taken, or nobody has asked yet. */
  refusal(): WebexRefusal | null {
    return this.#look() === null ? null : this.#refusal;
  }

  async close(): Promise<void> {
    this.#retire();
    await this.#retired;
  }

  /** The section of the fleet in force; a client of another is retired. */
  #look(): WebexSection | null {
    const section = this.#fleet().systems.webex;
    const key = sectionKey({ section });
    if (key === this.#key) return section;
    this.#key = key;
    this.#generation += 1;
    this.#refusal = null;
    this.#retire();
    const app = section === null ? null : appOf(section.credential);
    this.#grants = app === null ? null : new KeptGrants(app, this.#modules);
    return section;
  }

  #make(section: WebexSection, generation: number): Promise<WebexClient> {
    const onLogin = (refused: Error | null): void => {
      if (generation !== this.#generation) return;
      const sinceAt = this.#refusal?.sinceAt ?? this.#modules.clock.now();
      const { kind } = section.credential;
      this.#refusal = refused === null ? null : { sinceAt, reason: messageOf(refused), credential: kind };
    };
    const { clock, logger } = this.#modules;
    return webexClientOf(section, { clock, logger, store: this.#grants ?? undefined, onLogin });
  }

  #retire(): void {
    const [client, grants, before] = [this.#made, this.#grants, this.#retired];
    this.#made = null;
    this.#grants = null;
    this.#retired = (async () => {
      await before;
      await (await client?.catch(() => null))?.close();
      await grants?.close();
    })();
  }
}

function secretsOf(credential: WebexCredential): [string, Secret][] {
  return Object.entries(credential).flatMap(([key, value]): [string, Secret][] =>
    value instanceof Secret ? [[key, value]] : [],
  );
}
