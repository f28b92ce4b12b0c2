import { sql } from 'kysely';
import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { WriteTable } from '../storage/tables/configuration.ts';
import { isWithin, PathError, type PathText } from '../xapi/path.ts';
import { commitOf, type FleetCommit } from './fleet-commit.ts';
import { isSecretPath } from './secret-paths.ts';
import { THING_KINDS } from './thing-kinds.ts';

/** One write that roomd made or was about to make. Secrets are `[secret]`. */
export interface AuditedWrite {
  readonly seq: number;
  /** As it is called now, or was when the file named it last. */
  readonly device: string;
  readonly id: string;
  /** `cli:anna`, `token:grafana`, `drift`. */
  readonly actor: string;
  /** The approved revision that it carried out; null where there was none, as for a restore. */
  readonly revision: string | null;
  /** Of the git repository that the revision's fleet file lay in. */
  readonly commit: FleetCommit | null;
  /** Resource kind: `configuration`, `feedback-slot`. */
  readonly resource: string;
  readonly path: PathText;
  /** What the device held; null where it had nothing there. */
  readonly before: string | null;
  readonly after: string;
  readonly state: WriteTable['state'];
  /** What the device answered, or why it was not proven; null for a plain success. */
  readonly answer: string | null;
  /** When it was about to be sent and when its outcome was known; UTC milliseconds. */
  readonly at: number;
  readonly settledAt: number | null;
}

export interface AuditFilter {
  /** Absent: of all devices. */
  readonly deviceId?: number;
  /** Only of these; absent: of all. */
  readonly deviceIds?: readonly number[];
  readonly actor?: string;
  readonly revision?: string;
  /** Only writes before this wall time, UTC milliseconds. */
  readonly until?: number;
  /** A setting, or everything below a node; null is all. */
  readonly path: PathText | null;
  /** Only writes at or after this wall time, UTC milliseconds; null is all. */
  readonly since: number | null;
  /** Only writes before this one (`seq`); null begins with the newest. */
  readonly before: number | null;
  readonly limit: number;
}

/** Rows that are read at once while sifting for a path. */
const PAGE = 500;

const SHOWN_SECRET = '[secret]';
/** How the write table marks a keyed fingerprint in place of a secret. */
const FINGERPRINT = 'hmac:';

/** Writes, newest first. @throws StorageError */
export async function readAudit(
  database: Database,
  { path, limit, before, ...filter }: AuditFilter,
  options: AbortOptions = {},
): Promise<AuditedWrite[]> {
  const found: AuditedWrite[] = [];
  let below = before;
  for (;;) {
    const rows = await database.read(
      page(database, filter, below).limit(path === null ? limit : PAGE),
      options,
    );
    for (const row of rows) if (path === null || isWithin(row.path, path)) found.push(auditedWrite(row));
    const last = rows.at(-1);
    if (last === undefined || path === null || rows.length < PAGE || found.length >= limit)
      return found.slice(0, limit);
    below = last.seq;
  }
}

function page(
  database: Database,
  { deviceId, deviceIds, actor, revision, since, until }: Omit<AuditFilter, 'path' | 'limit' | 'before'>,
  below: number | null,
) {
  let query = database.query
    .selectFrom('write')
    .innerJoin('device', 'device.id', 'write.device_id')
    .leftJoin('revision', 'revision.id', 'write.revision_id')
    .selectAll('write')
    .select(['device.name as device', 'revision.git_commit', 'revision.git_dirty'])
    .orderBy('write.seq', 'desc');
  if (deviceId !== undefined) query = query.where('write.device_id', '=', deviceId);
  if (deviceIds !== undefined)
    query = query.where(
      sql<boolean>`write.device_id IN (SELECT value FROM json_each(${JSON.stringify(deviceIds)}))`,
    );
  if (actor !== undefined) query = query.where('write.actor', '=', actor);
  if (revision !== undefined) query = query.where('write.revision_id', '=', revision);
  if (since !== null) query = query.where('write.intended_at', '>=', since);
  if (until !== undefined) query = query.where('write.intended_at', '<', until);
  if (below !== null) query = query.where('write.seq', '<', below);
  return query;
}

/** The id of the device of this name, also where the fleet file no longer names it. */
export async function auditedDevice(
  database: Database,
  name: string,
  options: AbortOptions = {},
): Promise<number | null> {
  const [row] = await database.read(
    database.query.selectFrom('device').select('id').where('name', '=', name),
    options,
  );
  return row?.id ?? null;
}

/** Whether the value at this path is never shown, whatever the record holds. */
export function isSecretRecord(path: PathText, value: string | null): boolean {
  if (value?.startsWith(FINGERPRINT)) return true;
  try {
    return isSecretPath(path);
  } catch (error) {
    // What is no setting, a panel say, has names of its own.
    if (error instanceof PathError) return false;
    throw error;
  }
}

function auditedWrite(row: {
  readonly seq: number;
  readonly device: string;
  readonly id: string;
  readonly actor: string;
  readonly revision_id: string | null;
  readonly resource: string;
  readonly path: string;
  readonly before: string | null;
  readonly wanted: string;
  readonly state: WriteTable['state'];
  readonly detail: string | null;
  readonly intended_at: number;
  readonly settled_at: number | null;
  readonly git_commit: string | null;
  readonly git_dirty: number | null;
}): AuditedWrite {
  // Things besides settings are on record by size and digest; earlier versions kept a keyed fingerprint instead.
  const isThing = THING_KINDS.has(row.resource);
  const isSecret = isThing ? row.wanted.startsWith(FINGERPRINT) : isSecretRecord(row.path, row.wanted);
  return {
    seq: row.seq,
    device: row.device,
    id: row.id,
    actor: row.actor,
    revision: row.revision_id,
    commit: commitOf(row),
    resource: row.resource,
    path: row.path,
    before: isSecret && !isThing && row.before !== null ? SHOWN_SECRET : row.before,
    after: isSecret ? SHOWN_SECRET : row.wanted,
    state: row.state,
    answer: row.detail,
    at: row.intended_at,
    settledAt: row.settled_at,
  };
}
