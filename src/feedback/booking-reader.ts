import pLimit from 'p-limit';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Device, SessionNews } from '../xapi/device.ts';
import { readBookingList } from './booking-list.ts';
import type { BookingsPayload, ListedBooking } from './event.ts';
import type { Privacy } from './identity-form.ts';

export interface BookingReaderOptions {
  /** The list is read so often, whatever the device told. */
  readonly everyMs: number;
  /** Changes that come together are read once; 1 s when left out. */
  readonly settleMs?: number;
  /** Devices read at a time; 8 when left out. */
  readonly atOnce?: number;
}

interface Collaborators {
  /** `Recorder.listed`. */
  readonly listed: (deviceId: number, payload: BookingsPayload) => void;
  readonly privacy: () => Privacy;
  readonly clock: Clock;
}

interface Followed {
  readonly device: Device;
  readonly unsubscribe: () => void;
  list: readonly ListedBooking[];
  /** The list that was recorded last, as a text; null before. */
  recorded: string | null;
  cancel: () => void;
}

/** As far ahead as is asked: the next two days are what people plan by. */
const AHEAD_DAYS = 2;
const DAY_MS = 86_400_000;

/**
 * Reads the devices' bookings (`Bookings List`, which changes nothing): when a
 * session comes up, when the device says that they changed, and on a timer.
 * Devices without a calendar answer with an error or nothing, which is no news.
 */
export class BookingReader implements Part {
  readonly name = 'booking reader';
  readonly #options: BookingReaderOptions;
  readonly #collaborators: Collaborators;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #followed = new Map<number, Followed>();
  readonly #reading = new Set<Promise<void>>();
  #stopping = new AbortController();

  constructor(options: BookingReaderOptions, collaborators: Collaborators) {
    this.#options = options;
    this.#collaborators = collaborators;
    this.#limit = pLimit(options.atOnce ?? 8);
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the booking reader stops'));
    for (const deviceId of this.#followed.keys()) this.unfollow(deviceId);
    await Promise.all(this.#reading);
  }

  /** Reads a device's bookings from now on; again for one already followed takes the new device object. */
  follow(device: Device): void {
    const deviceId = device.address.id;
    const before = this.#followed.get(deviceId);
    if (before?.device === device) return;
    this.unfollow(deviceId);
    const followed: Followed = {
      device,
      unsubscribe: device.subscribe((news) => {
        if (!isReason(news)) return;
        // Without a websocket every look at the device is a snapshot; the timer is enough then.
        const isPolled = device.session().state === 'up-https' && followed.recorded !== null;
        if (!isPolled) this.#soon(deviceId);
      }),
      list: before?.list ?? [],
      recorded: before?.recorded ?? null,
      cancel: () => undefined,
    };
    this.#followed.set(deviceId, followed);
    this.#later(followed);
  }

  unfollow(deviceId: number): void {
    const followed = this.#followed.get(deviceId);
    followed?.unsubscribe();
    followed?.cancel();
    this.#followed.delete(deviceId);
  }

  /** Reads and records the list anew, also where it says nothing new. */
  renew(deviceId: number): void {
    const followed = this.#followed.get(deviceId);
    if (followed === undefined) return;
    followed.recorded = null;
    this.#soon(deviceId);
  }

  /** The booking under way, or else the next to come; null where none is known. */
  next(deviceId: number, now: number): ListedBooking | null {
    const ahead = (this.#followed.get(deviceId)?.list ?? []).filter(({ endAt }) => endAt > now);
    return ahead.toSorted((one, other) => one.startAt - other.startAt)[0] ?? null;
  }

  #soon(deviceId: number): void {
    const followed = this.#followed.get(deviceId);
    if (followed === undefined) return;
    followed.cancel();
    const { settleMs = 1_000 } = this.#options;
    followed.cancel = this.#collaborators.clock.after(settleMs, () => this.#begin(followed), { unref: true });
  }

  #later(followed: Followed): void {
    followed.cancel = this.#collaborators.clock.after(this.#options.everyMs, () => this.#begin(followed), {
      unref: true,
    });
  }

  #begin(followed: Followed): void {
    const reading = this.#limit(() => this.#read(followed)).finally(() => {
      this.#reading.delete(reading);
      const isFollowed = this.#followed.get(followed.device.address.id) === followed;
      if (isFollowed && !this.#stopping.signal.aborted) this.#later(followed);
    });
    this.#reading.add(reading);
  }

  async #read(followed: Followed): Promise<void> {
    const { device } = followed;
    const { listed, privacy, clock } = this.#collaborators;
    const { signal } = this.#stopping;
    if (!['up', 'up-https'].includes(device.session().state) || signal.aborted) return;
    const now = clock.now();
    try {
      const result = await device.command('Bookings.List', { Days: AHEAD_DAYS, DayOffset: 0 }, { signal });
      const bookings = readBookingList(result, privacy());
      followed.list = bookings;
      const recorded = JSON.stringify(bookings);
      const isOver = bookings.some(({ endAt }) => endAt <= now);
      if (recorded === followed.recorded && !isOver) return;
      followed.recorded = recorded;
      // A device counts days by its own midnight; a day less than asked for is surely covered.
      listed(device.address.id, { from: now, to: now + AHEAD_DAYS * DAY_MS - DAY_MS, bookings });
    } catch {
      // It has no calendar, or did not answer, which its session tells of.
    }
  }
}

function isReason(news: SessionNews): boolean {
  if (news.type === 'snapshot') return true;
  if (news.type !== 'delta' || news.delta.tree !== 'Event') return false;
  const { leaves, bare } = news.delta;
  return [...leaves.keys(), ...bare.keys()].some((path) => /^Bookings\.(?:Updated|Start|End)\b/.test(path));
}
