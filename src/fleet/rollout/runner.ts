import { isOver } from '../campaign/campaign.ts';
import { CampaignRunner } from '../campaign/runner.ts';
import type { Revision } from '../revision.ts';
import { RolloutCourse, type RolloutModules } from './course.ts';
import type { RolloutDeviceAct, RolloutWholeAct } from './decide.ts';
import { inForceOn } from './in-force.ts';
import type { Pace } from './outcome.ts';
import type { Rollout, RolloutDevice } from './rollout.ts';

/** Carries out the rollout that is on record, and says what of it others have to heed. */
export class RolloutRunner extends CampaignRunner<Rollout, RolloutDevice, RolloutDeviceAct, RolloutWholeAct> {
  constructor(pace: Pace, modules: RolloutModules) {
    super(new RolloutCourse(pace, modules), modules);
  }

  /** A person applied the file to the device: the rollout leaves it to them. */
  async applied(name: string, actor: string): Promise<void> {
    const { campaign } = this.keeper;
    const device = this.keeper.byName(name);
    if (device === null || campaign === null || isOver(campaign)) return;
    if (device.isTouched || device.state === 'applying') return;
    await this.keeper.saveDevice(device.id, () => ({
      state: 'left-out',
      reason: `${actor} applied the file to it meanwhile`,
    }));
    this.look();
  }

  /** What drift repair restores on a device: not yet the new revision where its turn has not come, nothing where it is in hand. */
  inForceOn(deviceId: number, latest: Revision | null): Revision | null {
    const { campaign } = this.keeper;
    return campaign === null ? latest : inForceOn(campaign, this.keeper.byId(deviceId), latest);
  }
}
