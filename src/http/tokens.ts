import { createHash, randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Role } from '../fleet/fleet.ts';

/** A token as the file holds it: only its scrypt hash. */
export interface KnownToken {
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
}

const KEY_BYTES = 32;
const COST = { N: 16_384, r: 8, p: 1 };

/** Makes a token to hand out once, and the line for `daemon.tokens` that lets it in. */
export function createToken(name: string, role: Role): { token: string; entry: KnownToken } {
  const token = `roomd_${randomBytes(24).toString('base64url')}`;
  const salt = randomBytes(16);
  const key = scryptSync(token, salt, KEY_BYTES, COST);
  return {
    token,
    entry: { name, role, hash: `scrypt:${salt.toString('base64url')}:${key.toString('base64url')}` },
  };
}

/**
 * Finds the entry that a bearer token opens. Hashing is dear on purpose: it is
 * done off the main thread, for one token at a time, and a token that was
 * proven once is remembered by its digest for the book's lifetime.
 */
export class TokenBook {
  readonly #known: readonly KnownToken[];
  readonly #proven = new Map<string, KnownToken>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(known: readonly KnownToken[]) {
    this.#known = known;
  }

  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  async find(token: string): Promise<KnownToken | null> {
    if (!/^roomd_[\w-]{32}$/.test(token)) return null;
    const digest = createHash('sha256').update(token).digest('hex');
    const proven = this.#proven.get(digest);
    if (proven !== undefined) return proven;
    const search = this.#turn.then(() => this.#search(token));
    this.#turn = search.catch(() => undefined);
    const found = await search;
    if (found !== null) this.#proven.set(digest, found);
    return found;
  }

  async #search(token: string): Promise<KnownToken | null> {
    for (const entry of this.#known) if (await opens(token, entry.hash)) return entry;
    return null;
  }
}

function opens(token: string, hash: string): Promise<boolean> {
  const [scheme, salt, key] = hash.split(':');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return Promise.resolve(false);
  const expected = Buffer.from(key, 'base64url');
  return new Promise((resolve, reject) => {
    scrypt(token, Buffer.from(salt, 'base64url'), KEY_BYTES, COST, (error, actual) => {
      if (error !== null) reject(error);
      else resolve(expected.length === actual.length && timingSafeEqual(expected, actual));
    });
  });
}
