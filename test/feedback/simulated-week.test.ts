import { describe, expect, it, onTestFinished } from 'vitest';
import type { FeedbackEvent, ListedBooking } from '../../src/feedback/event.ts';
import { ManualClock } from '../../src/lib/clock.ts';
import { type Random, seededRandom } from '../../src/lib/random.ts';
import { catalogueOf } from '../../src/simulator/catalogue.ts';
import type { DeviceNews } from '../../src/simulator/device-core.ts';
import { DeviceState } from '../../src/simulator/device-state.ts';
import { builtInModels } from '../../src/simulator/models/built-in.ts';
import { nodePath } from '../../src/simulator/node-path.ts';
import { oneWay } from '../../src/simulator/settings.ts';
import { appendEvents, type NewEvent } from '../../src/storage/events.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';
import { addDevices } from './support.ts';
import { asked, DAY, figuresFor, HOUR, MINUTE, worldOn } from './utilisation/support.ts';

const ROOMS = 20;
/** A Monday; clocks are put forward in Oslo on the Sunday of that week. */
const START = Date.UTC(2026, 2, 23);
const END = START + 7 * DAY;
const { presenceYesMs, presenceNoMs } = oneWay;

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Visit extends Span {
  readonly people: number;
}

/** What really happens in and around one room. */
interface Truth {
  readonly visits: readonly Visit[];
  readonly bookings: readonly Span[];
  readonly outages: readonly Span[];
}

describe('a simulated week of twenty rooms', () => {
  it('comes out as it was, within the delays that the devices are known to have', async () => {
    const truths = Array.from({ length: ROOMS }, (_, room) => truthOf(seededRandom(700 + room)));
    const events = await live(truths);
    const { database, close } = await temporaryDatabase();
    onTestFinished(close);
    await addDevices(database, ROOMS);
    for (let at = 0; at < events.length; at += 1_000)
      await appendEvents(database, events.slice(at, at + 1_000));
    const world = worldOn(database);
    await world.projector.projectAll();
    await world.catchUp(END);
    expect(truths.filter(({ outages }) => outages.length > 0).length).toBeGreaterThan(ROOMS / 2);
    let occupiedMs = 0;
    for (const [room, truth] of truths.entries()) {
      const rows = await figuresFor(database, [{ id: room + 1 }], asked(START, END, 'hour'));
      expect(rows).toHaveLength(7 * 24);
      for (const row of rows) {
        const heard = expected(truth, row);
        expect(row).toMatchObject(heard);
        occupiedMs += row.occupiedMs;
        // Against what really was: late by what the device is known to be late, and by no more.
        const was = actual(truth, row);
        expect(row.occupiedMs).toBeGreaterThanOrEqual(was.occupiedMs - was.arrivals * presenceYesMs);
        expect(row.occupiedMs).toBeLessThanOrEqual(was.occupiedMs + was.departures * presenceNoMs);
      }
    }
    expect(occupiedMs).toBeGreaterThan(ROOMS * 20 * HOUR);
  }, 60_000);
});

/** Working days with visits from eight to six, some booked, bookings that nobody comes to, and a device that is away now and then. */
function truthOf(random: Random): Truth {
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least));
  const visits: Visit[] = [];
  const bookings: Span[] = [];
  const outages: Span[] = [];
  for (let day = START; day < END; day += DAY) {
    const isWeekend = day >= START + 5 * DAY;
    for (let at = day + 8 * HOUR; at < day + 18 * HOUR; ) {
      const from = at + between(0, isWeekend ? 12 * HOUR : 90 * MINUTE);
      const to = from + between(5 * MINUTE, 100 * MINUTE);
      if (to >= day + 20 * HOUR) break;
      visits.push({ from, to, people: between(1, 11) });
      if (random() < 0.5) bookings.push(slotAround(from));
      // Sometimes the next come while the detector still holds that the last are there.
      at = to + (random() < 0.2 ? between(10_000, presenceNoMs) : between(presenceNoMs, 2 * HOUR));
    }
    if (random() < 0.6) bookings.push(slotAround(day + 19 * HOUR));
    const from = day + between(0, 23 * HOUR);
    if (random() < 0.3) outages.push({ from, to: from + between(MINUTE, 50 * MINUTE) });
  }
  return { visits, bookings: apart(bookings), outages };
}

function slotAround(at: number): Span {
  const from = Math.floor(at / (30 * MINUTE)) * 30 * MINUTE;
  return { from, to: from + 30 * MINUTE };
}

/** A calendar has one meeting at a time. */
function apart(spans: readonly Span[]): Span[] {
  const sorted = spans.toSorted((one, other) => one.from - other.from);
  return sorted.filter(({ from }, index) => index === 0 || from >= (sorted[index - 1]?.to ?? 0));
}

