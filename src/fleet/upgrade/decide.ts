import { unreachable } from '../../lib/errors.ts';
import type { CampaignDecision, Circumstances } from '../campaign/decision.ts';
import { type Closed, closedNow } from '../campaign/windows.ts';
import { decide, type RolloutDeviceAct, type RolloutWholeAct } from '../rollout/decide.ts';
import {
  asRollout,
  asRolloutDevice,
  type Upgrade,
  type UpgradeDevice,
  type UpgradeState,
} from './upgrade.ts';

/** What the runner does next to a device; one that has its order already is watched on by `upgrade`. */
export interface UpgradeDeviceAct {
  readonly act: 'upgrade' | 'check';
  readonly device: UpgradeDevice;
}

/** What it does next to the whole. */
export type UpgradeWholeAct =
  | { readonly act: 'begin-ring'; readonly ring: number }
  | { readonly act: 'go'; readonly to: UpgradeState; readonly reason: string | null };

export type UpgradeDecision = CampaignDecision<UpgradeDeviceAct | UpgradeWholeAct>;

/**
 * The next step, by the rules of rollouts: rings, soak, budget, parallel. Two
 * things are otherwise: software cannot be put back, so that a spent budget
 * ends the upgrade instead of reverting it; and a window that closes too soon
 * counts as closed. A device with an order that nobody watches is taken up
 * whatever the state, also once the upgrade is over.
 */
export function decideUpgrade(
  upgrade: Upgrade,
  devices: readonly UpgradeDevice[],
  circumstances: Omit<Circumstances, 'closed'>,
  busy: ReadonlySet<number> = new Set(),
): UpgradeDecision {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const decision = decide(
    asRollout(upgrade),
    devices.map(asRolloutDevice),
    { ...circumstances, closed: closedFor(upgrade.strategy.upgradeNeedsMs) },
    busy,
  );
  const ordered = devices.filter(
    ({ id, state, order }) => state === 'applying' && order !== null && !busy.has(id),
  );
  const watched = ordered.map((device): UpgradeDeviceAct => ({ act: 'upgrade', device }));
  const next = decision.acts.flatMap((act): readonly (UpgradeDeviceAct | UpgradeWholeAct)[] =>
    'device' in act ? onDevice(act, byId) : onWhole(act, upgrade),
  );
  return { ...decision, acts: [...watched, ...next] };
}

function onDevice(
  { act, device: { id } }: RolloutDeviceAct,
  byId: ReadonlyMap<number, UpgradeDevice>,
): UpgradeDeviceAct[] {
  const device = byId.get(id);
  // Nothing is put back here.
  if (device === undefined || act === 'revert-device') return [];
  return [{ act: act === 'apply' ? 'upgrade' : act, device }];
}

function onWhole(act: RolloutWholeAct, { reason }: Upgrade): UpgradeWholeAct[] {
  switch (act.act) {
    case 'begin-ring':
      return [act];
    case 'revert':
      return [{ act: 'go', to: 'aborting', reason: act.reason }];
    case 'record-abort':
      return [{ act: 'go', to: 'aborted', reason }];
    case 'go':
      return act.to === 'reverted' ? [] : [{ act: 'go', to: act.to, reason }];
    // Nothing is confirmed here, or put back.
    case 'ask-to-confirm':
    case 'record-revert':
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
