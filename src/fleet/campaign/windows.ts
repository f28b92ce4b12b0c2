import { wallClock } from '../../lib/zone.ts';
import { instantOf, type Moment } from '../local-time.ts';
import type { RolloutFreeze, RolloutWindow, Weekday } from '../rollout-section.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export interface Closed {
  /** A sentence for whoever waits. */
  readonly reason: string;
  /** When to ask again, UTC milliseconds. */
  readonly until: number;
}

/** Whether a device may be written now by its own clock; null: it may. A freeze counts before a window. */
export function closedNow(
  { windows, freezes }: { windows: readonly RolloutWindow[]; freezes: readonly RolloutFreeze[] },
  timezone: string,
  now: number,
): Closed | null {
  const frozen = freezes
    .map(({ from, to, reason }) => ({
      from: instantOf(from, timezone),
      until: instantOf(to, timezone),
      reason,
    }))
    .filter(({ from, until }) => from <= now && now < until)
    .sort((one, other) => other.until - one.until)[0];
  if (frozen !== undefined)
    return { reason: `frozen until ${atText(frozen.until)}: ${frozen.reason}`, until: frozen.until };
  if (windows.length === 0) return null;
  const wall = wallClock(timezone)(now);
  if (windows.some((window) => isWindowOpen(window, wall))) return null;
  const until = Math.max(now + MINUTE_MS, nextOpening(windows, timezone, wall));
  return { reason: `waits for its window, which opens ${atText(until)} (${timezone})`, until };
}

/** Whether the window is open at a wall time: it opened today, or yesterday and runs over midnight. */
export function isWindowOpen({ days, fromMinute, toMinute }: RolloutWindow, wall: number): boolean {
  const minute = Math.floor((wall % DAY_MS) / MINUTE_MS);
  const isOvernight = toMinute <= fromMinute;
  if (days.includes(dayOf(wall)) && minute >= fromMinute && (isOvernight || minute < toMinute)) return true;
  return isOvernight && days.includes(dayOf(wall - DAY_MS)) && minute < toMinute;
}

function nextOpening(windows: readonly RolloutWindow[], timezone: string, wall: number): number {
  const midnight = wall - (wall % DAY_MS);
  const openings: Moment[] = [];
  for (let day = 0; day <= 7; day += 1) {
    const start = midnight + day * DAY_MS;
    for (const { days, fromMinute } of windows) {
      const opens = start + fromMinute * MINUTE_MS;
      if (days.includes(dayOf(start)) && opens > wall) openings.push({ kind: 'wall', wall: opens });
    }
  }
  return Math.min(...openings.map((moment) => instantOf(moment, timezone)));
}

function dayOf(wall: number): Weekday {
  return DAYS[new Date(wall).getUTCDay()] ?? 'sun';
}

function atText(at: number): string {
  return new Date(at).toISOString().replace('.000', '');
}
