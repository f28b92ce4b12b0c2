import { createTask, validateDetailed } from 'node-cron';
import type { ZoneClock } from './zone.ts';

/** A cron schedule, read once. */
export interface Schedule {
  readonly text: string;
  /** The hours are `*` or stepped, so that it means real minutes and not hours on the wall. */
  readonly everyHour: boolean;
  /** The hours on the wall at which it can fire. */
  readonly hours: ReadonlySet<number>;
  /** Whether it names this wall minute (see `ZoneClock`). */
  matches(wall: number): boolean;
}

export interface ScheduleReading {
  /** Null where there are errors. */
  readonly schedule: Schedule | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

const FIELDS: Readonly<Record<string, string>> = {
  minute: 'the minute (first field, 0-59)',
  hour: 'the hour (second field, 0-23)',
  dayOfMonth: 'the day of the month (third field, 1-31, L for the last)',
  month: 'the month (fourth field, 1-12 or JAN-DEC)',
  dayOfWeek: 'the day of the week (fifth field, 0-7 or SUN-SAT, 0 and 7 are Sunday)',
};

/** Reads five cron fields and says of each wrong one what is wrong. */
export function readSchedule(text: string): ScheduleReading {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) {
    return refused([
      `"${text}" has ${fields.length === 1 ? 'one field' : `${fields.length} fields`}; five are expected: ` +
        'minute hour day-of-month month day-of-week, for example "55 8 * * 1-5"',
    ]);
  }
  const { errors, fields: parsed } = validateDetailed(fields.join(' '));
  if (errors.length > 0 || parsed === undefined) return refused(errors.map(explain));
  const hours = new Set(parsed.hour);
  return {
    schedule: {
      text: fields.join(' '),
      everyHour: /[*/]/.test(fields[1] ?? ''),
      hours,
      matches: matcher(fields.join(' '), new Set(parsed.minute), hours),
    },
    errors: [],
    warnings: isGiven(fields[2]) && isGiven(fields[4]) ? [BOTH_DAYS] : [],
  };
}

const BOTH_DAYS =
  'both a day of the month and a day of the week are given: roomd runs it only on days that are both ' +
  '(many cron programs run it on days that are either); give two schedules where either is meant';

function isGiven(field: string | undefined): boolean {
  return field !== '*' && field !== '?';
}

function refused(errors: readonly string[]): ScheduleReading {
  return { schedule: null, errors, warnings: [] };
}

function explain({ field, value, message }: { field: string; value?: string; message: string }): string {
  if (message.includes('impossible')) return `no such day: ${message}`;
  const name = FIELDS[field];
  if (name === undefined) return message;
  return `${name} is "${value}": a number, a range such as 8-17, a list such as 8,12, or a step such as */2 is expected`;
}

/**
 * node-cron's own matching over an `Etc/UTC` task that is fed the wall clock,
 * behind a look at minute and hour, which rules out nearly every minute. The
 * task is never started; destroyed at once it leaves node-cron's registry and
 * still matches.
 */
function matcher(
  text: string,
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
): (wall: number) => boolean {
  const task = createTask(text, () => undefined, { timezone: 'Etc/UTC' });
  void task.destroy();
  return (wall) => {
    if (!minutes.has(Math.floor(wall / 60_000) % 60) || !hours.has(hourOf(wall))) return false;
    return task.match(new Date(wall));
  };
}

/**
 * Whether any of the schedules fires at a UTC minute. An hour that occurs
 * twice counts the first time only, unless the schedule's hours are `*` or
 * stepped: then every real minute counts.
 */
export function firesAt(schedules: readonly Schedule[], zone: ZoneClock, minute: number): boolean {
  const wall = zone.wallAt(minute);
  return schedules.some(
    (schedule) => schedule.matches(wall) && (schedule.everyHour || !zone.isRepeated(minute)),
  );
}

/** The hour of a wall time. */
export function hourOf(wall: number): number {
  return Math.floor(wall / 3_600_000) % 24;
}
