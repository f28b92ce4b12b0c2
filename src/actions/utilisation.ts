import { z } from 'zod';
import { readOfficeHours } from '../feedback/utilisation/office-hours.ts';
import { type AskedDevice, type GroupFigures, utilisationOf } from '../feedback/utilisation/question.ts';
import { type Asked, type BucketSize, beginOf } from '../feedback/utilisation/windows.ts';
import type { DesiredDevice } from '../fleet/fleet.ts';
import { readDuration, readTimezone, Wrong } from '../fleet/forms.ts';
import { type Moment, readDay, readMoment } from '../fleet/local-time.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { formatWall, ZoneClock, zoneClocks } from '../lib/zone.ts';
import { type Action, ActionError } from './action.ts';
import { allOf, components, Time } from './answers.ts';
import type { Ports } from './ports.ts';
import { rfc3339 } from './present.ts';
import { ROW_FORMATS, type Row, Rows } from './rows.ts';
import { selectDevices } from './select-devices.ts';

const WHEN =
  'how long ago, such as `30d`, a day such as `2026-03-01`, or a time such as `2026-03-01T08:00:00Z`; days and times without an offset are those on the wall';

export const formatShape = {
  format: z
    .enum(ROW_FORMATS)
    .default('auto')
    .describe('`auto`: what `Accept` asks for, `application/json`, `text/csv` or `application/x-ndjson`.'),
};

/** What every question of rows by time is asked with. */
export const spanShape = {
  since: z.string().default('7d').describe(`From when on: ${WHEN}.`),
  until: z.string().nullable().default(null).describe(`Until when, in the same forms; now where absent.`),
  devices: z.string().nullable().default(null).describe('Selector; all devices where absent.'),
};

/** Of what time of the day and the week utilisation is asked. */
export const wallShape = {
  timezone: z
    .string()
    .nullable()
    .default(null)
    .describe("IANA name of the zone that days and hours are of; each device's own where absent."),
  hours: z
    .string()
    .nullable()
    .default(null)
    .describe('Only these hours of the day count, such as `08:00-18:00`.'),
  days: z.string().nullable().default(null).describe('Only these days of the week count, such as `mon-fri`.'),
};

const Input = z.strictObject({
  ...spanShape,
  bucket: z
    .enum(['hour', 'day', 'week', 'month', 'span'])
    .default('day')
    .describe('What a row is of; weeks begin on Monday, `span` is all of the time.'),
  by: z
    .string()
    .default('device')
    .describe('What a row is for: `device`, `fleet` (all together), or the name of a tag, such as `site`.'),
  ...wallShape,
  ...formatShape,
});
export type UtilisationInput = z.output<typeof Input>;

const Share = z.number().nullable();
/** A bucket of local time of a device or of some together. */
export const UtilisationRow = z
  .strictObject({
    group: z.string().describe("The device, the tag's value, or `fleet`; empty: a device without the tag."),
    timezone: z.string(),
    local: z.string().describe('The begin on the wall of the time zone.'),
    from: Time,
    to: Time,
    devices: z.int(),
    heardDevices: z.int().describe('Of which anything is known.'),
    occupiedMinutes: z.number(),
    emptyMinutes: z.number(),
    unknownMinutes: z.number(),
    coverage: Share.describe('Part of the time that is known, 0 to 1.'),
    utilisation: Share.describe('Part of the known time in which somebody was there, 0 to 1.'),
    countedMinutes: z.number(),
    peakPeople: z.int().nullable().describe('The most in one room.'),
    peakOfCapacity: Share,
    meanPeople: Share.describe('While people were counted.'),
    meanOfCapacity: Share,
    bookedMinutes: z.number(),
    bookedUsedMinutes: z.number(),
    bookedUnusedMinutes: z.number(),
    bookedUnknownMinutes: z.number(),
    usedUnbookedMinutes: z.number(),
    calls: z.int(),
    callMinutes: z.number(),
  })
  .register(components, { id: 'UtilisationRow' });
export const UTILISATION_COLUMNS = Object.keys(UtilisationRow.shape);

export const utilisation: Action<UtilisationInput, Rows> = {
  name: 'utilisation',
  summary:
    'How rooms were used, by hour, day, week or month of local time: occupied, empty and unknown minutes, people against capacity, bookings used and not. Streams JSON, CSV or JSON Lines.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/utilisation' },
  input: Input,
  answer: allOf(UtilisationRow),
  streams: 'rows',
  async run(input, ports, _caller, options) {
    return new Rows(UTILISATION_COLUMNS, rowsOf(question(input, ports), ports, options), input.format);
  },
};

export interface Question {
  readonly devices: readonly AskedDevice[];
  readonly asked: Asked;
}

