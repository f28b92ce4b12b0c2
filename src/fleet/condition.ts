import type { DeviceApplied } from './apply.ts';
import type { DevicePlan, PlanState } from './plan.ts';
import type { ResourceProblem } from './resource.ts';

/** How a device stood when roomd last looked, for the list that operators read. */
export interface DeviceCondition {
  /** Integer UTC milliseconds; null before the first look. */
  readonly checkedAt: number | null;
  /** The first look that found it other than it should be, with no look in between that found it right; null while it is. */
  readonly wrongSince: number | null;
  /** As of a plan; `problem`: nothing is to be written, and something that the file wants cannot be had. */
  readonly state: PlanState | 'unchecked' | 'problem';
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
  wrongSince: null,
  state: 'unchecked',
  reason: null,
  drift: 0,
  waiting: null,
  problems: [],
  hints: [],
};

export function conditionOfPlan(plan: DevicePlan, checkedAt: number): DeviceCondition {
  const { reason, changes, problems, hints } = plan;
  const state = isReached(plan) ? stateOf({ drift: changes.length, problems }) : plan.state;
  return {
    checkedAt,
    wrongSince: null,
    state,
    reason,
    drift: changes.length,
    waiting: null,
    problems,
    hints,
  };
}

export function conditionOfApplied(applied: DeviceApplied, checkedAt: number): DeviceCondition {
  const left = applied.results.filter(
    ({ outcome }) => outcome !== 'accepted' && outcome !== 'accepted-unreadable',
  );
  const waiting = left.find(({ outcome }) => outcome === 'waiting' || outcome === 'held')?.detail ?? null;
  return {
    ...conditionOfPlan(applied, checkedAt),
    state: isReached(applied) ? stateOf({ drift: left.length, problems: applied.problems }) : applied.state,
    drift: left.length,
    waiting,
  };
}

/** Two looks at one device, as one: what is wrong in either is wrong. */
export function bothConditions(one: DeviceCondition, other: DeviceCondition): DeviceCondition {
  const drift = one.drift + other.drift;
  const problems = [...one.problems, ...other.problems];
  const { state, reason } = isReached(other) ? one : other;
  return {
    checkedAt: other.checkedAt,
    wrongSince: null,
    state: isReached(one) && isReached(other) ? stateOf({ drift, problems }) : state,
    reason,
    drift,
    waiting: one.waiting ?? other.waiting,
    problems,
    hints: [...one.hints, ...other.hints],
  };
}

/** A look that follows another: what was wrong and still is has been so since then. */
export function following(before: DeviceCondition, now: DeviceCondition): DeviceCondition {
  const isWrong = now.state === 'drift' || now.state === 'problem';
  // A device that is not reached now may be as it was.
  const wrongSince = isReached(now)
    ? isWrong
      ? (before.wrongSince ?? now.checkedAt)
      : null
    : before.wrongSince;
  return { ...now, wrongSince };
}

export function isReached({ state }: { state: DeviceCondition['state'] }): boolean {
  return state === 'in-sync' || state === 'drift' || state === 'problem';
}

function stateOf({ drift, problems }: Pick<DeviceCondition, 'drift' | 'problems'>): DeviceCondition['state'] {
  if (drift > 0) return 'drift';
  return problems.length > 0 ? 'problem' : 'in-sync';
}

/**
 * Whether something of an apply still waits for its turn: for the room, for a
 * hold to end, or for the device to answer. What was tried and did not succeed
 * has had its turn, and so has a device that first needs a person.
 */
export function isUnfinished({ state, results }: DeviceApplied): boolean {
  return (
    state === 'unreachable' ||
    results.some(({ outcome }) => outcome === 'waiting' || outcome === 'held' || outcome === 'failed')
  );
}
