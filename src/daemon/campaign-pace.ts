import type { Pace } from '../fleet/rollout/outcome.ts';

/** How soon a campaign looks at a device again: never later than drift is looked for, so that a quick fleet has quick campaigns. */
export function campaignPace(driftMs: number): Pace {
  return {
    retryMs: Math.min(driftMs, 30_000),
    checkMs: Math.min(driftMs, 60_000),
    againMs: 5_000,
    graceMs: Math.min(10 * driftMs, 180_000),
  };
}
