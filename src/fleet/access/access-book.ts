import { RoomdError } from '../../lib/errors.ts';
import type { AccessEntry } from './entry.ts';
import { digestOf, isToken, NOBODYS_HASH, opensByPassword, opensByToken } from './hash.ts';

/** Tokens that nobody knows yet and that are checked or wait for it: with one token in the file, a second's work. */
const MOST_UNKNOWN = 20;

export class AccessError extends RoomdError<'access-busy'> {
  constructor() {
    super('access-busy', 'too many unknown tokens are being checked; try again in a few seconds', {
      retryable: true,
    });
  }
}

/**
 * Finds the entry that a token or a password opens. Hashing is dear on
 * purpose: it is done off the main thread, for one token and one password at a
 * time, so that whoever sends tokens at random keeps nobody with a password
 * waiting. A token of the file that was proven once is remembered by its
 * digest for the book's lifetime.
 */
export class AccessBook {
  readonly #entries: readonly AccessEntry[];
  readonly #proven = new Map<string, AccessEntry>();
  /** What is being checked, by the token's digest. */
  readonly #unknown = new Map<string, Promise<AccessEntry | null>>();
  #tokenTurn: Promise<unknown> = Promise.resolve();
  #passwordTurn: Promise<unknown> = Promise.resolve();

  constructor(entries: readonly AccessEntry[]) {
    this.#entries = entries;
  }

  /**
   * By a token; null where it opens nothing. What has expired is found as well.
   * @throws AccessError `access-busy` for one that is not known while too many are being checked
   */
  async byToken(token: string): Promise<AccessEntry | null> {
    if (!isToken(token)) return null;
    const digest = digestOf(token);
    const tokens = this.#entries.filter(({ kind }) => kind === 'token');
    const stored = tokens.find(({ place, hash }) => place === 'database' && hash === digest);
    const known = stored ?? this.#proven.get(digest);
    if (known !== undefined) return known;
    const ofFile = tokens.filter(({ place }) => place === 'file');
    return ofFile.length === 0 ? null : await this.#checked(token, digest, ofFile);
  }

  /** By a user's password; takes as long where there is no such user. */
  async byPassword(user: string, password: string): Promise<AccessEntry | null> {
    const entry = this.#entries.find(({ kind, name }) => kind === 'user' && name === user) ?? null;
    const work = this.#passwordTurn.then(() => opensByPassword(password, entry?.hash ?? NOBODYS_HASH));
    this.#passwordTurn = work.catch(() => undefined);
    return (await work) ? entry : null;
  }

  #checked(token: string, digest: string, ofFile: readonly AccessEntry[]): Promise<AccessEntry | null> {
    const underWay = this.#unknown.get(digest);
    if (underWay !== undefined) return underWay;
    if (this.#unknown.size >= MOST_UNKNOWN) throw new AccessError();
    const work = this.#tokenTurn.then(() => this.#opened(token, digest, ofFile));
    this.#unknown.set(digest, work);
    this.#tokenTurn = work.catch(() => undefined);
    return work;
  }

  async #opened(token: string, digest: string, ofFile: readonly AccessEntry[]): Promise<AccessEntry | null> {
    try {
      for (const entry of ofFile) {
        if (!(await opensByToken(token, entry.hash))) continue;
        this.#proven.set(digest, entry);
        return entry;
      }
      return null;
    } finally {
      this.#unknown.delete(digest);
    }
  }
}
