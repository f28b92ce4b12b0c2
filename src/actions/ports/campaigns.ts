import type { Campaign, CampaignDevice, CampaignRecord } from '../../fleet/campaign/campaign.ts';
import type { CampaignDecision } from '../../fleet/campaign/decision.ts';
import type { CampaignVerdict } from '../../fleet/campaign/verbs.ts';
import type { DesiredDevice } from '../../fleet/fleet.ts';
import type { DevicePlan } from '../../fleet/plan.ts';
import type { Revision } from '../../fleet/revision.ts';
import type { Rollout, RolloutDevice } from '../../fleet/rollout/rollout.ts';
import type { RolloutSection } from '../../fleet/rollout-section.ts';
import type { Rotation, RotationDevice, RotationRecord } from '../../fleet/rotation/rotation.ts';
import type { UpgradeWish } from '../../fleet/upgrade/begin.ts';
import type { Upgrade, UpgradeDevice } from '../../fleet/upgrade/upgrade.ts';

/** What the verbs need of the campaigns of any kind. */
export interface CampaignPorts<Of extends Campaign, Device extends CampaignDevice> {
  /** The last one, with what it and its devices wait for. */
  current(): CurrentCampaign<Of, Device> | null;
  /** Changes it as a person asks; a text says why not. */
  change(change: (campaign: Of) => CampaignVerdict<Of>): Promise<string | null>;
}

export interface CurrentCampaign<Of extends Campaign, Device extends CampaignDevice> {
  readonly record: CampaignRecord<Of, Device>;
  readonly decision: CampaignDecision<unknown> | null;
}

export interface RolloutPorts extends CampaignPorts<Rollout, RolloutDevice> {
  latestRevision(): Promise<Revision | null>;
  /** Records a new one and begins it; a text says what stands in the way. */
  start(
    devices: readonly DesiredDevice[],
    how: {
      readonly section: RolloutSection;
      readonly actor: string;
      readonly plans: readonly DevicePlan[];
      readonly parallel: number;
      readonly confirmWithinMs: number | null;
    },
  ): Promise<string | null>;
}

export interface RotationPorts extends CampaignPorts<Rotation, RotationDevice> {
  /** What would begin; a text says what stands in the way. */
  prepare(devices: readonly DesiredDevice[], how: RotateHow): Promise<RotationRecord | string>;
  /** Records a new one and begins it; a text says what stands in the way. */
  start(devices: readonly DesiredDevice[], how: RotateHow): Promise<string | null>;
}

export interface RotateHow {
  readonly actor: string;
  readonly credential: string;
  /** The device that comes first; null: the first that answers. */
  readonly probe: string | null;
  readonly parallel: number;
}

export interface AcceptedSecret {
  readonly name: string;
  readonly credential: string;
  /** Null: nothing is on record, or both are refused. */
  readonly accepts: 'password' | 'next' | null;
}

export interface UpgradePorts extends CampaignPorts<Upgrade, UpgradeDevice> {
  /** Records a new one and begins it; a text says what stands in the way. */
  start(
    wish: UpgradeWish,
    how: { readonly actor: string; readonly parallel: number },
  ): Promise<string | null>;
}
