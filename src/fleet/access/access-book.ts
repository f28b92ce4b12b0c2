import type { AccessEntry } from './entry.ts';
import { digestOf, isToken, NOBODYS_HASH, opensByPassword, opensByToken } from './hash.ts';

/**
 * Finds the entry that a token or a password opens. Hashing is dear on
 * purpose: it is done off the main thread, for one at a time, and a token of
 * the file that was proven once is remembered by its digest for the book's
 * lifetime.
 */
export class AccessBook {
  readonly #entries: readonly AccessEntry[];
  readonly #proven = new Map<string, AccessEntry>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(entries: readonly AccessEntry[]) {
    this.#entries = entries;
  }

  /** By a token; null where it opens nothing. What has expired is found as well. */
  async byToken(token: string): Promise<AccessEntry | null> {
    if (!isToken(token)) return null;
    const digest = digestOf(token);
    const tokens = this.#entries.filter(({ kind }) => kind === 'token');
    const stored = tokens.find(({ place, hash }) => place === 'database' && hash === digest);
    const known = stored ?? this.#proven.get(digest);
    if (known !== undefined) return known;
    const ofFile = tokens.filter(({ place }) => place === 'file');
    const found = await this.#inTurn(async () => {
      for (const entry of ofFile) if (await opensByToken(token, entry.hash)) return entry;
      return null;
    });
    if (found !== null) this.#proven.set(digest, found);
    return found;
  }

  /** By a user's password; takes as long where there is no such user. */
  async byPassword(user: string, password: string): Promise<AccessEntry | null> {
    const entry = this.#entries.find(({ kind, name }) => kind === 'user' && name === user) ?? null;
    const opens = await this.#inTurn(() => opensByPassword(password, entry?.hash ?? NOBODYS_HASH));
    return opens ? entry : null;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
