import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../storage/database.ts';

/** A content, known by the SHA-256 (hex) of its bytes. */
export interface Blob {
  readonly digest: string;
  /** Asked only where it is not kept yet. */
  readonly bytes: () => Uint8Array;
}

/** A larger content is not kept: nothing that a device takes comes near. */
export const MOST_BLOB_BYTES = 16 * 1024 * 1024;

/** What was put this recently stays, because whatever is to name it may not be on record yet. */
const GRACE_MS = 60 * 60_000;

/** Read contents that are kept in memory, so that a thousand devices do not read one picture a thousand times. */
const CACHED_BYTES = 32 * 1024 * 1024;

const DIGESTS_AT_ONCE = 200;

/** Contents that were approved or stood on a device before a rollout: written once under their digest, gone when nothing names them. */
export class BlobStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #cached = new Map<string, Uint8Array>();
  #cachedBytes = 0;

  constructor({ database, clock }: { database: Database; clock: Clock }) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Those that are too large are left out, and are then not there to be read. */
  async keep(blobs: readonly Blob[]): Promise<void> {
    const wanted = new Map(blobs.map((blob) => [blob.digest, blob]));
    for (const known of await this.#touch([...wanted.keys()])) wanted.delete(known);
    const now = this.#clock.now();
    for (const { digest, bytes: make } of wanted.values()) {
      const bytes = make();
      if (bytes.byteLength > MOST_BLOB_BYTES) continue;
      // One at a time: a transaction of many pictures would stall all other writes.
      await this.#database.write([
        this.#database.query
          .insertInto('content_blob')
          .values({ digest, bytes, put_at: now })
          .onConflict((conflict) => conflict.column('digest').doUpdateSet({ put_at: now })),
      ]);
    }
  }

  /** Null where it was never kept, or is damaged. */
  async read(digest: string): Promise<Uint8Array | null> {
    const cached = this.#cached.get(digest);
    if (cached !== undefined) return cached;
    const [row] = await this.#database.read(
      this.#database.query.selectFrom('content_blob').select('bytes').where('digest', '=', digest),
    );
    if (row === undefined || digestOfBytes(row.bytes) !== digest) return null;
    this.#remember(digest, row.bytes);
    return row.bytes;
  }

  /** Deletes what is not named and was not put just now. @returns how many went */
  async collect(named: ReadonlySet<string>): Promise<number> {
    const { query } = this.#database;
    const rows = await this.#database.read(
      query
        .selectFrom('content_blob')
        .select('digest')
        .where('put_at', '<', this.#clock.now() - GRACE_MS),
    );
    const idle = rows.map(({ digest }) => digest).filter((digest) => !named.has(digest));
    for (let at = 0; at < idle.length; at += DIGESTS_AT_ONCE) {
      const some = idle.slice(at, at + DIGESTS_AT_ONCE);
      await this.#database.write([query.deleteFrom('content_blob').where('digest', 'in', some)]);
    }
    return idle.length;
  }

  /** Marks what is there as just put, and says which those are. */
  async #touch(digests: readonly string[]): Promise<string[]> {
    const { query } = this.#database;
    const known: string[] = [];
    for (let at = 0; at < digests.length; at += DIGESTS_AT_ONCE) {
      const some = digests.slice(at, at + DIGESTS_AT_ONCE);
      await this.#database.write([
        query.updateTable('content_blob').set({ put_at: this.#clock.now() }).where('digest', 'in', some),
      ]);
      const rows = await this.#database.read(
        query.selectFrom('content_blob').select('digest').where('digest', 'in', some),
      );
      known.push(...rows.map(({ digest }) => digest));
    }
    return known;
  }

  #remember(digest: string, bytes: Uint8Array): void {
    this.#cached.set(digest, bytes);
    this.#cachedBytes += bytes.byteLength;
    for (const [oldest, { byteLength }] of this.#cached) {
      if (this.#cachedBytes <= CACHED_BYTES) return;
      this.#cached.delete(oldest);
      this.#cachedBytes -= byteLength;
    }
  }
}

export function digestOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
