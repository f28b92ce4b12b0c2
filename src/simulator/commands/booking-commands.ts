import { type Bookings, bookingResult, type NewBooking } from '../bookings.ts';
import { type DeviceCore, deviceTime } from '../device-core.ts';
import { answer, type CommandTable, done, failed } from './command.ts';

const DAY_MS = 86_400_000;

/** Bookings List, Get, Put, Respond. */
export function bookingCommands(core: DeviceCore, bookings: Bookings): CommandTable {
  return {
    'Bookings/List': ({ args }) => {
      const now = core.now();
      const dayStart = now - (now % DAY_MS) + args.number('DayOffset', 0) * DAY_MS;
      const dayEnd = dayStart + args.number('Days', 365) * DAY_MS;
      const schedule = args.text('ScheduleType');
      const found = bookings
        .list()
        .filter(({ startAt, endAt }) => endAt > dayStart && startAt < dayEnd)
        .filter(({ startAt, endAt }) => schedule !== 'Current' || (startAt <= now && endAt > now))
        .filter(({ startAt }) => schedule !== 'Upcoming' || startAt > now);
      const offset = args.number('Offset', 0);
      return answer({
        Booking: found
          .slice(offset, offset + args.number('Limit', 65_534))
          .map((booking, at) => bookingResult(booking, offset + at + 1, now)),
        LastUpdated: deviceTime(now),
        ResultInfo: { TotalRows: found.length },
      });
    },
    'Bookings/Get': ({ args }) => {
      const booking = bookings.list().find(({ id }) => id === args.text('Id'));
      return booking === undefined
        ? failed('Booking not found')
        : answer({ Booking: bookingResult(booking, 1, core.now()) });
    },
    'Bookings/Extend': ({ args }) => {
      const id = args.text('Id');
      const byMs = args.number('Duration', 0) * 60_000;
      return bookings.extend(id === '' ? null : id, byMs) === null ? failed('Booking not found') : done;
    },
    'Bookings/Put': ({ body }) => {
      const requests = readBookings(body);
      if (requests === null) return failed('Failed to parse bookings');
      bookings.put(requests);
      return done;
    },
    'Bookings/Clear': () => {
      bookings.put([]);
      return done;
    },
    'Bookings/Respond': ({ args }) =>
      bookings.respond(args.text('MeetingId'), args.text('Type') === 'Decline' ? 'Decline' : 'Accept') ===
      null
        ? failed('Meeting not found')
        : done,
  };
}

/** The calendar of `Bookings Put`: `{"Bookings":[{Id, Title, Organizer, Number, Protocol, Time: {StartTime, EndTime or Duration}}]}`. */
function readBookings(body: string): NewBooking[] | null {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return null;
  }
  const list = fieldOf(document, 'Bookings');
  if (!Array.isArray(list)) return null;
  const bookings = list.map(readBooking);
  return bookings.every((booking) => booking !== null) ? bookings : null;
}

function readBooking(item: unknown): NewBooking | null {
  const time = fieldOf(item, 'Time');
  const startAt = Date.parse(textIn(time, 'StartTime') ?? '');
  const minutes = Number(fieldOf(time, 'Duration'));
  const endText = textIn(time, 'EndTime');
  const endAt = endText === null ? startAt + minutes * 60_000 : Date.parse(endText);
  const id = textIn(item, 'Id');
  if (id === null || !(endAt > startAt)) return null;
  const meetingId = textIn(item, 'MeetingId');
  return {
    id,
    title: textIn(item, 'Title') ?? '',
    startAt,
    endAt,
    organizer: textIn(fieldOf(item, 'Organizer'), 'Name') ?? '',
    number: textIn(item, 'Number') ?? '',
    protocol: textIn(item, 'Protocol') ?? 'SIP',
    ...(meetingId === null ? {} : { meetingId }),
  };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textIn(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : null;
}
