import type { NewEvent } from '../storage/events.ts';
import { toStore } from './stored-event.ts';

interface Before {
  /** When each device was last heard on presence. */
  readonly heardAt: ReadonlyMap<number, number>;
  /** Since when nothing was heard of the devices whose session was not up any more. */
  readonly silent: ReadonlyMap<number, number>;
  /** When roomd last lived. */
  readonly aliveAt: number;
  readonly now: number;
}

/** That nothing is known since roomd last lived, for each device of which something stands open. Times are UTC milliseconds. */
export function gapsAtStart(
  open: readonly number[],
  { heardAt, silent, aliveAt, now }: Before,
): readonly NewEvent[] {
  return open.flatMap((deviceId) => {
    const gapFrom = (at: number, why: { reason: string; isOutage?: boolean }): NewEvent => {
      const payload = { from: Math.max(heardAt.get(deviceId) ?? 0, at), to: null, ...why };
      return toStore(deviceId, { event: { kind: 'gap', path: null, payload }, source: 'roomd', at: now });
    };
    const silentAt = silent.get(deviceId) ?? aliveAt;
    const outage = gapFrom(aliveAt, { reason: 'roomd did not run', isOutage: true });
    // Whether it was still heard then, nothing has shown before roomd ended.
    if (silentAt >= aliveAt) return [outage];
    return [gapFrom(silentAt, { reason: 'no post came while there was no session' }), outage];
  });
}
