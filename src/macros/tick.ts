import { firesAt, type Schedule } from '../lib/cron.ts';
import { formatWall, type ZoneClock } from '../lib/zone.ts';

export const MINUTE_MS = 60_000;

/** No run that was missed longer ago than this is looked for. */
const MISSED_LOOKBACK_MS = 7 * 24 * 60 * MINUTE_MS;

/** A macro as the tick sees it: when, and for whom by which wall clock. */
export interface Watched {
  readonly macro: string;
  readonly schedules: readonly Schedule[];
  /** A missed run is made up when it was due at most this long ago; null for never. */
  readonly catchUpMs: number | null;
  /** A device that is null stands for a run that is for the fleet as a whole. */
  readonly groups: readonly { readonly zone: ZoneClock; readonly devices: readonly (string | null)[] }[];
}

export type Decision =
  | {
      readonly action: 'run';
      readonly macro: string;
      readonly device: string | null;
      readonly dueAt: number;
      readonly trigger: 'schedule' | 'catch-up';
    }
  | {
      readonly action: 'skip';
      readonly macro: string;
      readonly device: string | null;
      readonly dueAt: number;
      readonly reason: string;
    };

export interface Minutes {
  /** UTC minutes whose runs are due now, oldest first. */
  readonly due: readonly number[];
  /** Half-open range of minutes that nobody looked at in time. */
  readonly missed: { readonly from: number; readonly to: number } | null;
  /** The last minute that counts as looked at, from now on. */
  readonly last: number;
}

/**
 * Which minutes to look at. `last` is the last one looked at, null when there
 * was none ever; a minute up to `onTimeMs` old still counts as in time, so
 * that a quick restart or a stalled loop loses nothing. A clock that was put
 * back goes on from where it stands: what ran already is kept from running
 * again by its due time.
 */
export function planMinutes({
  last,
  now,
  onTimeMs,
}: {
  last: number | null;
  now: number;
  onTimeMs: number;
}): Minutes {
  const current = minuteOf(now);
  if (last === null || last === current) return { due: [], missed: null, last: current };
  if (current < last) return { due: [current], missed: null, last: current };
  const firstInTime = Math.min(current, Math.ceil((now - onTimeMs) / MINUTE_MS) * MINUTE_MS);
  const firstDue = Math.max(last + MINUTE_MS, firstInTime);
  const due: number[] = [];
  for (let minute = firstDue; minute <= current; minute += MINUTE_MS) due.push(minute);
  const missed = firstDue > last + MINUTE_MS ? { from: last + MINUTE_MS, to: firstDue } : null;
  return { due, missed, last: current };
}

/** Everything that the beginning of one UTC minute asks for. */
export function decideMinute(watched: readonly Watched[], minute: number): Decision[] {
  const decisions: Decision[] = [];
  for (const { macro, schedules, groups } of watched) {
    for (const { zone, devices } of groups) {
      const lost = lostRuns(schedules, zone, minute);
      const fires = firesAt(schedules, zone, minute);
      for (const device of devices) {
        if (lost !== null) decisions.push({ action: 'skip', macro, device, ...lost });
        if (fires) decisions.push({ action: 'run', macro, device, dueAt: minute, trigger: 'schedule' });
      }
    }
  }
  return decisions;
}

/**
 * What becomes of the minutes of a half-open range that nobody looked at: per
 * macro and device the last run is made up where `catchUp` allows, all others
 * are one skip, dated at the last of them.
 */
export function decideMissed(
  watched: readonly Watched[],
  { from, to, now }: { from: number; to: number; now: number },
): Decision[] {
  const start = Math.max(from, minuteOf(now - MISSED_LOOKBACK_MS));
  const decisions: Decision[] = [];
  for (const { macro, schedules, catchUpMs, groups } of watched) {
    for (const { zone, devices } of groups) {
      const { due, lost } = scan(schedules, zone, start, to);
      const latest = due.at(-1);
      const isMadeUp = latest !== undefined && catchUpMs !== null && now - latest <= catchUpMs;
      const skipped = isMadeUp ? due.slice(0, -1) : due;
      for (const device of devices) {
        for (const one of lost) decisions.push({ action: 'skip', macro, device, ...one });
        const lastSkipped = skipped.at(-1);
        if (lastSkipped !== undefined)
          decisions.push({
            action: 'skip',
            macro,
            device,
            dueAt: lastSkipped,
            reason: missedReason(skipped, zone, to),
          });
        if (isMadeUp) decisions.push({ action: 'run', macro, device, dueAt: latest, trigger: 'catch-up' });
      }
    }
  }
  return decisions;
}

interface Lost {
  readonly dueAt: number;
  readonly reason: string;
}

/**
 * The runs of fixed hours that a change of clocks at this minute jumped over,
 * as one skip. It is dated one millisecond before the jump, which no run that
 * takes place can share.
 */
export function lostRuns(schedules: readonly Schedule[], zone: ZoneClock, minute: number): Lost | null {
  const now = zone.offsetAt(minute);
  const before = zone.offsetAt(minute - MINUTE_MS);
  if (now <= before) return null;
  const fixed = schedules.filter(({ everyHour }) => !everyHour);
  const [from, to] = [minute + before, minute + now];
  const walls: number[] = [];
  for (let wall = from; wall < to; wall += MINUTE_MS) {
    if (fixed.some((schedule) => schedule.matches(wall))) walls.push(wall);
  }
  if (walls.length === 0) return null;
  return {
    dueAt: minute - 1,
    reason: `${listWalls(walls)} does not exist in ${zone.name}: the clocks went from ${formatWall(from)} to ${formatWall(to)}`,
  };
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

function scan(
  schedules: readonly Schedule[],
  zone: ZoneClock,
  from: number,
  to: number,
): { due: number[]; lost: Lost[] } {
  const due: number[] = [];
  const lost: Lost[] = [];
  for (let minute = from; minute < to; minute += MINUTE_MS) {
    if (firesAt(schedules, zone, minute)) due.push(minute);
    const gap = lostRuns(schedules, zone, minute);
    if (gap !== null) lost.push(gap);
  }
  return { due, lost };
}

function missedReason(skipped: readonly number[], zone: ZoneClock, to: number): string {
  const walls = skipped.map((at) => zone.wallAt(at));
  const what = skipped.length === 1 ? 'one run was missed' : `${skipped.length} runs were missed`;
  return `${what} (${listWalls(walls)} in ${zone.name}): roomd did not run, or its clock jumped, until ${new Date(to).toISOString()}`;
}

function listWalls(walls: readonly number[]): string {
  const shown = walls.slice(0, 3).map(formatWall).join(', ');
  return walls.length > 3 ? `${shown} … ${formatWall(walls.at(-1) ?? 0)}` : shown;
}
