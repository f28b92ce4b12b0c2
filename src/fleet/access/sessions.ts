import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { AccessStore, SessionRow } from './access-store.ts';
import { digestOf } from './hash.ts';

/** How long a browser stays signed in, in milliseconds. */
export interface SignInLife {
  /** Without a request. */
  readonly idleMs: number;
  /** In all. */
  readonly mostMs: number;
}

/** More browsers than these are not signed in by one token or user; the one that was used least lately goes. */
const MOST_OF_ONE = 50;
/** That a session is used is written down no more often. */
const WRITE_DOWN_MS = 60_000;

/**
 * Browsers that are signed in: on record, so that a restart signs nobody out,
 * and here for the question that every request asks. Of the random id that a
 * cookie holds only the digest is kept.
 */
export class Sessions {
  readonly #life: () => SignInLife;
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #rows = new Map<string, SessionRow>();
  /** When each was written down as used. */
  readonly #written = new Map<string, number>();

  constructor({ life }: { life: () => SignInLife }, { store, clock }: { store: AccessStore; clock: Clock }) {
    this.#life = life;
    this.#store = store;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    for (const row of await this.#store.sessions()) this.#take(row);
  }

  /** @returns the id for the cookie, 256 random bits, and its digest */
  async begin(proof: string): Promise<{ id: string; digest: string }> {
    const id = randomBytes(32).toString('base64url');
    const digest = digestOf(id);
    const now = this.#clock.now();
    const others = [...this.#rows.values()].filter((row) => row.proof === proof);
    const tooMany = others.toSorted((a, b) => b.used_at - a.used_at).slice(MOST_OF_ONE - 1);
    await this.end(tooMany.map((row) => row.digest));
    const row = { digest, proof, made_at: now, used_at: now };
    await this.#store.addSession(row);
    this.#take(row);
    return { id, digest };
  }

  /** What the session was signed in by; null where there is none, or its time is over. */
  proofOf(digest: string): string | null {
    const row = this.#rows.get(digest);
    return row === undefined || this.#isOver(row) ? null : row.proof;
  }

  used(digest: string): void {
    const row = this.#rows.get(digest);
    if (row !== undefined) row.used_at = this.#clock.now();
  }

  async end(digests: readonly string[]): Promise<void> {
    for (const digest of digests) this.#drop(digest);
    await this.#store.endSessions(digests);
  }

  /** Ends those whose time is over, and those that nothing stands behind any more. */
  async prune(proofs: ReadonlySet<string>): Promise<void> {
    const over = [...this.#rows.values()].filter((row) => this.#isOver(row) || !proofs.has(row.proof));
    await this.end(over.map(({ digest }) => digest));
  }

  /** Those whose use is to be written down. */
  unwritten(): SessionRow[] {
    const rows = [...this.#rows.values()].filter(
      ({ digest, used_at }) => used_at - (this.#written.get(digest) ?? 0) >= WRITE_DOWN_MS,
    );
    for (const { digest, used_at } of rows) this.#written.set(digest, used_at);
    return rows;
  }

  #isOver({ made_at, used_at }: SessionRow): boolean {
    const { idleMs, mostMs } = this.#life();
    const now = this.#clock.now();
    return now - used_at >= idleMs || now - made_at >= mostMs;
  }

  #take(row: SessionRow): void {
    this.#rows.set(row.digest, { ...row });
    this.#written.set(row.digest, row.used_at);
  }

  #drop(digest: string): void {
    this.#rows.delete(digest);
    this.#written.delete(digest);
  }
}
