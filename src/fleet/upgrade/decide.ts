import { unreachable } from '../../lib/errors.ts';
import { type Circumstances, type Decision, decide, type RolloutAct } from '../rollout/decide.ts';
import { type Closed, closedNow } from '../rollout/windows.ts';
import {
  asRollout,
  asRolloutDevice,
  type Upgrade,
  type UpgradeDevice,
  type UpgradeState,
} from './upgrade.ts';

/** What the runner does next. */
export type UpgradeAct =
  | { readonly act: 'begin-ring'; readonly ring: number }
  | { readonly act: 'upgrade'; readonly id: number }
  | { readonly act: 'check'; readonly id: number }
  | { readonly act: 'go'; readonly to: UpgradeState; readonly reason: string | null };

export interface UpgradeDecision extends Omit<Decision, 'acts'> {
  readonly acts: readonly UpgradeAct[];
}

/**
 * The next step, by the rules of rollouts: rings, soak, budget, parallel. Two
 * things are otherwise: software cannot be put back, so that a spent budget
 * ends the upgrade instead of reverting it; and a window that closes too soon
 * counts as closed.
 */
export function decideUpgrade(
  upgrade: Upgrade,
  devices: readonly UpgradeDevice[],
  circumstances: Omit<Circumstances, 'closed'>,
  busy: ReadonlySet<number> = new Set(),
): UpgradeDecision {
  const decision = decide(
    asRollout(upgrade),
    devices.map(asRolloutDevice),
    { ...circumstances, closed: closedFor(upgrade.strategy.upgradeNeedsMs) },
    busy,
  );
  return { ...decision, acts: decision.acts.flatMap((act) => actOf(act, upgrade)) };
}

function actOf(act: RolloutAct, { reason }: Upgrade): UpgradeAct[] {
  switch (act.act) {
    case 'begin-ring':
      return [act];
    case 'apply':
      return [{ act: 'upgrade', id: act.device.id }];
    case 'check':
      return [{ act: 'check', id: act.device.id }];
    case 'revert':
      return [{ act: 'go', to: 'aborting', reason: act.reason }];
    case 'record-abort':
      return [{ act: 'go', to: 'aborted', reason }];
    case 'go':
      return act.to === 'reverted' ? [] : [{ act: 'go', to: act.to, reason }];
    // Nothing is confirmed or put back here.
    case 'ask-to-confirm':
    case 'record-revert':
    case 'revert-device':
      return [];
    default:
      return unreachable(act);
  }
}

const MINUTE_MS = 60_000;

/** Whether a device may be begun now: what is open must stay open for as long as an upgrade needs. */
export function closedFor(needsMs: number): typeof closedNow {
  return (times, timezone, now) => {
    const closed = closedNow(times, timezone, now);
    if (closed !== null) return closed;
    const soon = closesWithin(needsMs, (at) => closedNow(times, timezone, at), now);
    if (soon === null) return null;
    const needed = `an upgrade needs ${Math.ceil(needsMs / MINUTE_MS)} min and less is left`;
    return { reason: `${needed}; ${soon.reason}`, until: soon.until };
  };
}

/** Minute by minute, as windows may follow upon one another. */
function closesWithin(needsMs: number, closedAt: (at: number) => Closed | null, now: number): Closed | null {
  for (let later = MINUTE_MS; later < needsMs; later += MINUTE_MS) {
    const closed = closedAt(now + later);
    if (closed !== null) return closed;
  }
  return needsMs > 0 ? closedAt(now + needsMs - 1) : null;
}
