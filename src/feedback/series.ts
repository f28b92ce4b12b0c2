import { createHmac } from 'node:crypto';
import type { AbortOptions } from '../lib/abort.ts';
import type { ZoneClock } from '../lib/zone.ts';
import type { Database } from '../storage/database.ts';
import { HASH_LENGTH, type Privacy } from './identity-form.ts';

/**
 * What bookings of one series have in common, as a keyed hash: devices tell no
 * series, so it is the title and the organizer. Null where the file does not
 * let it be kept, where one of the two is missing, and where the calendar shows
 * the organizer in place of the title: that would make one series of all that
 * somebody books.
 */
export function seriesOf(
  { title, organizer }: { title: string; organizer: { email: string; name: string } },
  { series, key }: Privacy,
): string | null {
  const [what, email, name] = [title, organizer.email, organizer.name].map((text) =>
    text.trim().toLowerCase(),
  );
  const who = email || name;
  if (series === 'none' || !what || !who || what === name || what === email) return null;
  return createHmac('sha256', key)
    .update(JSON.stringify(['series', what, who]))
    .digest('hex')
    .slice(0, HASH_LENGTH);
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** Nobody counts further back. */
const MOST_BOOKINGS = 20;
/** One that was over sooner says nothing: somebody may have called it off. */
const LEAST_MS = 10 * MINUTE_MS;

/**
 * How many bookings right before the one that runs, of the same series and at
 * the same time of the day, were surely empty: presence was no, without a break,
 * and no call took place. The first that was used, or of which that is not
 * known, ends the count. Null where no booking runs, or nothing tells its series.
 */
export async function strikesOf(
  database: Database,
  { deviceId, zone }: { deviceId: number; zone: ZoneClock },
  options: AbortOptions = {},
): Promise<number | null> {
  const { query } = database;
  const bookings = query.selectFrom('booking').where('device_id', '=', deviceId);
  const [running] = await database.read(
    bookings
      .select(['series', 'start_at'])
      .where('state', '=', 'running')
      .orderBy('start_at', 'desc')
      .limit(1),
    options,
  );
  if (running === undefined || running.series === null) return null;
  const before = await database.read(
    bookings
      .select(['start_at', 'end_at', 'ended_at', 'state'])
      .where('series', '=', running.series)
      .where('start_at', '<', running.start_at)
      .where('state', 'in', ['ended', 'unknown'])
      .orderBy('start_at', 'desc')
      .limit(MOST_BOOKINGS),
    options,
  );
  let strikes = 0;
  for (const { start_at: from, end_at, ended_at, state } of before) {
    if (minuteOfDay(from, zone) !== minuteOfDay(running.start_at, zone)) continue;
    const to = ended_at ?? end_at;
    if (state === 'unknown' || to === null || to - from < LEAST_MS) break;
    if (!(await wasEmpty(database, { deviceId, from, to }, options))) break;
    strikes += 1;
  }
  return strikes;
}

function minuteOfDay(at: number, zone: ZoneClock): number {
  return Math.floor(zone.wallAt(at) / MINUTE_MS) % DAY_MINUTES;
}

/** Whether surely nobody was there in all of [from, to). */
async function wasEmpty(
  database: Database,
  { deviceId, from, to }: { deviceId: number; from: number; to: number },
  options: AbortOptions,
): Promise<boolean> {
  const presence = await database.read(
    database.query
      .selectFrom('presence')
      .select(['state', 'from_at', 'to_at'])
      .where('device_id', '=', deviceId)
      .where('from_at', '<', to)
      .where((is) => is.or([is('to_at', 'is', null), is('to_at', '>', from)]))
      .orderBy('from_at'),
    options,
  );
  let known = from;
  for (const { state, from_at, to_at } of presence) {
    if (state !== 'no' || from_at > known) return false;
    known = to_at ?? to;
  }
  if (known < to) return false;
  const [call] = await database.read(
    database.query
      .selectFrom('call')
      .select('id')
      .where('device_id', '=', deviceId)
      .where('started_at', '<', to)
      .where((is) => is.or([is('ended_at', 'is', null), is('ended_at', '>', from)]))
      .limit(1),
    options,
  );
  return call === undefined;
}
