import type { Schedule } from '../../lib/cron.ts';
import type { ZoneClock } from '../../lib/zone.ts';
import { nextRun } from '../../macros/next-run.ts';

/** Missed runs further back are not counted. */
const LOOKBACK_MS = 8 * 86_400_000;

export interface Due {
  /** The newest due minute that has come; null: none has. */
  readonly dueAt: number | null;
  /** Due minutes before it that nobody carried out. */
  readonly missed: number;
  /** The next one; null where the schedule never comes again. */
  readonly nextAt: number | null;
}

/**
 * What the schedule asks for now. However many runs were missed, the newest
 * stands for all of them: a backup is of what is there now.
 */
export function dueBackup(
  schedule: Schedule,
  zone: ZoneClock,
  { countedFrom, now }: { countedFrom: number; now: number },
): Due {
  let dueAt: number | null = null;
  let missed = -1;
  let nextAt = nextRun([schedule], zone, Math.max(countedFrom, now - LOOKBACK_MS));
  while (nextAt !== null && nextAt <= now) {
    dueAt = nextAt;
    missed += 1;
    nextAt = nextRun([schedule], zone, nextAt);
  }
  return { dueAt, missed: Math.max(0, missed), nextAt };
}
