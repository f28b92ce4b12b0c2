import type { BookingsPayload, FeedbackEvent, Leaves, ListedBooking } from '../event.ts';
import type { DeviceEvent, Projected, Projection, RecordRow, RowWrite } from '../projection.ts';

type Booking = RecordRow<'booking'>;

export interface BookingsState {
  /** Those to come and the one under way, by the device's own id. */
  readonly open: Readonly<Record<string, Booking>>;
  /** Ended or cancelled lately: a post that comes late begins none of them anew. */
  readonly past: readonly Booking[];
}

/** The device tells what is left in whole seconds, and a post may be some seconds late; less than this is no extension. */
const EXTENDED_MS = 60_000;
const JOIN_MS = 10 * 60_000;

const NEW: BookingsState = { open: {}, past: [] };

/** Bookings, joined by the device's own id: events say when they begin and end, readings what is scheduled. */
export const bookings: Projection<BookingsState> = {
  name: 'bookings',
  version: 1,
  tables: ['booking'],
  apply(known, heard) {
    const { event, receivedAt } = heard;
    const { open, past } = known ?? NEW;
    const state = { open, past: past.filter((booking) => receivedAt - overAt(booking) <= JOIN_MS) };
    if (event.kind === 'bookings') return ofList(state, event.payload, heard);
    return event.kind === 'event' ? ofHappening(state, event, heard) : null;
  },
  open({ open, past }) {
    return [...Object.values(open), ...past].map(write);
  },
};

function ofHappening(
  state: BookingsState,
  { path, payload }: Extract<FeedbackEvent, { kind: 'event' }>,
  heard: DeviceEvent,
): Projected<BookingsState> | null {
  const said = payload.arguments;
  const id = said['Id'];
  if (id === undefined) return null;
  const at = heard.receivedAt;
  if (path === 'Bookings.Start') return ofStart(state, id, said, heard);
  if (path === 'Bookings.End') {
    const known = state.open[id];
    if (known === undefined && isPast(state, id)) return null;
    const scheduled = timesOf(said);
    const booking = { ...newBooking(id, heard), ...known, ...scheduled };
    return over(state, { ...booking, state: 'ended', ended_at: Math.max(at, booking.start_at) });
  }
  if (path === 'Bookings.TimeRemaining') {
    const seconds = Number(said['Seconds']);
    const known = state.open[id];
    if (known === undefined || !Number.isFinite(seconds)) return null;
    return put(state, rescheduled(known, known.start_at, at + seconds * 1_000));
  }
  return null;
}

function ofStart(
  state: BookingsState,
  id: string,
  said: Leaves,
  heard: DeviceEvent,
): Projected<BookingsState> | null {
  const meetingId = said['MeetingId'] ?? null;
  const known = state.open[id];
  const isSame = known !== undefined && (meetingId === null || (known.meeting_id ?? meetingId) === meetingId);
  if (isSame && known.state === 'running') return null;
  if (known === undefined && isPast(state, id)) return null;
  const booking = isSame ? known : newBooking(id, heard);
  const running = { ...booking, meeting_id: meetingId ?? booking.meeting_id, state: 'running' as const };
  return put(state, { ...running, began_at: booking.began_at ?? heard.receivedAt });
}

/** A list is the truth on the span that it was asked for. */
function ofList(
  known: BookingsState,
  { from, to, bookings: listed }: BookingsPayload,
  heard: DeviceEvent,
): Projected<BookingsState> {
  const at = heard.receivedAt;
  let step: Projected<BookingsState> = { state: known, writes: [] };
  const wanted = new Map(listed.map((booking) => [booking.id, booking]));
  for (const booking of Object.values(known.open)) {
    const found = wanted.get(booking.booking_id);
    if (found !== undefined && isSameMeeting(booking, found)) continue;
    const isAsked = booking.start_at < to && (booking.end_at ?? booking.start_at) > from;
    if (isAsked || overAt(booking) <= at) step = followed(step, over(step.state, unlisted(booking, at)));
  }
  for (const found of listed) {
    const open = step.state.open[found.id];
    if (open === undefined && (found.endAt <= at || isOverAlready(step.state, found))) continue;
    step = followed(step, put(step.state, scheduledAs(open ?? newBooking(found.id, heard), found)));
  }
  // Bookings whose time is over and of whose end nobody heard are not under way for ever.
  for (const booking of Object.values(step.state.open))
    if (overAt(booking) + JOIN_MS <= at) step = followed(step, over(step.state, unlisted(booking, at)));
  return step;
}

