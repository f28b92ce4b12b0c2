import { type Random, seededRandom } from '../../../src/lib/random.ts';
import { oneWay } from '../../../src/simulator/settings.ts';
import { DAY, HOUR, MINUTE } from '../utilisation/support.ts';
import { grown, type Span } from './spans.ts';

export interface Visit extends Span {
  readonly people: number;
  /** Within it; null where nobody calls. */
  readonly call: Span | null;
}

/** What does not get through for a time; a webhook whose receiver is away refuses at once or is `silent`. */
export interface Outage extends Span {
  readonly of: 'session' | 'webhook' | 'network';
  readonly isSilent: boolean;
}

/** What really happens in and around one room. */
export interface RoomLife {
  readonly visits: readonly Visit[];
  readonly bookings: readonly Span[];
  readonly outages: readonly Outage[];
  readonly reboots: readonly number[];
}

/** When roomd itself does not run, and whether it ended orderly. */
export interface Absence extends Span {
  readonly isKilled: boolean;
}

/** Short ones are over before they are noticed, middle ones before posts are given up, long ones outlast everything. */
const SHORT_MS = 30_000;
const MIDDLE_MS = 90_000;
const APART_MS = 10 * MINUTE;

/** Working days with visits from eight to eight, some booked, some with a call, bookings that nobody comes to, and all kinds of outages. */
export function roomLife(week: Span, seed: number): RoomLife {
  const random = seededRandom(seed);
  const visits: Visit[] = [];
  const bookings: Span[] = [];
  const outages: Outage[] = [];
  const reboots: number[] = [];
  for (let day = week.from; day < week.to; day += DAY) {
    const visitsOfDay = visitsOn(day, random);
    visits.push(...visitsOfDay);
    for (const { from } of visitsOfDay) if (random() < 0.5) bookings.push(halfHourAround(from));
    if (random() < 0.6) bookings.push(halfHourAround(day + 19 * HOUR));
    outages.push(...outagesOn(day, visitsOfDay, random));
    const at = day + between(random, 9 * HOUR, 19 * HOUR);
    if (random() < 0.5 && isApart({ from: at, to: at + 2 * MINUTE }, outages)) reboots.push(at);
  }
  return { visits, bookings: apart(bookings), outages, reboots };
}

/** One a day: an orderly stop or a kill, in turns short, middle and long. */
export function absencesOf(week: Span, seed: number): Absence[] {
  const random = seededRandom(seed);
  const absences: Absence[] = [];
  for (let day = week.from, count = 0; day < week.to; day += DAY, count += 1) {
    const from = day + between(random, 7 * HOUR, 20 * HOUR);
    absences.push({ from, to: from + lengthOf(count % 3, random), isKilled: random() < 0.6 });
  }
  return absences;
}

function visitsOn(day: number, random: Random): Visit[] {
  const { presenceNoMs } = oneWay;
  const isWeekend = [0, 6].includes(new Date(day).getUTCDay());
  const visits: Visit[] = [];
  for (let at = day + 8 * HOUR; at < day + 18 * HOUR; ) {
    const from = at + between(random, 0, isWeekend ? 8 * HOUR : 60 * MINUTE);
    const to = from + between(random, 5 * MINUTE, 100 * MINUTE);
    if (to >= day + 20 * HOUR) break;
    const isCalling = random() < 0.4;
    const call = isCalling ? { from: from + MINUTE, to: to - between(random, 0, 2 * MINUTE) } : null;
    visits.push({ from, to, people: between(random, 1, 11), call });
    // Sometimes the next come while the detector still holds that the last are there.
    at = to + (random() < 0.2 ? between(random, 10_000, presenceNoMs) : between(random, presenceNoMs, HOUR));
  }
  return visits;
}

/** Each kind of outage once a day, mostly about the moments at which people come and go, which is when they do harm. */
function outagesOn(day: number, visits: readonly Visit[], random: Random): Outage[] {
  const outages: Outage[] = [];
  for (const of of ['session', 'webhook', 'network'] as const) {
    for (let size = 0; size < 3; size += 1) {
      const visit = visits[between(random, 0, visits.length)];
      const near = visit === undefined ? null : random() < 0.5 ? visit.from : visit.to;
      const lengthMs = lengthOf(size, random);
      const from =
        near === null || random() < 0.25
          ? day + between(random, 0, 22 * HOUR)
          : near - between(random, 0, lengthMs + MINUTE);
      const outage = { of, from, to: from + lengthMs, isSilent: random() < 0.5 };
      if (isApart(outage, outages) && from > day) outages.push(outage);
    }
  }
  return outages;
}

function lengthOf(size: number, random: Random): number {
  if (size === 0) return SHORT_MS;
  return size === 1 ? MIDDLE_MS : between(random, 10 * MINUTE, 50 * MINUTE);
}

function isApart(span: Span, others: readonly Span[]): boolean {
  return grown(others, APART_MS, APART_MS).every(({ from, to }) => span.to < from || span.from > to);
}

function halfHourAround(at: number): Span {
  const from = Math.floor(at / (30 * MINUTE)) * 30 * MINUTE;
  return { from, to: from + 30 * MINUTE };
}

/** A calendar has one meeting at a time. */
function apart(spans: readonly Span[]): Span[] {
  const sorted = spans.toSorted((one, other) => one.from - other.from);
  return sorted.filter(({ from }, index) => index === 0 || from >= (sorted[index - 1]?.to ?? 0));
}

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least));
}
