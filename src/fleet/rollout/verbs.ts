import type { Revision } from '../revision.ts';
import { isOver, type Rollout, type RolloutState } from './rollout.ts';

/** What a person's word makes of a rollout; a text says why it cannot be done now. */
export type Verdict = Partial<Rollout> | string;

/** Confirms it, also ahead of the question. */
export function approved(rollout: Rollout, actor: string): Verdict {
  if (rollout.strategy.confirmWithinMs === null) return 'this rollout asks for no confirmation';
  if (rollout.confirmedBy !== null) return `${rollout.confirmedBy} has confirmed it already`;
  if (rollout.state !== 'running' && rollout.state !== 'confirming') return inState(rollout);
  return { confirmedBy: actor };
}

export function paused(rollout: Rollout, reason: string): Verdict {
  if (!GOING.has(rollout.state)) return inState(rollout);
  return { isPaused: true, reason };
}

export function resumed(rollout: Rollout): Verdict {
  return rollout.isPaused ? { isPaused: false, reason: null } : 'it is not paused';
}

/** Ends it; what is written stays. */
export function aborted(rollout: Rollout, reason: string): Verdict {
  if (!GOING.has(rollout.state) && rollout.state !== 'confirming') return inState(rollout);
  return { state: 'aborting', isPaused: false, reason };
}

/** Puts back what it has written, also after its end while nothing else was approved since. */
export function reverted(rollout: Rollout, reason: string, latest: Revision | null): Verdict {
  if (rollout.state === 'done' || rollout.state === 'aborted') {
    if (latest?.id !== rollout.revision)
      return 'something else was approved since it ended: put the old values into the file and apply them';
  } else if (!GOING.has(rollout.state) && rollout.state !== 'confirming') return inState(rollout);
  return { state: 'stopping', isPaused: false, reason, endedAt: null };
}

/** Why no other rollout may begin beside this one; null: it may. */
export function standsInTheWay(rollout: Rollout): string | null {
  if (isOver(rollout) || rollout.state === 'catching-up') return null;
  return `the rollout ${rollout.id} is ${rollout.isPaused ? 'paused' : rollout.state}: let it end, or abort or revert it first`;
}

const GOING: ReadonlySet<RolloutState> = new Set(['running', 'catching-up']);

function inState({ state }: Rollout): string {
  return `the rollout is ${state}, so there is nothing to do`;
}
