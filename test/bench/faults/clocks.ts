import { type Clock, systemClock } from '../../../src/lib/clock.ts';

/** A wall clock that stands where it was set, over timers that run. */
export function setClock(at: number): Clock & { set(at: number): void } {
  const real = systemClock();
  let now = at;
  return {
    now: () => now,
    monotonic: () => real.monotonic(),
    after: (delayMs, run, options) => real.after(delayMs, run, options),
    set: (to) => {
      now = to;
    },
  };
}
