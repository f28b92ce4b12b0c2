import { type DeviceCore, deviceTime } from './device-core.ts';
import type { JsonTree } from './node-tree.ts';

/** A meeting in the room's calendar. Times are UTC milliseconds. */
export interface Booking {
  readonly id: string;
  readonly meetingId: string;
  readonly title: string;
  readonly organizer: string;
  readonly number: string;
  readonly protocol: string;
  readonly startAt: number;
  readonly endAt: number;
  response: 'Accept' | 'Decline' | null;
}

export type NewBooking = Pick<Booking, 'title' | 'startAt' | 'endAt'> &
  Partial<Pick<Booking, 'id' | 'meetingId' | 'organizer' | 'number' | 'protocol'>>;

/** The bookings, their start and end, and what they make of the room's availability. */
export class Bookings {
  readonly #core: DeviceCore;
  #bookings: Booking[] = [];
  #callOffNext: (() => void) | null = null;
  #running: Booking | null = null;
  #lastId = 0;
  /** The end of which it was told. */
  #warnedOf: number | null = null;

  constructor(core: DeviceCore) {
    this.#core = core;
    this.#show();
  }

  list(): readonly Booking[] {
    return this.#bookings;
  }

  running(): Booking | null {
    return this.#running;
  }

  add(request: NewBooking): Booking {
    const booking = this.#made(request);
    this.#replace([...this.#bookings.filter(({ id }) => id !== booking.id), booking]);
    return booking;
  }

  /** The whole calendar anew, as `Bookings Put` does. */
  put(requests: readonly NewBooking[]): void {
    this.#replace(requests.map((request) => this.#made(request)));
  }

  /** One, or the one under way, ends so much later. Null where there is none. */
  extend(id: string | null, byMs: number): Booking | null {
    const booking = id === null ? this.#running : this.#bookings.find((one) => one.id === id);
    if (booking === null || booking === undefined) return null;
    const extended = { ...booking, endAt: booking.endAt + byMs };
    if (this.#running?.id === booking.id) this.#running = extended;
    this.#replace(this.#bookings.map((one) => (one.id === booking.id ? extended : one)));
    return extended;
  }

  remove(id: string): void {
    this.#replace(this.#bookings.filter((booking) => booking.id !== id));
  }

  /** Answers an invitation; declining frees the room. Null where no such meeting is known. */
  respond(meetingId: string, type: 'Accept' | 'Decline'): Booking | null {
    const booking = this.#bookings.find((one) => one.meetingId === meetingId);
    if (booking === undefined) return null;
    booking.response = type;
    if (type === 'Decline') this.remove(booking.id);
    return booking;
  }

  /** After a reboot the calendar is there again and what runs has started before. */
  resume(): void {
    this.#running = null;
    this.#arm();
  }

  #made(request: NewBooking): Booking {
    this.#lastId += 1;
    const id = request.id ?? String(this.#lastId);
    return {
      organizer: '',
      number: '',
      protocol: 'SIP',
      ...request,
      id,
      meetingId: request.meetingId ?? `meeting-${id}`,
      response: null,
    };
  }

  #replace(bookings: Booking[]): void {
    this.#bookings = bookings.toSorted((a, b) => a.startAt - b.startAt);
    this.#core.event('Bookings.Updated');
    this.#arm();
  }

  /** Starts and ends what is due and waits for the next edge. */
  #arm(): void {
    this.#callOffNext?.();
    this.#callOffNext = null;
    const now = this.#core.now();
    const due = this.#bookings.find(({ startAt, endAt }) => startAt <= now && now < endAt) ?? null;
    if (due?.id !== this.#running?.id) {
      this.#end();
      this.#running = due;
      if (due !== null) this.#core.event('Bookings.Start', { Id: due.id, MeetingId: due.meetingId });
    }
    this.#show();
    this.#warn(now);
    const { bookingWarningMs } = this.#core.settings;
    const edges = this.#bookings
      .flatMap(({ startAt, endAt }) => [startAt, endAt - bookingWarningMs, endAt])
      .filter((edge) => edge > now);
    if (edges.length > 0) this.#callOffNext = this.#core.after(Math.min(...edges) - now, () => this.#arm());
  }

  /** Tells once for each end how long the one under way has left, when it is not long any more. */
  #warn(now: number): void {
    const running = this.#running;
    if (running === null || running.endAt - now > this.#core.settings.bookingWarningMs) return;
    if (this.#warnedOf === running.endAt || running.endAt <= now) return;
    this.#warnedOf = running.endAt;
    const seconds = Math.round((running.endAt - now) / 1_000);
    this.#core.event('Bookings.TimeRemaining', { Id: running.id, Seconds: seconds });
  }

  #end(): void {
    const ended = this.#running;
    if (ended === null) return;
    this.#core.event('Bookings.End', {
      Id: ended.id,
      EndTime: deviceTime(ended.endAt),
      StartTime: deviceTime(ended.startAt),
      ScheduledDuration: Math.round((ended.endAt - ended.startAt) / 60_000),
    });
  }

  #show(): void {
    const now = this.#core.now();
    const next = this.#bookings.find(({ startAt }) => startAt > now);
    const running = this.#running;
    this.#core.setStatus('Bookings.Current.Id', running?.id ?? '');
    this.#core.setOfferedStatus(
      'Bookings.Availability.Status',
      running !== null ? 'BookedUntil' : next !== undefined ? 'FreeUntil' : 'Free',
    );
    const edge = running?.endAt ?? next?.startAt;
    this.#core.setOfferedStatus(
      'Bookings.Availability.TimeStamp',
      edge === undefined ? '' : deviceTime(edge),
    );
  }
}

/** One booking as `Bookings List` and `Bookings Get` answer it. */
export function bookingResult(booking: Booking, id: number, now: number): JsonTree {
  const over = booking.endAt <= now;
  return {
    Agenda: '',
    BookingStatus: 'OK',
    DialInfo: {
      Calls: {
        Call:
          booking.number === ''
            ? []
            : [
                {
                  CallRate: 6000,
                  CallType: 'Video',
                  Number: booking.number,
                  Protocol: booking.protocol,
                  id: 1,
                },
              ],
      },
      ConnectMode: 'Manual',
    },
    Id: booking.id,
    MeetingId: booking.meetingId,
    Organizer: { Email: '', FirstName: booking.organizer, LastName: '' },
    Privacy: 'Public',
    Status: over ? 'Ended' : booking.startAt <= now ? 'Started' : 'Upcoming',
    Time: {
      EndTime: deviceTime(booking.endAt),
      EndTimeBuffer: 0,
      StartTime: deviceTime(booking.startAt),
      StartTimeBuffer: 0,
    },
    Title: booking.title,
    id,
  };
}