/** @throws ActionError `bad-input`, `not-found` */
export function question(input: Omit<UtilisationInput, 'format'>, ports: Ports): Question {
  const { bucket, by, hours, days } = input;
  const zone = input.timezone === null ? null : zoneOf(input.timezone);
  const office = readOfficeHours(hours, days);
  if (typeof office === 'string') throw new ActionError('bad-input', office);
  const devices = selectDevices(ports.fleet(), input.devices).flatMap((device) => {
    const id = ports.deviceId(device.name);
    if (id === null) return [];
    const group = groupOf(device, by);
    const timezone = zone ?? device.timezone;
    return [{ id, group, timezone, capacity: device.capacity ?? null }];
  });
  if (by !== 'device' && by !== 'fleet' && devices.every(({ group }) => group === NO_GROUP))
    throw new ActionError('bad-input', `none of these devices has a tag "${by}"; or say device, or fleet`);
  return { devices, asked: { ...spanOf(input, ports.now(), { zone, bucket }), size: bucket, hours: office } };
}

const NO_GROUP = '';

function groupOf({ name, tags }: DesiredDevice, by: string): string {
  if (by === 'device') return name;
  if (by === 'fleet') return 'fleet';
  return Object.hasOwn(tags, by) ? (tags[by] ?? NO_GROUP) : NO_GROUP;
}

function zoneOf(name: string): string {
  const zone = readTimezone(name);
  if (zone instanceof Wrong) throw new ActionError('bad-input', zone.message);
  return zone;
}

/**
 * `7d` means whole buckets: from the beginning of the one that was 7 days ago.
 * @throws ActionError `bad-input`
 */
export function spanOf(
  { since, until }: { since: string; until: string | null },
  now: number,
  { zone, bucket }: { zone: string | null; bucket: BucketSize | null },
): { from: Moment; to: Moment } {
  const widened = (at: number): number =>
    bucket === null ? at : beginOf(at, bucket, new ZoneClock(zone ?? 'UTC'));
  const from = momentIn(since, now);
  const to = until === null ? ({ kind: 'instant', at: now } as const) : momentIn(until, now);
  const isAgo = from.kind === 'instant' && from.isAgo;
  const begin: Moment = isAgo ? { kind: 'instant', at: widened(from.at) } : from;
  if (sortable(to) <= sortable(begin))
    throw new ActionError('bad-input', '"until" must be later than "since"');
  return { from: begin, to };
}

function momentIn(text: string, now: number): Moment & { readonly isAgo?: boolean } {
  const day = readDay(text);
  if (day !== null) return { kind: 'wall', wall: day };
  if (/^\d{4}-/.test(text.trim())) {
    const moment = readMoment(text);
    if (moment instanceof Wrong) throw new ActionError('bad-input', moment.message);
    return moment;
  }
  const ago = readDuration(text);
  if (!(ago instanceof Wrong)) return { kind: 'instant', at: now - ago, isAgo: true };
  throw new ActionError(
    'bad-input',
    `"${text}" is no time: write how long ago, such as 30d or 12h, a day such as 2026-03-01, or a time such as 2026-03-01T08:00:00Z`,
  );
}

function sortable(moment: Moment): number {
  return moment.kind === 'instant' ? moment.at : moment.wall;
}

async function* rowsOf(
  asked: Question,
  { scoped: { database } }: Ports,
  options: AbortOptions,
): AsyncGenerator<Row> {
  const zones = zoneClocks();
  for await (const figures of utilisationOf(database, asked, options))
    yield rowOf(figures, formatWall(zones(figures.timezone).wallAt(figures.from)));
}

function rowOf(figures: GroupFigures, local: string): z.output<typeof UtilisationRow> {
  const { group, timezone, from, to, devices, heardDevices, occupiedMs, emptyMs, unknownMs } = figures;
  const knownMs = occupiedMs + emptyMs;
  return {
    group,
    timezone,
    local,
    from: rfc3339(from),
    to: rfc3339(to),
    devices,
    heardDevices,
    occupiedMinutes: minutes(occupiedMs),
    emptyMinutes: minutes(emptyMs),
    unknownMinutes: minutes(unknownMs),
    coverage: share(knownMs, knownMs + unknownMs),
    utilisation: share(occupiedMs, knownMs),
    countedMinutes: minutes(figures.countedMs),
    peakPeople: figures.peak,
    peakOfCapacity: figures.peakShare === null ? null : rounded(figures.peakShare, 4),
    meanPeople: figures.countedMs === 0 ? null : rounded(figures.peopleMs / figures.countedMs, 2),
    meanOfCapacity: share(figures.seatedMs, figures.seatMs),
    bookedMinutes: minutes(figures.bookedMs),
    bookedUsedMinutes: minutes(figures.bookedUsedMs),
    bookedUnusedMinutes: minutes(figures.bookedUnusedMs),
    bookedUnknownMinutes: minutes(figures.bookedMs - figures.bookedUsedMs - figures.bookedUnusedMs),
    usedUnbookedMinutes: minutes(figures.usedUnbookedMs),
    calls: figures.calls,
    callMinutes: minutes(figures.callMs),
  };
}

export function minutes(ms: number): number {
  return rounded(ms / 60_000, 2);
}

/** Null where there is nothing to be a share of. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded(part / whole, 4);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
