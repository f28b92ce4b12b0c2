import { sql } from 'kysely';
import { rollUp, workOffMarks } from '../../dist/feedback/utilisation/roll-up.js';
import { seededRandom } from '../../dist/lib/random.js';
import { DAY, HOUR, ROOMS } from './rooms.mjs';

const MINUTE = 60_000;
const WORKING_HOURS = [7, 8, 9, 10, 11, 12, 13, 14, 15];
const BOOKED_HOURS = [8, 10, 13];

/** The days before: people come and go by the clock, bookings beside them. */
export async function remember(ports, at) {
  const { database } = ports;
  const today = Math.floor(at / DAY) * DAY;
  const first = today - 14 * DAY;
  const book = recordBook(database.query, first);
  const random = seededRandom(5);
  for (const { name, seats, share } of ROOMS) {
    const room = { device: ports.deviceId(name), seats, share, random, book };
    for (let day = first; day < today; day += DAY) {
      // One afternoon roomd was not there: unknown is told as unknown.
      const end = day === today - 3 * DAY ? day + 13 * HOUR : day + DAY;
      dayOfPresence(room, day, end);
      dayOfBookings(room, day);
    }
  }
  const { writes } = book;
  for (let from = 0; from < writes.length; from += 200) await database.write(writes.slice(from, from + 200));
  await rollUp(database, today);
  await workOffMarks(database, { keptFrom: 0 });
}

function dayOfPresence({ device, seats, share, random, book }, day, end) {
  let at = day;
  for (const hour of WORKING_HOURS) {
    if (random() > likelihood(share, day, hour) || day + (hour + 1) * HOUR > end) continue;
    const from = day + hour * HOUR + Math.floor(random() * 8) * MINUTE;
    const to = from + (25 + Math.floor(random() * 27)) * MINUTE;
    book.presence(device, 'no', at, from);
    book.presence(device, 'yes', from, to);
    book.people(device, from, to, Math.max(1, Math.round(seats * (0.2 + random() * 0.5))));
    at = to;
  }
  book.presence(device, 'no', at, end);
}

/** How likely somebody is there in an hour: hardly at the weekend, less at lunch and at both ends of the day. */
function likelihood(share, day, hour) {
  if (isWeekend(day)) return share / 20;
  if (hour === 11) return share * 0.4;
  return share * (hour < 8 || hour > 14 ? 0.5 : 1.1);
}

function dayOfBookings({ device, share, random, book }, day) {
  for (const hour of isWeekend(day) ? [] : BOOKED_HOURS) {
    if (random() > share + 0.15) continue;
    const start = day + hour * HOUR;
    book.booking(device, start, start + HOUR);
  }
}

function isWeekend(day) {
  return [0, 6].includes(new Date(day).getUTCDay());
}

/** Collects the writes of rows, which are numbered as events would number them. */
function recordBook(query, first) {
  const writes = [{ compile: () => sql`UPDATE device SET created_at = ${first}`.compile(query) }];
  let seq = 1;
  return {
    writes,
    presence(device_id, state, from_at, to_at) {
      if (to_at <= from_at) return;
      const row = { device_id, state, from_at, to_at, source: 'session', max_count: null, last_count: null };
      writes.push(query.insertInto('presence').values(row));
    },
    people(device_id, from_at, to_at, count) {
      writes.push(query.insertInto('people_count').values({ device_id, from_at, to_at, count, seq }));
      seq += 1;
    },
    booking(device_id, start_at, end_at) {
      writes.push(bookingRow(query, device_id, seq, start_at, end_at));
      seq += 1;
    },
  };
}

function bookingRow(query, device_id, seq, start_at, end_at) {
  return query.insertInto('booking').values({
    device_id,
    seq,
    booking_id: String(seq),
    meeting_id: null,
    organizer: null,
    organizer_form: 'none',
    series: null,
    start_at,
    end_at,
    extended_times: 0,
    began_at: null,
    ended_at: null,
    state: 'ended',
  });
}
