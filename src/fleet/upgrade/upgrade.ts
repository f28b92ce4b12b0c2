import type { Rollout, RolloutDevice, RolloutDeviceState } from '../rollout/rollout.ts';
import type { RolloutSection } from '../rollout-section.ts';
import type { UpgradeOrder } from './order.ts';

/** How an upgrade goes about it, kept as data from its start on: a later edit of the file does not change it. */
export interface UpgradeStrategy
  extends Pick<RolloutSection, 'soakMs' | 'failureBudget' | 'windows' | 'freezes' | 'upgradeNeedsMs'> {
  /** Devices that are upgraded at the same time. */
  readonly parallel: number;
}

/**
 * - `running`: ring by ring
 * - `catching-up`: done but for devices that were off or need a person
 * - `aborting`: no further device begins; those in the middle are watched to their end
 * - `done`, `aborted`: over
 */
export type UpgradeState = 'running' | 'catching-up' | 'aborting' | 'done' | 'aborted';

/** New software on its way over the fleet. Times are UTC milliseconds. */
export interface Upgrade {
  readonly id: string;
  readonly actor: string;
  readonly state: UpgradeState;
  /** No new device begins while it is paused; those in the middle go on. */
  readonly isPaused: boolean;
  /** Why it is paused or aborted, in a sentence. */
  readonly reason: string | null;
  readonly strategy: UpgradeStrategy;
  readonly rings: readonly string[];
  /** The ring under way; -1 before the first. */
  readonly ring: number;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** As in a rollout; `applying` is from the order until the device is back, `soaking` while the new software is watched. */
export type UpgradeDeviceState = Extract<
  RolloutDeviceState,
  'pending' | 'applying' | 'soaking' | 'passed' | 'failed' | 'off' | 'needs-bootstrap' | 'left-out'
>;

export interface UpgradeDevice {
  readonly id: number;
  readonly name: string;
  readonly ring: number;
  readonly state: UpgradeDeviceState;
  /** What it waits for or why it failed, in a sentence. */
  readonly reason: string | null;
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
  /** No try and no check before. */
  readonly nextAt: number;
}

export type UpgradeStep = Partial<Omit<UpgradeDevice, 'id' | 'name' | 'ring' | 'to' | 'url'>>;

export function isUpgradeOver({ state }: Pick<Upgrade, 'state'>): boolean {
  return state === 'done' || state === 'aborted';
}

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

/** What a person's word makes of it; a text says why it cannot be done now. */
export type UpgradeVerdict = Partial<Upgrade> | string;

export function pausedUpgrade(upgrade: Upgrade, reason: string): UpgradeVerdict {
  return isGoing(upgrade) ? { isPaused: true, reason } : inState(upgrade);
}

export function resumedUpgrade(upgrade: Upgrade): UpgradeVerdict {
  return upgrade.isPaused ? { isPaused: false, reason: null } : 'it is not paused';
}

export function abortedUpgrade(upgrade: Upgrade, reason: string): UpgradeVerdict {
  return isGoing(upgrade) ? { state: 'aborting', isPaused: false, reason } : inState(upgrade);
}

/** Why neither another upgrade nor a rollout may begin beside this one; null: it may. */
export function upgradeInTheWay(upgrade: Upgrade): string | null {
  if (isUpgradeOver(upgrade) || upgrade.state === 'catching-up') return null;
  return `the upgrade ${upgrade.id} is ${upgrade.isPaused ? 'paused' : upgrade.state}: let it end, or abort it first`;
}

function isGoing({ state }: Upgrade): boolean {
  return state === 'running' || state === 'catching-up';
}

function inState({ state }: Upgrade): string {
  return `the upgrade is ${state}, so there is nothing to do`;
}
