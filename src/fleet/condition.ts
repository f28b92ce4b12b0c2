import type { DeviceApplied } from './apply.ts';
import type { DevicePlan, PlanState } from './plan.ts';
import type { ResourceProblem } from './resource.ts';

/** How a device stood when roomd last looked, for the list that operators read. */
export interface DeviceCondition {
  /** Integer UTC milliseconds; null before the first look. */
  readonly checkedAt: number | null;
  readonly state: PlanState | 'unchecked';
  readonly reason: string | null;
  /** Settings that differ from what the device should be. */
  readonly drift: number;
  /** Why a difference is not being corrected now, in a sentence. */
  readonly waiting: string | null;
  readonly problems: readonly ResourceProblem[];
  readonly hints: readonly string[];
}

export const UNCHECKED: DeviceCondition = {
  checkedAt: null,
  state: 'unchecked',
  reason: null,
  drift: 0,
  waiting: null,
  problems: [],
  hints: [],
};

export function conditionOfPlan(plan: DevicePlan, checkedAt: number): DeviceCondition {
  const { state, reason, changes, problems, hints } = plan;
  return { checkedAt, state, reason, drift: changes.length, waiting: null, problems, hints };
}

export function conditionOfApplied(applied: DeviceApplied, checkedAt: number): DeviceCondition {
  const left = applied.results.filter(
    ({ outcome }) => outcome !== 'accepted' && outcome !== 'accepted-unreadable',
  );
  const waiting = left.find(({ outcome }) => outcome === 'waiting' || outcome === 'held')?.detail ?? null;
  const reached = applied.state === 'in-sync' || applied.state === 'drift';
  const inSync = left.length === 0 && applied.problems.length === 0;
  return {
    ...conditionOfPlan(applied, checkedAt),
    state: reached ? (inSync ? 'in-sync' : 'drift') : applied.state,
    drift: left.length,
    waiting,
  };
}