function scheduledAs(booking: Booking, found: ListedBooking): Booking {
  const isNew = booking.end_at === null;
  const times = isNew
    ? { ...booking, start_at: found.startAt, end_at: found.endAt }
    : rescheduled(booking, found.startAt, found.endAt);
  return {
    ...times,
    meeting_id: found.meetingId ?? booking.meeting_id,
    organizer: found.organizer ?? booking.organizer,
    organizer_form: found.organizer === null ? booking.organizer_form : found.organizerForm,
    series: found.series ?? booking.series,
  };
}

/** Only the one under way is extended; one to come is merely moved. */
function rescheduled(booking: Booking, startAt: number, endAt: number): Booking {
  const later = endAt - (booking.end_at ?? endAt);
  const isExtended = booking.state === 'running' && booking.end_at !== null && later >= EXTENDED_MS;
  const isMoved = booking.end_at === null || Math.abs(later) >= EXTENDED_MS || startAt !== booking.start_at;
  return {
    ...booking,
    start_at: startAt,
    end_at: isMoved ? endAt : booking.end_at,
    extended_times: booking.extended_times + (isExtended ? 1 : 0),
  };
}

/** What became of a booking that the device lists no more. */
function unlisted(booking: Booking, at: number): Booking {
  const isOver = overAt(booking) <= at;
  if (booking.state === 'running')
    return { ...booking, state: 'ended', ended_at: isOver ? booking.end_at : at };
  // It was to run while nobody heard of it.
  return isOver || booking.start_at <= at
    ? { ...booking, state: 'unknown' }
    : { ...booking, state: 'cancelled', ended_at: at };
}

function newBooking(id: string, { seq, receivedAt }: DeviceEvent): Booking {
  return {
    seq,
    booking_id: id,
    meeting_id: null,
    organizer: null,
    organizer_form: 'none',
    series: null,
    start_at: receivedAt,
    end_at: null,
    extended_times: 0,
    began_at: null,
    ended_at: null,
    state: 'scheduled',
  };
}

/** Start and end as `Bookings End` tells them. */
function timesOf(said: Leaves): Partial<Pick<Booking, 'start_at' | 'end_at'>> {
  const start = Date.parse(said['StartTime'] ?? '');
  const end = Date.parse(said['EndTime'] ?? '');
  return {
    ...(Number.isNaN(start) ? {} : { start_at: start }),
    ...(Number.isNaN(end) ? {} : { end_at: end }),
  };
}

function isSameMeeting(booking: Booking, found: ListedBooking): boolean {
  return (booking.meeting_id ?? found.meetingId) === (found.meetingId ?? booking.meeting_id);
}

function isPast({ past }: BookingsState, id: string): boolean {
  return past.some(({ booking_id }) => booking_id === id);
}

function isOverAlready({ past }: BookingsState, found: ListedBooking): boolean {
  return past.some(
    (booking) =>
      booking.booking_id === found.id && booking.state === 'ended' && booking.start_at === found.startAt,
  );
}

function overAt({ ended_at, end_at, start_at }: Booking): number {
  return ended_at ?? end_at ?? start_at;
}

function over(state: BookingsState, booking: Booking): Projected<BookingsState> {
  const open = { ...state.open };
  delete open[booking.booking_id];
  return { state: { open, past: [...state.past, booking] }, writes: [write(booking)] };
}

function put(state: BookingsState, booking: Booking): Projected<BookingsState> {
  return {
    state: { ...state, open: { ...state.open, [booking.booking_id]: booking } },
    writes: [write(booking)],
  };
}

function followed(first: Projected<BookingsState>, then: Projected<BookingsState>): Projected<BookingsState> {
  return { state: then.state, writes: [...first.writes, ...then.writes] };
}

function write(row: Booking): RowWrite {
  // What older states know has none.
  return { table: 'booking', row: { ...row, series: row.series ?? null } };
}
