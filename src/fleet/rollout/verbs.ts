import { isGoing, isOver } from '../campaign/campaign.ts';
import { type CampaignVerdict, inState } from '../campaign/verbs.ts';
import type { Revision } from '../revision.ts';
import type { Rollout } from './rollout.ts';

export type Verdict = CampaignVerdict<Rollout>;

/** Confirms it, also ahead of the question. */
export function approved(rollout: Rollout, actor: string): Verdict {
  if (rollout.strategy.confirmWithinMs === null) return 'this rollout asks for no confirmation';
  if (rollout.confirmedBy !== null) return `${rollout.confirmedBy} has confirmed it already`;
  if (rollout.state !== 'running' && rollout.state !== 'confirming') return inState('rollout', rollout);
  return { confirmedBy: actor };
}

/** Puts back what it has written, also after its end while nothing else was approved since. */
export function reverted(rollout: Rollout, reason: string, latest: Revision | null): Verdict {
  if (rollout.state === 'done' || rollout.state === 'aborted') {
    if (latest?.id !== rollout.revision)
      return 'something else was approved since it ended: put the old values into the file and apply them';
  } else if (!isGoing(rollout) && rollout.state !== 'confirming') return inState('rollout', rollout);
  return { state: 'stopping', isPaused: false, reason, endedAt: null };
}

/** Why no other rollout may begin beside this one; null: it may. */
export function standsInTheWay(rollout: Rollout): string | null {
  if (isOver(rollout) || rollout.state === 'catching-up') return null;
  return `the rollout ${rollout.id} is ${rollout.isPaused ? 'paused' : rollout.state}: let it end, or abort or revert it first`;
}
