import type { Fleet } from '../../fleet/fleet.ts';
import type { SystemConnection } from '../../fleet/systems/connection.ts';
import { SystemError } from '../../fleet/systems/trust.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import type { Secret } from '../../lib/secret.ts';

/** How a client of one system is made and tried. */
export interface SystemKind<Section extends SystemConnection, Client> {
  /** Its key under `systems:`. */
  readonly name: 'meetings' | 'finesse';
  readonly title: string;
  sectionOf(fleet: Fleet): Section | null;
  make(section: Section): Promise<Client>;
  /** Called before each use, also of a client that was made before the file changed; its secrets may be others by now. */
  renew?(client: Client, section: Section): void;
  /** Asks for something that changes nothing; resolves with what was found. */
  check(client: Client, section: Section, options: AbortOptions): Promise<string>;
}

/** Failures that say something of the system or the login, and not of what was asked. */
const OF_THE_LOGIN: ReadonlySet<string> = new Set([
  'unauthorized',
  'login-refused',
  'grant-ended',
  'secret-missing',
  'ca-unreadable',
]);

/**
 * One system of the file with its client, which is made when it is first
 * needed and lives over reloads, so that a secret that was refused is not
 * tried again. A client that another took the place of is closed at the end
 * only: a run may still have to take back what it made with it.
 */
export class System<Section extends SystemConnection, Client extends { close(): Promise<void> }> {
  readonly #kind: SystemKind<Section, Client>;
  readonly #fleet: () => Fleet;
  readonly #clock: Clock;
  #current: { readonly key: string; readonly client: Promise<Client> } | null = null;
  readonly #replaced: Promise<Client>[] = [];
  #trouble: { readonly sinceAt: number; readonly reason: string } | null = null;

  constructor(
    kind: SystemKind<Section, Client>,
    { fleet, clock }: { readonly fleet: () => Fleet; readonly clock: Clock },
  ) {
    this.#kind = kind;
    this.#fleet = fleet;
    this.#clock = clock;
  }

  get name(): SystemKind<Section, Client>['name'] {
    return this.#kind.name;
  }

  get isNamed(): boolean {
    return this.#section() !== null;
  }

  /** Since when and why it did not answer when it was last asked, in a sentence; null where it did, or the file does not name it. */
  trouble(): string | null {
    if (this.#trouble === null || !this.isNamed) return null;
    const { sinceAt, reason } = this.#trouble;
    return `${this.#kind.title} cannot be used since ${new Date(sinceAt).toISOString()}: ${reason}`;
  }

  /** @throws SystemError where there is no client to be had; whatever `work` throws */
  async use<T>(work: (client: Client, section: Section) => Promise<T>): Promise<T> {
    try {
      const { client, section } = await this.#ready();
      const done = await work(client, section);
      this.#trouble = null;
      return done;
    } catch (error) {
      this.#judge(error);
      throw error;
    }
  }

  check(options: AbortOptions): Promise<string> {
    return this.use((client, section) => this.#kind.check(client, section, options));
  }

  async close(): Promise<void> {
    const all = [...this.#replaced, ...(this.#current === null ? [] : [this.#current.client])];
    this.#current = null;
    this.#replaced.length = 0;
    await Promise.all(all.map(async (made) => (await made.catch(() => null))?.close()));
  }

  #section(): Section | null {
    return this.#kind.sectionOf(this.#fleet());
  }

  async #ready(): Promise<{ client: Client; section: Section }> {
    const section = this.#section();
    if (section === null)
      throw new SystemError('not-named', `the file does not name systems.${this.name}, so nothing was asked`);
    const client = await this.#clientOf(section);
    this.#kind.renew?.(client, section);
    return { client, section };
  }

  #clientOf(section: Section): Promise<Client> {
    // A secret is a word in it, the same for all.
    const key = JSON.stringify(section);
    if (this.#current?.key === key) return this.#current.client;
    if (this.#current !== null) this.#replaced.push(this.#current.client);
    const client = this.#kind.make(section);
    this.#current = { key, client };
    client.catch(() => {
      if (this.#current?.client === client) this.#current = null;
    });
    return client;
  }

  /** A refusal of what was asked shows that the system is well; an abort shows nothing. */
  #judge(error: unknown): void {
    if (!(error instanceof RoomdError)) return;
    if (!error.retryable && !OF_THE_LOGIN.has(error.code)) {
      this.#trouble = null;
      return;
    }
    this.#trouble = { sinceAt: this.#trouble?.sinceAt ?? this.#clock.now(), reason: messageOf(error) };
  }
}

/**
 * The secret at a key below `systems:`; one that is missing is empty.
 * @throws SystemError `secret-missing`
 */
export function presentSecret(secret: Secret, path: string): Secret {
  if (secret.reveal() !== '') return secret;
  throw new SystemError(
    'secret-missing',
    `the secret of systems.${path} is not to be had here, so nothing was asked`,
  );
}
