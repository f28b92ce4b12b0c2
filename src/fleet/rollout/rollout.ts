import type { ApprovedSettings } from '../approved-settings.ts';
import type { Campaign, CampaignDevice, CampaignRecord, CampaignStrategy } from '../campaign/campaign.ts';
import type { FleetCommit } from '../fleet-commit.ts';
import type { RolloutSection } from '../rollout-section.ts';

export interface Strategy
  extends CampaignStrategy,
    Pick<RolloutSection, 'soakMs' | 'confirmWithinMs' | 'allowCutOff'> {}

/**
 * - `running`: ring by ring
 * - `confirming`: every ring has held; all is put back unless a person confirms
 * - `catching-up`: done but for devices that were off or need a person
 * - `stopping`, `aborting`: it is to be reverted or left as it is, and waits for writes under way
 * - `reverting`: what was written is being put back
 * - `done`, `reverted`, `aborted`: over
 */
export type RolloutState =
  | 'running'
  | 'confirming'
  | 'catching-up'
  | 'stopping'
  | 'aborting'
  | 'reverting'
  | 'done'
  | 'reverted'
  | 'aborted';

/** One approved revision on its way over the fleet. While it is paused, what was written is still watched. */
export interface Rollout extends Campaign {
  readonly state: RolloutState;
  /** Of the fleet file that is rolled out. */
  readonly fingerprint: string;
  /** Of the git repository that it lay in; null where there was none. */
  readonly commit: FleetCommit | null;
  readonly strategy: Strategy;
  readonly revisionBefore: string | null;
  /** The last revision that this rollout recorded. */
  readonly revision: string | null;
  /** Who confirmed it; null until then. */
  readonly confirmedBy: string | null;
  /** Until when somebody must confirm; null while nobody is asked. */
  readonly confirmBy: number | null;
}

/**
 * - `pending`: its turn has not come, or it waits for its room or window (`reason`)
 * - `applying`: roomd is writing to it
 * - `soaking`: written and proven, watched until it has held long enough
 * - `passed`: it held, or had nothing to write
 * - `failed`: it refused, or did not hold
 * - `off`: it does not answer; it gets its turn when it is back
 * - `needs-bootstrap`: it knows roomd no more; a person must act, then it gets its turn
 * - `left-out`: this rollout does not touch it
 * - `to-revert`, `reverting`, `reverted`, `revert-later`: on the way back; later: it is finished as an apply that waits
 */
export type RolloutDeviceState =
  | 'pending'
  | 'applying'
  | 'soaking'
  | 'passed'
  | 'failed'
  | 'off'
  | 'needs-bootstrap'
  | 'left-out'
  | 'to-revert'
  | 'reverting'
  | 'reverted'
  | 'revert-later';

export interface RolloutDevice extends CampaignDevice {
  readonly state: RolloutDeviceState;
  /** Something may have been written to it by this rollout. */
  readonly isTouched: boolean;
  /** Its changes can cut roomd off, so it goes alone. */
  readonly cutsOff: boolean;
  /** What was approved for it before. */
  readonly before: ApprovedSettings | null;
  /** What is approved for it when its ring begins. */
  readonly after: ApprovedSettings;
  /** Errors that its Diagnostics showed before the write. */
  readonly knownErrors: readonly string[];
  readonly writtenAt: number | null;
  /** Checks that failed one after another. */
  readonly strikes: number;
}

export type RolloutRecord = CampaignRecord<Rollout, RolloutDevice>;

/** What a step learned of one device. */
export type DeviceStep = Partial<Omit<RolloutDevice, 'id' | 'name' | 'ring' | 'before' | 'after'>>;

/** The actor of everything that a rollout writes. */
export function actorOf({ id }: Pick<Rollout, 'id'>): string {
  return `rollout:${id}`;
}
