import type { Database } from '../storage/database.ts';
import { loadStates } from './projection-store.ts';
import type { PresenceFold } from './projections/presence.ts';

/**
 * When each device was last heard on presence, and the devices of which
 * something stands open in the records. Right once the projector has caught up.
 */
export async function lastHeard(
  database: Database,
): Promise<{ heardAt: ReadonlyMap<number, number>; open: readonly number[] }> {
  const states = await loadStates(database, 'presence');
  const heardAt = new Map<number, number>();
  const open = new Set<number>();
  for (const [deviceId, state] of states) {
    // The projection of that name left it.
    const presence = state as PresenceFold | null;
    if (presence === null) continue;
    heardAt.set(deviceId, presence.lastAt);
    if (presence.open !== null && presence.open.state !== 'unknown') open.add(deviceId);
  }
  for (const deviceId of await standing(database)) open.add(deviceId);
  return { heardAt, open: [...open] };
}

/**
 * Since when nothing was heard of the devices whose session was not up any more:
 * its end, or the last post since it is as it is.
 */
export async function silentSince(database: Database): Promise<ReadonlyMap<number, number>> {
  const sessions = database.query.selectFrom('span').where('kind', '=', 'session');
  const ups = await database.read(
    sessions
      .where('value', 'in', UP)
      .select((row) => ['device_id', row.fn.max('to_at').as('at')])
      .groupBy('device_id')
      // One that is up has no end yet.
      .having((row) => row(row.fn.count('to_at'), '=', row.fn.countAll())),
  );
  const standing = await database.read(
    sessions.where('value', 'not in', UP).where('to_at', 'is', null).select(['device_id', 'seq']),
  );
  const silent = new Map(ups.map(({ device_id, at }) => [device_id, at ?? 0]));
  for (const { device_id, seq } of standing) {
    const at = silent.get(device_id);
    if (at !== undefined) silent.set(device_id, Math.max(at, await lastPostAt(database, device_id, seq)));
  }
  return silent;
}

const UP = ['up', 'up-https'];

/** When the last post after an event came; 0 where none did. */
async function lastPostAt(database: Database, deviceId: number, afterSeq: number): Promise<number> {
  const [post] = await database.read(
    database.query
      .selectFrom('event')
      .select('received_at')
      .where('device_id', '=', deviceId)
      .where('seq', '>', afterSeq)
      .where('source', '=', 'webhook')
      .orderBy('seq', 'desc')
      .limit(1),
  );
  return post?.received_at ?? 0;
}

/** Devices with a call under way or a span that stands. */
async function standing(database: Database): Promise<number[]> {
  const { query } = database;
  const calls = query
    .selectFrom('call')
    .select('device_id')
    .where('ended_at', 'is', null)
    .where('is_end_known', '=', 1);
  const spans = query
    .selectFrom('span')
    .select('device_id')
    .where('to_at', 'is', null)
    .where('kind', '<>', 'reboot');
  const rows = await database.read(spans.union(calls));
  return rows.map(({ device_id }) => device_id);
}
