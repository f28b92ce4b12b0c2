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
