import { firesAt, hourOf, type Schedule } from '../lib/cron.ts';
import type { ZoneClock } from '../lib/zone.ts';
import { MINUTE_MS } from './tick.ts';

const HOUR_MS = 60 * MINUTE_MS;
/** 29 February comes at most eight years after the last. */
const HORIZON_MS = 8 * 366 * 24 * HOUR_MS;

/** The next minute after an instant at which one of the schedules fires; null where none does for years. */
export function nextRun(schedules: readonly Schedule[], zone: ZoneClock, after: number): number | null {
  const first = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  for (let hour = Math.floor(first / HOUR_MS) * HOUR_MS; hour < after + HORIZON_MS; hour += HOUR_MS) {
    const atStart = hourOf(zone.wallAt(hour));
    const atEnd = hourOf(zone.wallAt(hour + HOUR_MS - MINUTE_MS));
    const possible = schedules.filter(({ hours }) => hours.has(atStart) || hours.has(atEnd));
    if (possible.length === 0) continue;
    for (let minute = Math.max(hour, first); minute < hour + HOUR_MS; minute += MINUTE_MS) {
      if (firesAt(possible, zone, minute)) return minute;
    }
  }
  return null;
}
