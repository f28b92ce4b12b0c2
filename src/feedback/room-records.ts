import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { BookingsState } from './projections/bookings.ts';

/** A booking that is to come or under way, UTC milliseconds. */
export interface OpenBooking {
  readonly deviceId: number;
  /** The device's own id of it. */
  readonly id: string;
  readonly startAt: number;
  readonly endAt: number | null;
  readonly isRunning: boolean;
}

/** The bookings of a device that are not over, soonest first; null where it never told of any, nor that there are none. */
export async function openBookings(
  database: Database,
  deviceId: number,
  options: AbortOptions = {},
): Promise<OpenBooking[] | null> {
  const [row] = await database.read(
    database.query
      .selectFrom('projection')
      .select('state_json')
      .where('name', '=', 'bookings')
      .where('device_id', '=', deviceId),
    options,
  );
  if (row === undefined) return null;
  const { open } = JSON.parse(row.state_json) as BookingsState;
  return Object.values(open)
    .map((booking) => ({
      deviceId,
      id: booking.booking_id,
      startAt: booking.start_at,
      endAt: booking.end_at,
      isRunning: booking.state === 'running',
    }))
    .toSorted((one, other) => one.startAt - other.startAt);
}

/** How many people the device says its room is for; null where it says nothing. */
export async function statedCapacity(
  database: Database,
  deviceId: number,
  options: AbortOptions = {},
): Promise<number | null> {
  const [row] = await database.read(
    database.query
      .selectFrom('span')
      .select('value')
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'capacity')
      .where('to_at', 'is', null),
    options,
  );
  const capacity = Number(row?.value ?? Number.NaN);
  return Number.isSafeInteger(capacity) && capacity > 0 ? capacity : null;
}

/** Since when presence has been the same in a room, without a break. */
export interface StandingPresence {
  readonly deviceId: number;
  readonly state: 'yes' | 'no' | 'unknown';
  readonly since: number;
  /** The event that began it. */
  readonly seq: number;
}

/** Of all devices, what has stood since before a time. */
export async function standingPresence(
  database: Database,
  { state, before }: { state: StandingPresence['state']; before: number },
  options: AbortOptions = {},
): Promise<StandingPresence[]> {
  const rows = await database.read(
    database.query
      .selectFrom('presence')
      .select(['device_id', 'state', 'from_at', 'seq'])
      .where('to_at', 'is', null)
      .where('state', '=', state)
      .where('from_at', '<=', before),
    options,
  );
  return rows.map(({ device_id, from_at, seq, ...row }) => ({
    ...row,
    deviceId: device_id,
    since: from_at,
    seq,
  }));
}

/**
 * The event that began what stands, seen past times in which nothing was known:
 * where presence was the same before and after each of them, and none was longer
 * than `mostMs`, nobody is taken to have come or gone meanwhile.
 */
export async function firstBegun(
  database: Database,
  { deviceId, state, since, seq }: StandingPresence,
  mostMs: number,
  options: AbortOptions = {},
): Promise<number> {
  for (let first = { since, seq }; ; ) {
    const [gap, before] = await database.read(
      database.query
        .selectFrom('presence')
        .select(['state', 'from_at', 'seq'])
        .where('device_id', '=', deviceId)
        .where('from_at', '<', first.since)
        .orderBy('from_at', 'desc')
        .limit(2),
      options,
    );
    const isSame = gap?.state === 'unknown' && first.since - gap.from_at <= mostMs && before?.state === state;
    if (!isSame) return first.seq;
    first = { since: before.from_at, seq: before.seq };
  }
}

/** Bookings of all devices whose start, or end, lies within [from, to); cancelled ones are none. */
export async function bookingsBetween(
  database: Database,
  { at, from, to }: { at: 'start' | 'end'; from: number; to: number },
  options: AbortOptions = {},
): Promise<(OpenBooking & { readonly dueAt: number })[]> {
  const column = at === 'start' ? 'start_at' : 'end_at';
  const rows = await database.read(
    database.query
      .selectFrom('booking')
      .select(['device_id', 'booking_id', 'start_at', 'end_at', 'state'])
      .where(column, '>=', from)
      .where(column, '<', to)
      .where('state', 'in', ['scheduled', 'running', 'ended']),
    options,
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    id: row.booking_id,
    startAt: row.start_at,
    endAt: row.end_at,
    isRunning: row.state === 'running',
    dueAt: (at === 'start' ? row.start_at : row.end_at) ?? row.start_at,
  }));
}
