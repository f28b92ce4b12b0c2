import { describe, expect, test } from 'vitest';
import type { ListedBooking } from '../../../src/feedback/event.ts';
import { bookings } from '../../../src/feedback/projections/bookings.ts';
import { happening, rowsAfter, type Told } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('bookings', () => {
  test('scheduled, running, extended twice, ended', () => {
    const rows = after([
      listed(0, [booking('7', HOUR, 2 * HOUR)]),
      happening(HOUR, 'Bookings.Start', { Id: '7', MeetingId: 'meeting-7' }),
      happening(2 * HOUR - 5 * MINUTE, 'Bookings.TimeRemaining', { Id: '7', Seconds: '300' }),
      happening(2 * HOUR - MINUTE, 'Bookings.TimeRemaining', { Id: '7', Seconds: String(16 * 60) }),
      listed(2 * HOUR, [booking('7', HOUR, 2 * HOUR + 30 * MINUTE)]),
      happening(2 * HOUR + 30 * MINUTE, 'Bookings.End', { Id: '7' }),
    ]);
    expect(rows).toMatchObject([
      {
        booking_id: '7',
        meeting_id: 'meeting-7',
        start_at: HOUR,
        end_at: 2 * HOUR + 30 * MINUTE,
        extended_times: 2,
        began_at: HOUR,
        ended_at: 2 * HOUR + 30 * MINUTE,
        state: 'ended',
      },
    ]);
  });

  test('a post that is late by seconds is no extension, and one that comes twice is one', () => {
    const rows = after([
      listed(0, [booking('7', HOUR, 2 * HOUR)]),
      happening(HOUR, 'Bookings.Start', { Id: '7' }),
      happening(HOUR + 1_000, 'Bookings.Start', { Id: '7' }),
      happening(2 * HOUR - 5 * MINUTE + 9_000, 'Bookings.TimeRemaining', { Id: '7', Seconds: '300' }),
      happening(2 * HOUR, 'Bookings.End', { Id: '7' }),
      happening(2 * HOUR + 9_000, 'Bookings.End', { Id: '7' }),
      happening(2 * HOUR + 9_500, 'Bookings.Start', { Id: '7' }),
      listed(2 * HOUR + 9_900, []),
    ]);
    expect(rows).toMatchObject([{ extended_times: 0, began_at: HOUR, ended_at: 2 * HOUR, state: 'ended' }]);
  });

  test('one that the list lacks is cancelled, and one that is moved is not', () => {
    const rows = after([
      listed(0, [booking('1', HOUR, 2 * HOUR), booking('2', 3 * HOUR, 4 * HOUR)]),
      listed(MINUTE, [booking('2', 5 * HOUR, 6 * HOUR)]),
    ]);
    expect(rows).toMatchObject([
      { booking_id: '1', state: 'cancelled', ended_at: MINUTE },
      { booking_id: '2', state: 'scheduled', start_at: 5 * HOUR, end_at: 6 * HOUR, extended_times: 0 },
    ]);
  });

  test('what ran while nobody listened is unknown, what ended unheard ended when it was to', () => {
    const rows = after([
      listed(0, [booking('1', HOUR, 2 * HOUR), booking('2', 3 * HOUR, 4 * HOUR)]),
      happening(HOUR, 'Bookings.Start', { Id: '1' }),
      listed(9 * HOUR, []),
    ]);
    expect(rows).toMatchObject([
      { booking_id: '1', state: 'ended', ended_at: 2 * HOUR },
      { booking_id: '2', state: 'unknown', began_at: null },
    ]);
  });

  test('a number that another meeting has now is another booking', () => {
    const rows = after([
      listed(0, [booking('1', HOUR, 2 * HOUR)]),
      listed(MINUTE, [{ ...booking('1', 3 * HOUR, 4 * HOUR), meetingId: 'another' }]),
    ]);
    expect(rows).toMatchObject([
      { meeting_id: 'meeting-1', state: 'cancelled' },
      { meeting_id: 'another', state: 'scheduled', start_at: 3 * HOUR },
    ]);
  });
});

function after(told: readonly Told[]) {
  return rowsAfter(bookings, 'booking', told);
}

function listed(at: number, list: readonly ListedBooking[]): Told {
  return {
    at,
    event: { kind: 'bookings', path: null, payload: { from: at, to: at + 24 * HOUR, bookings: list } },
  };
}

function booking(id: string, startAt: number, endAt: number): ListedBooking {
  return { id, meetingId: `meeting-${id}`, startAt, endAt, organizer: null, organizerForm: 'none' };
}
