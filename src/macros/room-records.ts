import { openBookings, statedCapacity } from '../feedback/room-records.ts';
import { strikesOf } from '../feedback/series.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { zoneClocks } from '../lib/zone.ts';
import type { Database } from '../storage/database.ts';
import { bookingFacts, type RoomRecords } from './ports.ts';

const clockOf = zoneClocks();

/** What is on record of a room's bookings and size; the tag `capacity` goes before what the device says. */
export async function roomRecords(
  database: Database,
  { deviceId, desired, now }: { deviceId: number; desired: DesiredDevice | undefined; now: number },
  options: AbortOptions = {},
): Promise<RoomRecords> {
  const bookings = await openBookings(database, deviceId, options);
  const runs = bookings?.some(({ isRunning }) => isRunning) === true;
  const zone = clockOf(desired?.timezone ?? 'UTC');
  const strikes = runs ? await strikesOf(database, { deviceId, zone }, options) : null;
  return {
    booking: bookings === null ? null : bookingFacts(bookings, { now, strikes }),
    capacity: taggedCapacity(desired) ?? (await statedCapacity(database, deviceId, options)),
  };
}

function taggedCapacity(desired: DesiredDevice | undefined): number | null {
  const capacity = Number(desired?.tags['capacity'] ?? Number.NaN);
  return Number.isSafeInteger(capacity) && capacity > 0 ? capacity : null;
}