/** Plays all rooms on one virtual clock against simulated devices, without a socket; what roomd would hear, in order. */
async function live(truths: readonly Truth[]): Promise<NewEvent[]> {
  const clock = new ManualClock(START);
  const model = builtInModels.room;
  const catalogue = catalogueOf(model);
  const events: NewEvent[] = [];
  for (const [room, truth] of truths.entries()) {
    const deviceId = room + 1;
    const device = new DeviceState(
      { model, catalogue, serial: `FOC${deviceId}`, systemName: `room-${deviceId}`, configuration: DETECTS },
      { clock, random: seededRandom(deviceId) },
    );
    onTestFinished(() => device.core.forgetTimers());
    const isAway = (): boolean =>
      truth.outages.some(({ from, to }) => clock.now() >= from && clock.now() < to);
    const hear = (event: FeedbackEvent): void =>
      void events.push({ ...event, deviceId, source: 'webhook', receivedAt: clock.now(), deviceAt: null });
    hear(snapshotOf(device));
    device.listen((news) => {
      const event = isAway() ? null : eventOf(news);
      if (event !== null) hear(event);
    });
    const at = (time: number, run: () => void): void => void clock.after(time - START, run);
    for (const visit of truth.visits) {
      at(visit.from, () => device.presence.set(visit.people));
      at(visit.to, () => device.presence.set(0));
    }
    for (const { from, to } of truth.outages) {
      // The session falls silent, and is found so; whatever happens meanwhile nobody hears.
      at(from, () => hear({ kind: 'gap', path: null, payload: { from, to: null, reason: 'away' } }));
      at(to, () => hear(snapshotOf(device)));
    }
    device.bookings.put(
      truth.bookings.map(({ from, to }) => ({ title: 'meeting', startAt: from, endAt: to })),
    );
    // Lists reach two days ahead, and are read each morning.
    for (let day = START; day < END; day += DAY) at(day, () => hear(listOf(device, clock.now())));
  }
  await clock.advance(END - START);
  return events;
}

const DETECTS = {
  'RoomAnalytics.PeoplePresenceDetector': 'On',
  'RoomAnalytics.PeopleCountOutOfCall': 'On',
  'Standby.Control': 'On',
  'Standby.Delay': '10',
  'Standby.WakeupOnMotionDetection': 'On',
};

function eventOf(news: DeviceNews): FeedbackEvent | null {
  if (news.kind === 'leaf' && news.tree === 'Status') {
    const path = news.leaf.path.text;
    return { kind: 'status', path, payload: { leaves: { [path]: String(news.leaf.value) }, gone: [] } };
  }
  if (news.kind !== 'event' || !news.path.text.startsWith('Bookings.')) return null;
  const fields = typeof news.fields === 'number' ? {} : news.fields;
  const said = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
  return { kind: 'event', path: news.path.text, payload: { arguments: said, value: null } };
}

function snapshotOf(device: DeviceState): FeedbackEvent {
  const leaves = ['RoomAnalytics', 'Standby'].flatMap((node) =>
    device.core.status.leaves(nodePath(node).keys),
  );
  const texts = Object.fromEntries(leaves.map((leaf) => [leaf.path.text, String(leaf.value)]));
  return { kind: 'snapshot', path: null, payload: { leaves: texts } };
}

function listOf(device: DeviceState, now: number): FeedbackEvent {
  const span = { from: now, to: now + 2 * DAY };
  const bookings: ListedBooking[] = device.bookings
    .list()
    .filter(({ startAt, endAt }) => startAt < span.to && endAt > span.from)
    .map(({ id, meetingId, startAt, endAt }) => ({
      id,
      meetingId,
      startAt,
      endAt,
      organizer: null,
      organizerForm: 'none',
    }));
  return { kind: 'bookings', path: null, payload: { ...span, bookings } };
}

/** What an hour must come to: the truth, through a detector that is late and a device that is away. */
function expected({ visits, bookings, outages }: Truth, hour: Span) {
  const seen = merged(visits.map(({ from, to }) => ({ from: from + presenceYesMs, to: to + presenceNoMs })));
  const known = without([hour], outages);
  const occupied = common(known, seen);
  const occupiedMs = length(occupied);
  const peopleMs = visits.reduce(
    (sum, { from, to, people }) => sum + people * length(common(occupied, [{ from, to }])),
    0,
  );
  const counted = visits.filter((visit) => length(common(occupied, [visit])) > 0);
  const booked = common([hour], bookings);
  return {
    occupiedMs,
    emptyMs: length(known) - occupiedMs,
    unknownMs: length([hour]) - length(known),
    peopleMs,
    peak: occupiedMs === 0 ? null : Math.max(0, ...counted.map(({ people }) => people)),
    bookedMs: length(booked),
    bookedUsedMs: length(common(booked, occupied)),
    usedUnbookedMs: occupiedMs - length(common(booked, occupied)),
  };
}

function actual({ visits, outages }: Truth, hour: Span) {
  const known = without([hour], outages);
  const near = visits.filter(({ from, to }) => from < hour.to && to + presenceNoMs > hour.from);
  return {
    occupiedMs: length(common(known, visits)),
    arrivals: near.length,
    departures: near.length,
  };
}

function merged(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = whole.at(-1);
    if (last !== undefined && span.from <= last.to)
      whole[whole.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else whole.push(span);
  }
  return whole;
}

function common(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.flatMap((one) =>
    others
      .map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) }))
      .filter(({ from, to }) => from < to),
  );
}

function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  let left = [...spans];
  for (const hole of holes)
    left = left.flatMap((span) =>
      [
        { from: span.from, to: Math.min(span.to, hole.from) },
        { from: Math.max(span.from, hole.to), to: span.to },
      ].filter(({ from, to }) => from < to),
    );
  return left;
}

function length(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
