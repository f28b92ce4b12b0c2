import { z } from 'zod';
import type { Place } from '../feedback/records.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { ActionError } from './action.ts';
import { CursorInput, placeIn, writeCursor } from './cursor.ts';
import { auditedDeviceId, momentOf } from './history.ts';
import type { Ports } from './ports.ts';

const WHEN = 'such as `7d`, or a time such as `2026-03-01T08:00:00Z`';

/** What every list of records is asked with. */
export const recordShape = {
  since: z.string().default('7d').describe(`From when on: how long ago, ${WHEN}.`),
  until: z.string().nullable().default(null).describe(`Until when: how long ago, ${WHEN}; now where absent.`),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: CursorInput,
};

export const deviceShape = {
  device: z.string().nullable().default(null).describe('All devices where absent.'),
};

interface Asked {
  readonly device: string | null;
  readonly since: string;
  readonly until: string | null;
  readonly limit: number;
  readonly cursor: string | null;
}

/**
 * A list's input as the records' query; what lies ahead counts as well where no end is given.
 * @throws ActionError `bad-input`, `not-found`
 */
export async function recordQuery(
  { device, since, until, limit, cursor }: Asked,
  ports: Ports,
  options: AbortOptions,
) {
  const now = ports.now();
  const from = momentOf(since, now);
  const to = until === null ? Number.MAX_SAFE_INTEGER : momentOf(until, now);
  if (to <= from) throw new ActionError('bad-input', '"until" must be later than "since"');
  const { deviceIds } = ports.scoped;
  const within = deviceIds === null ? {} : { deviceIds: [...deviceIds] };
  const deviceId = device === null ? {} : { deviceId: await auditedDeviceId(ports, device, options) };
  return { ...deviceId, ...within, from, to, limit, after: readPlace(cursor) };
}

/** Where the next page goes on; null where this is the last. */
export function nextCursor(place: Place | null): string | null {
  return place === null ? null : writeCursor([place.at, place.id], ORDER);
}

const ORDER = 'records';
const AtAndId = z.tuple([z.int(), z.int()]);

function readPlace(cursor: string | null): Place | null {
  const place = placeIn(cursor, ORDER, AtAndId);
  return place === null ? null : { at: place[0], id: place[1] };
}

/** Names of devices by roomd's own id, also of those that the file no longer names. */
export async function namesById(
  { scoped: { database, deviceIds } }: Pick<Ports, 'scoped'>,
  options: AbortOptions,
): Promise<ReadonlyMap<number, string>> {
  const rows = await database.read(database.query.selectFrom('device').select(['id', 'name']), options);
  return new Map(rows.flatMap(({ id, name }) => (deviceIds?.has(id) === false ? [] : [[id, name]])));
}
