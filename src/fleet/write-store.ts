import { sql } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import type { NewId } from '../lib/random.ts';
import { Secret } from '../lib/secret.ts';
import type { Database } from '../storage/database.ts';
import { appendEvents, type NewEvent, ownEvent } from '../storage/events.ts';
import { prepared } from '../storage/prepared.ts';
import { newQueryBuilder } from '../storage/query-builder.ts';
import type { WriteTable } from '../storage/tables/configuration.ts';
import type { Tables } from '../storage/tables.ts';
import { pathKey } from '../xapi/path.ts';
import type { WriteLedger } from './apply.ts';
import { type Blob, type BlobStore, digestOfBytes, MOST_BLOB_BYTES } from './blob-store.ts';
import type { Change, ChangeResult, Replaced } from './change.ts';
import { Order } from './managed-content.ts';
import type { HiddenProofs } from './resources/configuration.ts';

/** Who writes, and on whose approval. */
export interface WriteOrigin {
  readonly deviceId: number;
  readonly revisionId: string | null;
  /** `cli:anna`, `token:grafana`, `drift`, `slot`. */
  readonly actor: string;
  /** Keeps what stands where a panel, macro or picture is written, so that it can be put back. */
  readonly keepsReplaced?: boolean;
}

/** What stood where a thing was written, as the record has it. */
export interface ReplacedRecord {
  readonly key: string;
  readonly isOurs: boolean;
  /** Null where nothing stood there, or where it could not be kept. */
  readonly digest: string | null;
  /** Of a device macro. */
  readonly active?: boolean;
  /** What of it cannot be put back, in a sentence; null for nothing. */
  readonly lacks: string | null;
}

/** Every write ever made: the intent is committed before the device hears of it, the outcome after. */
export class WriteStore implements HiddenProofs {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #blobs: BlobStore;
  readonly #fingerprintKey: string;

  constructor(
    { fingerprintKey }: { fingerprintKey: string },
    { database, blobs, clock, newId }: { database: Database; blobs: BlobStore; clock: Clock; newId: NewId },
  ) {
    this.#fingerprintKey = fingerprintKey;
    this.#database = database;
    this.#blobs = blobs;
    this.#clock = clock;
    this.#newId = newId;
  }

  ledger(origin: WriteOrigin): WriteLedger {
    return {
      intend: async (changes) => {
        const replaced = origin.keepsReplaced === true ? await this.#keepReplaced(changes) : [];
        const rows = changes.map((change, at) => this.#row(change, origin, replaced[at] ?? null));
        await this.#database.write([this.#database.query.insertInto('write').values(rows)]);
        return rows.map(({ id }) => id);
      },
      settle: async (ids, results) => {
        const now = this.#clock.now();
        const updates = results.map(({ outcome, detail }, position) =>
          settle([stateOf(outcome), detail, now, ids[position] ?? '']),
        );
        await appendEvents(
          this.#database,
          results.map((result) => writeEvent(result, origin, now)),
          updates,
        );
      },
    };
  }

  fingerprint(value: Secret): string {
    return value.fingerprint(this.#fingerprintKey);
  }

  /** The hidden value that a device last accepted, for each path where the last write that can have changed it was accepted and is unreadable. */
  async load(deviceId: number): Promise<ReadonlyMap<string, string>> {
    const { query } = this.#database;
    const last = query
      .selectFrom('write')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .where('device_id', '=', deviceId)
      .where('resource', '=', CONFIGURATION)
      .where('state', 'not in', ['refused', 'withdrawn'])
      .groupBy(sql`lower(path)`);
    const rows = await this.#database.read(
      query
        .selectFrom('write')
        .select(['path', 'wanted'])
        .where('seq', 'in', last)
        .where('state', '=', 'accepted-unreadable'),
    );
    return new Map(rows.map(({ path, wanted }) => [pathKey(path), wanted.slice(FINGERPRINT.length)]));
  }

  /** Writes whose outcome was never learned (roomd was killed in the middle) become `unknown`; the next run reads the device before anything else. */
  async settleInterrupted(): Promise<void> {
    await this.#database.write([
      this.#database.query
        .updateTable('write')
        .set({
          state: 'unknown',
          detail: 'roomd stopped in the middle; the device is read again',
          settled_at: this.#clock.now(),
        })
        .where('settled_at', 'is', null),
    ]);
  }

  /** In the order of the changes; what they take the place of is on the disk afterwards. */
  async #keepReplaced(changes: readonly Change[]): Promise<(ReplacedRecord | null)[]> {
    const kept = changes.map(({ replaces }) => (replaces === undefined ? null : recordReplaced(replaces)));
    await this.#blobs.keep(kept.flatMap((one) => (one?.blob == null ? [] : [one.blob])));
    return kept.map((one) => one?.record ?? null);
  }

  #row(change: Change, { deviceId, revisionId, actor }: WriteOrigin, replaced: ReplacedRecord | null) {
    return {
      id: this.#newId(),
      device_id: deviceId,
      revision_id: revisionId,
      actor,
      resource: change.kind,
      path: change.path,
      before: change.from,
      wanted: this.#onRecord(change),
      state: 'intended' as const,
      detail: null,
      intended_at: this.#clock.now(),
      settled_at: null,
      replaced_json: replaced === null ? null : JSON.stringify(replaced),
    };
  }

  /** A panel, macro, picture or certificate as people are shown it: its size and digest tell nothing of it. */
  #onRecord({ wanted, to }: Change): string {
    if (wanted instanceof Order) return to;
    return wanted instanceof Secret ? FINGERPRINT + this.fingerprint(wanted) : wanted;
  }
}

function recordReplaced({ key, isOurs, held }: Replaced): { record: ReplacedRecord; blob: Blob | null } {
  const nothing = { key, isOurs, digest: null, lacks: null };
  if (held === null) return { record: nothing, blob: null };
  if ('lost' in held) return { record: { ...nothing, lacks: held.lost }, blob: null };
  const bytes = held.bytes();
  if (bytes.byteLength > MOST_BLOB_BYTES)
    return {
      record: { ...nothing, lacks: `its ${bytes.byteLength} bytes are too many to keep` },
      blob: null,
    };
  const digest = digestOfBytes(bytes);
  const active = held.active === undefined ? {} : { active: held.active };
  const record = { key, isOurs, digest, ...active, lacks: held.lacks };
  return { record, blob: { digest, bytes: () => bytes } };
}

const settle = prepared(
  newQueryBuilder<Tables>()
    .updateTable('write')
    .set({ state: 'accepted', detail: '', settled_at: 0 })
    .where('id', '=', ''),
);

/** The actor of writes that restore what was approved. */
export const DRIFT = 'drift';

const CONFIGURATION = 'configuration';

/** Marks a column that holds a keyed fingerprint instead of a value. */
const FINGERPRINT = 'hmac:';

function stateOf(outcome: ChangeResult['outcome']): WriteTable['state'] {
  if (outcome === 'failed') return 'unknown';
  return outcome === 'waiting' || outcome === 'held' ? 'withdrawn' : outcome;
}

function writeEvent({ change, outcome, detail }: ChangeResult, origin: WriteOrigin, now: number): NewEvent {
  return ownEvent({
    deviceId: origin.deviceId,
    kind: 'write',
    path: change.path,
    payload: {
      resource: change.kind,
      from: change.from,
      to: change.to,
      outcome,
      detail,
      actor: origin.actor,
      revision: origin.revisionId,
    },
    at: now,
  });
}
