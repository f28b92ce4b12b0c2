import { isOver } from '../campaign/campaign.ts';
import type { Revision } from '../revision.ts';
import { UNTRIED } from './revert.ts';
import type { Rollout, RolloutDevice } from './rollout.ts';

/**
 * What drift repair restores on a device: what was approved before where its
 * turn has not come, nothing (null) where the rollout has it in hand, else the
 * latest revision.
 */
export function inForceOn(
  rollout: Rollout,
  device: RolloutDevice | null,
  latest: Revision | null,
): Revision | null {
  if (device === null || isOver(rollout)) return latest;
  if (IN_HAND.has(device.state)) return null;
  if (!UNTRIED.has(device.state)) return latest;
  return device.isTouched ? null : revisionBefore(rollout, device, latest);
}

const IN_HAND: ReadonlySet<RolloutDevice['state']> = new Set(['applying', 'to-revert', 'reverting']);

function revisionBefore(rollout: Rollout, device: RolloutDevice, latest: Revision | null): Revision | null {
  if (latest === null || rollout.revisionBefore === null || device.before === null) return null;
  return { ...latest, id: rollout.revisionBefore, desired: new Map([[device.id, device.before]]) };
}
