import {
  type Campaign,
  type CampaignDevice,
  type CampaignRecord,
  type CampaignStrategy,
  isOver,
} from '../campaign/campaign.ts';
import type { Rollout, RolloutDevice, RolloutDeviceState } from '../rollout/rollout.ts';
import type { RolloutSection } from '../rollout-section.ts';
import type { UpgradeOrder } from './order.ts';

export interface UpgradeStrategy
  extends CampaignStrategy,
    Pick<RolloutSection, 'soakMs' | 'upgradeNeedsMs'> {}

/**
 * - `running`: ring by ring
 * - `catching-up`: done but for devices that were off or need a person
 * - `aborting`: no further device begins; those in the middle are watched to their end
 * - `done`, `aborted`: over
 */
export type UpgradeState = 'running' | 'catching-up' | 'aborting' | 'done' | 'aborted';

/** New software on its way over the fleet. */
export interface Upgrade extends Campaign {
  readonly state: UpgradeState;
  readonly strategy: UpgradeStrategy;
}

/** As in a rollout; `applying` is from the order until the device is back, `soaking` while the new software is watched. */
export type UpgradeDeviceState = Extract<
  RolloutDeviceState,
  'pending' | 'applying' | 'soaking' | 'passed' | 'failed' | 'off' | 'needs-bootstrap' | 'left-out'
>;

export interface UpgradeDevice extends CampaignDevice {
  readonly state: UpgradeDeviceState;
  /** The version that it ran before, as far as known. */
  readonly from: string | null;
  readonly to: string;
  readonly url: string | null;
  /** Null until the device may have heard of it. */
  readonly order: UpgradeOrder | null;
  /** Settings that differed from the file before; null where that is not known. */
  readonly differedBefore: number | null;
  /** What differs from the file since; null until it is back. */
  readonly differing: readonly string[] | null;
  /** Errors that its Diagnostics showed before. */
  readonly knownErrors: readonly string[];
  /** When it was seen with the new version. */
  readonly provenAt: number | null;
  /** Checks that failed one after another. */
  readonly strikes: number;
}

export type UpgradeRecord = CampaignRecord<Upgrade, UpgradeDevice>;

export type UpgradeStep = Partial<Omit<UpgradeDevice, 'id' | 'name' | 'ring' | 'to' | 'url'>>;

/** The upgrade as the rules of rollouts see it: nobody is asked to confirm, and nothing cuts roomd off. */
export function asRollout({ strategy, ...upgrade }: Upgrade): Rollout {
  return {
    ...upgrade,
    strategy: { ...strategy, confirmWithinMs: null, allowCutOff: [] },
    fingerprint: '',
    commit: null,
    revisionBefore: null,
    revision: null,
    confirmedBy: null,
    confirmBy: null,
  };
}

export function asRolloutDevice(device: UpgradeDevice): RolloutDevice {
  const { id, name, ring, state, reason, knownErrors, strikes, nextAt } = device;
  return {
    id,
    name,
    ring,
    state,
    reason,
    knownErrors,
    strikes,
    nextAt,
    writtenAt: device.provenAt,
    isTouched: device.order !== null,
    cutsOff: false,
    before: null,
    after: {},
  };
}

/** The actor of everything that an upgrade orders. */
export function upgradeActor({ id }: Pick<Upgrade, 'id'>): string {
  return `upgrade:${id}`;
}

/** Why neither another upgrade nor a rollout may begin beside this one; null: it may. */
export function upgradeInTheWay(upgrade: Upgrade): string | null {
  if (isOver(upgrade) || upgrade.state === 'catching-up') return null;
  return `the upgrade ${upgrade.id} is ${upgrade.isPaused ? 'paused' : upgrade.state}: let it end, or abort it first`;
}
