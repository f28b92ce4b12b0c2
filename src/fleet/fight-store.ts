import type { Database } from '../storage/database.ts';
import type { FightTable } from '../storage/tables/configuration.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import type { Fight, Flip, HeardValue, PastWrite } from './fight.ts';
import { DRIFT } from './write-store.ts';

/** Writes of settings that the device answered since `since`, oldest first: what it never heard of, or may not have, flips nothing. */
export async function writesSince(
  database: Database,
  deviceId: number,
  since: number,
): Promise<readonly PastWrite[]> {
  const rows = await database.read(
    database.query
      .selectFrom('write')
      .select(['id', 'path', 'actor', 'state', 'before', 'intended_at', 'settled_at'])
      .where('device_id', '=', deviceId)
      .where('intended_at', '>=', since)
      .where('state', 'in', ['accepted', 'accepted-unreadable', 'differs', 'refused'])
      .orderBy('seq'),
  );
  return rows.map(({ id, path, actor, state, before, intended_at, settled_at }) => ({
    id,
    path,
    isRepair: actor === DRIFT,
    isRefused: state === 'refused',
    before,
    intendedAt: intended_at,
    settledAt: settled_at ?? intended_at,
  }));
}

/** More reports of one device within an hour than this say nothing new of a fight. */
const MOST_REPORTS = 500;

/** The values that a device reported of these settings since `since`, oldest first. */
export async function valuesHeard(
  database: Database,
  { deviceId, keys, since }: { deviceId: number; keys: ReadonlySet<string>; since: number },
): Promise<readonly (HeardValue & { readonly path: PathText })[]> {
  const rows = await database.read(
    database.query
      .selectFrom('event')
      .select(['payload_json', 'received_at'])
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'configuration')
      .where('received_at', '>=', since)
      .orderBy('seq', 'desc')
      .limit(MOST_REPORTS),
  );
  return rows.toReversed().flatMap(({ payload_json, received_at: at }) => {
    const { leaves } = JSON.parse(payload_json) as { leaves: Readonly<Record<PathText, string>> };
    return Object.entries(leaves)
      .filter(([path]) => keys.has(pathKey(path)))
      .map(([path, value]) => ({ path, value, at }));
  });
}

export async function openFights(
  database: Database,
): Promise<readonly { readonly deviceId: number; readonly fight: Fight }[]> {
  const rows = await database.read(database.query.selectFrom('fight').selectAll());
  return rows.map(({ device_id, path, ours, theirs, since_at, opened_at, flips_json }) => ({
    deviceId: device_id,
    fight: {
      path,
      ours,
      theirs,
      since: since_at,
      openedAt: opened_at,
      flips: JSON.parse(flips_json) as Flip[],
    },
  }));
}

export function fightRow(
  deviceId: number,
  { path, ours, theirs, since, openedAt, flips }: Fight,
): FightTable {
  return {
    device_id: deviceId,
    path,
    ours,
    theirs,
    since_at: since,
    opened_at: openedAt,
    flips_json: JSON.stringify(flips),
  };
}
