import { z } from 'zod';
import { HOUR_MS } from '../feedback/utilisation/cells.ts';
import { type GroupFigures, utilisationOf } from '../feedback/utilisation/question.ts';
import type { AbortOptions } from '../lib/abort.ts';
import { zoneClocks } from '../lib/zone.ts';
import type { Action } from './action.ts';
import { allOf } from './answers.ts';
import type { Ports } from './ports.ts';
import { type Row, Rows } from './rows.ts';
import { formatShape, minutes, type Question, question, share, spanShape, wallShape } from './utilisation.ts';

const Input = z.strictObject({ ...spanShape, ...wallShape, ...formatShape });
type Input = z.output<typeof Input>;

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** An hour of the week over all weeks and devices. */
const WeekHour = z.strictObject({
  weekday: z.enum(WEEKDAYS),
  hour: z.int().describe('The hour of the day that it begins with, 0 to 23, on the wall.'),
  occupiedMinutes: z.number(),
  emptyMinutes: z.number(),
  unknownMinutes: z.number(),
  coverage: z.number().nullable().describe('Part of the time that is known, 0 to 1.'),
  utilisation: z.number().nullable().describe('Part of the known time in which somebody was there, 0 to 1.'),
  bookedMinutes: z.number(),
  bookedUsedMinutes: z.number(),
  bookedUnusedMinutes: z.number(),
});
export type WeekHour = z.output<typeof WeekHour>;

/** What a picture of the week is made of, however long the time and however many the rooms. */
export const utilisationWeek: Action<Input, Rows> = {
  name: 'utilisation.week',
  summary:
    'How rooms were used by hour of the day and day of the week: all rooms and weeks together, 168 rows at most. JSON, CSV or JSON Lines.',
  role: 'viewer',
  reach: 'devices',
  http: { method: 'GET', path: '/utilisation/week' },
  input: Input,
  answer: allOf(WeekHour),
  streams: 'rows',
  async run({ format, ...input }, ports, _caller, options) {
    const asked = question({ ...input, bucket: 'hour', by: 'fleet' }, ports);
    return new Rows(Object.keys(WeekHour.shape), rowsOf(asked, ports, options), format);
  },
};

type Sum = Pick<
  GroupFigures,
  'occupiedMs' | 'emptyMs' | 'unknownMs' | 'bookedMs' | 'bookedUsedMs' | 'bookedUnusedMs'
>;

async function* rowsOf(
  asked: Question,
  { scoped: { database } }: Ports,
  options: AbortOptions,
): AsyncGenerator<Row> {
  const zones = zoneClocks();
  const hours = new Map<number, Sum>();
  for await (const figures of utilisationOf(database, asked, options)) {
    const hour = hourOfWeek(zones(figures.timezone).wallAt(figures.from));
    hours.set(hour, together(hours.get(hour) ?? NOTHING, figures));
  }
  for (const [hour, sum] of [...hours].sort(([one], [other]) => one - other))
    if (sum.occupiedMs + sum.emptyMs + sum.unknownMs > 0) yield rowOf(hour, sum);
}

/** 0 is Monday's first; day 0 of a wall's time was a Thursday. */
function hourOfWeek(wall: number): number {
  return (Math.floor(wall / HOUR_MS) + 3 * 24) % (7 * 24);
}

const NOTHING: Sum = {
  occupiedMs: 0,
  emptyMs: 0,
  unknownMs: 0,
  bookedMs: 0,
  bookedUsedMs: 0,
  bookedUnusedMs: 0,
};

function together(one: Sum, other: Sum): Sum {
  return {
    occupiedMs: one.occupiedMs + other.occupiedMs,
    emptyMs: one.emptyMs + other.emptyMs,
    unknownMs: one.unknownMs + other.unknownMs,
    bookedMs: one.bookedMs + other.bookedMs,
    bookedUsedMs: one.bookedUsedMs + other.bookedUsedMs,
    bookedUnusedMs: one.bookedUnusedMs + other.bookedUnusedMs,
  };
}

function rowOf(hour: number, sum: Sum): WeekHour {
  const knownMs = sum.occupiedMs + sum.emptyMs;
  return {
    weekday: WEEKDAYS[Math.floor(hour / 24)] ?? 'mon',
    hour: hour % 24,
    occupiedMinutes: minutes(sum.occupiedMs),
    emptyMinutes: minutes(sum.emptyMs),
    unknownMinutes: minutes(sum.unknownMs),
    coverage: share(knownMs, knownMs + sum.unknownMs),
    utilisation: share(sum.occupiedMs, knownMs),
    bookedMinutes: minutes(sum.bookedMs),
    bookedUsedMinutes: minutes(sum.bookedUsedMs),
    bookedUnusedMinutes: minutes(sum.bookedUnusedMs),
  };
}
