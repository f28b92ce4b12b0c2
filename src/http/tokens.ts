import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
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
 * Finds the entry that a bearer token opens. Hashing is dear on purpose, so a
 * token that was proven once is remembered by the object for its lifetime.
 */
export class TokenBook {
  readonly #known: readonly KnownToken[];
  readonly #proven = new Map<string, KnownToken>();

  constructor(known: readonly KnownToken[]) {
    this.#known = known;
  }

  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  find(token: string): KnownToken | null {
    const proven = this.#proven.get(token);
    if (proven !== undefined) return proven;
    if (!/^roomd_[\w-]{32}$/.test(token)) return null;
    const found = this.#known.find((entry) => opens(token, entry.hash)) ?? null;
    if (found !== null) this.#proven.set(token, found);
    return found;
  }
}

function opens(token: string, hash: string): boolean {
  const [scheme, salt, key] = hash.split(':');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'base64url');
  const actual = scryptSync(token, Buffer.from(salt, 'base64url'), KEY_BYTES, COST);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
