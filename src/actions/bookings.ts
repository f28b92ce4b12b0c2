import { z } from 'zod';
import { placeOf, type Recorded, recordsPage } from '../feedback/records.ts';
import type { Action } from './action.ts';
import { components, IdentityFormAnswer, pageOf, Time } from './answers.ts';
import { rfc3339 } from './present.ts';
import { deviceShape, namesById, nextCursor, recordQuery, recordShape } from './record-query.ts';

const Input = z.strictObject({ ...deviceShape, ...recordShape });

export const ShownBooking = z
  .strictObject({
    device: z.string().nullable(),
    bookingId: z.string(),
    meetingId: z.string().nullable(),
    state: z.enum(['unknown', 'running', 'scheduled', 'ended', 'cancelled']),
    startAt: Time,
    endAt: Time.nullable(),
    extendedTimes: z.int(),
    beganAt: Time.nullable(),
    endedAt: Time.nullable(),
    organizer: z.string().nullable(),
    organizerForm: IdentityFormAnswer,
  })
  .register(components, { id: 'Booking' });
export type ShownBooking = z.output<typeof ShownBooking>;

export const BookingList = pageOf(ShownBooking);
export type BookingList = z.output<typeof BookingList>;

export const listBookings: Action<z.output<typeof Input>, BookingList> = {
  name: 'bookings',
  summary:
    'Bookings of a device or of all, the latest first, those to come as well; the organizer only as far as `privacy:` lets it be kept.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/bookings' },
  input: Input,
  answer: BookingList,
  async run(input, ports, _caller, options) {
    const query = await recordQuery(input, ports, options);
    const names = await namesById(ports, options);
    const rows = await recordsPage(ports.scoped.database, 'booking', query, options);
    const last = rows.length < query.limit ? undefined : rows.at(-1);
    return {
      items: rows.map((row) => showBooking(row, names)),
      nextCursor: nextCursor(last === undefined ? null : placeOf('booking', last)),
    };
  },
};

function showBooking(row: Recorded<'booking'>, names: ReadonlyMap<number, string>) {
  return {
    device: names.get(row.device_id) ?? null,
    bookingId: row.booking_id,
    meetingId: row.meeting_id,
    state: row.state,
    startAt: rfc3339(row.start_at),
    endAt: rfc3339(row.end_at),
    extendedTimes: row.extended_times,
    beganAt: rfc3339(row.began_at),
    endedAt: rfc3339(row.ended_at),
    organizer: row.organizer,
    organizerForm: row.organizer_form,
  };
}
