import type { WebexApp, WebexCredential } from '../../fleet/systems/systems-section.ts';
import type { Grant, GrantStore } from '../../integrations/webex-messaging/credentials/grant.ts';
import {
  sealedGrantStore,
  type TextCell,
} from '../../integrations/webex-messaging/credentials/sealed-store.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../../storage/database.ts';

export interface GrantModules {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_MS = 10_000;

/** The app of `systems.webex`; null where the credential is of another kind and nothing is granted. */
export function appOf(credential: WebexCredential): WebexApp | null {
  return credential.kind === 'integration' || credential.kind === 'service-app' ? credential : null;
}

/**
 * What the app of `systems.webex` was granted last, sealed in the database with
 * the app's own secret, for the client id and the refresh token of the file:
 * where one of the three is another, nothing that is kept opens and the file's
 * refresh token counts. A grant that cannot be written now, on a full disk for
 * one, is used all the same and written later, as the one before it may be used up.
 */
export class KeptGrants implements GrantStore {
  readonly #store: GrantStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #unwritten: Grant | null = null;
  #cancel: () => void = () => undefined;

  constructor({ clientId, clientSecret, refreshToken }: WebexApp, { database, clock, logger }: GrantModules) {
    const name = JSON.stringify(['webex', clientId, refreshToken?.reveal() ?? null]);
    this.#store = sealedGrantStore(cellOf(database, clock), { key: clientSecret, name });
    this.#clock = clock;
    this.#logger = logger;
  }

  async load(): Promise<Grant | null> {
    return this.#unwritten ?? (await this.#store.load({}));
  }

  async save(grant: Grant): Promise<void> {
    this.#unwritten = grant;
    await this.#write();
  }

  /** Tries once more to write what is not written yet. */
  async close(): Promise<void> {
    this.#cancel();
    await this.#write();
    this.#cancel();
  }

  async #write(): Promise<void> {
    const grant = this.#unwritten;
    if (grant === null) return;
    this.#cancel();
    try {
      await this.#store.save(grant, {});
      if (this.#unwritten === grant) this.#unwritten = null;
    } catch (error) {
      this.#logger.error(
        { error: messageOf(error) },
        'What Webex granted could not be kept: a restart now may need a new grant',
      );
      this.#cancel = this.#clock.after(RETRY_MS, () => void this.#write(), { unref: true });
    }
  }
}

const NAME = 'webex';

function cellOf(database: Database, clock: Clock): TextCell {
  const { query } = database;
  return {
    async read(options) {
      const asked = query.selectFrom('sealed_grant').select('sealed').where('name', '=', NAME);
      const [row] = await database.read(asked, options);
      return row?.sealed ?? null;
    },
    async write(sealed, options) {
      const kept = { sealed, at: clock.now() };
      const statement = query
        .insertInto('sealed_grant')
        .values({ name: NAME, ...kept })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(kept));
      await database.write([statement], options);
    },
  };
}
