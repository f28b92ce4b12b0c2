import type { Logger } from '../../lib/logger.ts';
import { gone, mayBegin } from '../campaign/campaign.ts';
import type { CampaignChange } from '../campaign/keeper.ts';
import { CampaignRunner, type Course, type Surroundings } from '../campaign/runner.ts';
import type { CampaignStore } from '../campaign/store.ts';
import type { Pace } from '../rollout/outcome.ts';
import { decideUpgrade, type UpgradeDeviceAct, type UpgradeWholeAct } from './decide.ts';
import type { UpgradeTimes } from './order.ts';
import { type UpgradeStepModules, upgradeCheck, upgradeStep } from './steps.ts';
import {
  type Upgrade,
  type UpgradeDevice,
  type UpgradeRecord,
  type UpgradeStep,
  upgradeInTheWay,
} from './upgrade.ts';

export interface UpgradeModules extends UpgradeStepModules {
  readonly store: CampaignStore<Upgrade, UpgradeDevice>;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: () => string | null;
  readonly timezone: (name: string) => string;
  /** Told of each device that was upgraded, so that its condition is looked at. */
  readonly onDevice: (name: string) => void;
  readonly logger: Logger;
}

/** Carries out the upgrade that is on record. */
export class UpgradeRunner extends CampaignRunner<Upgrade, UpgradeDevice, UpgradeDeviceAct, UpgradeWholeAct> {
  constructor(how: { pace: Pace; times: UpgradeTimes }, modules: UpgradeModules) {
    super(new UpgradeCourse(how, modules), modules);
  }
}

const STEPS = { upgrade: upgradeStep, check: upgradeCheck } as const;

/**
 * How an upgrade goes. A device whose order is on record is read, and read
 * only, until its outcome is known, whatever became of the upgrade; only one
 * that surely never heard of it gets another.
 */
class UpgradeCourse implements Course<Upgrade, UpgradeDevice, UpgradeDeviceAct, UpgradeWholeAct> {
  readonly kind = 'upgrade';
  readonly store: CampaignStore<Upgrade, UpgradeDevice>;
  readonly #pace: Pace;
  readonly #times: UpgradeTimes;
  readonly #modules: UpgradeModules;

  constructor({ pace, times }: { pace: Pace; times: UpgradeTimes }, modules: UpgradeModules) {
    this.store = modules.store;
    this.#pace = pace;
    this.#times = times;
    this.#modules = modules;
  }

  obstacleTo(_next: Upgrade, { campaign, devices }: UpgradeRecord): string | null {
    const obstacle = upgradeInTheWay(campaign);
    if (obstacle !== null) return obstacle;
    return devices.some(({ state }) => state === 'applying')
      ? 'a device of the upgrade before is still at it: wait until it is back'
      : null;
  }

  /** A device that never had its order waits anew; the others are watched on. */
  leftBehind({ state, order }: UpgradeDevice): UpgradeStep | null {
    return state === 'applying' && order === null ? { state: 'pending', nextAt: 0 } : null;
  }

  waitsForReturn({ state }: UpgradeDevice): boolean {
    return state === 'off' || state === 'needs-bootstrap';
  }

  decide({ campaign, devices }: UpgradeRecord, { now, busy }: { now: number; busy: ReadonlySet<number> }) {
    const { blocked, timezone } = this.#modules;
    return decideUpgrade(campaign, devices, { now, blocked: blocked(), timezone }, busy);
  }

  begun({ act, device }: UpgradeDeviceAct): UpgradeStep | null {
    return act === 'upgrade' && device.state !== 'applying' ? { state: 'applying', reason: null } : null;
  }

  async step(
    { act, device }: UpgradeDeviceAct,
    { keeper, listeningSince, signal }: Surroundings<Upgrade, UpgradeDevice>,
  ): Promise<void> {
    const { campaign } = keeper;
    if (campaign === null) return;
    const { id } = device;
    const keep = (step: UpgradeStep): Promise<void> => keeper.saveDevice(id, () => step);
    const step = await STEPS[act](campaign, device, {
      modules: this.#modules,
      pace: this.#pace,
      times: this.#times,
      listeningSince,
      isCalledOff: () => keeper.campaign === null || !mayBegin(keeper.campaign),
      keep,
      signal,
    });
    await keep(step);
    if (act === 'upgrade') this.#tell({ ...device, ...step });
  }

  async whole(_record: UpgradeRecord, act: UpgradeWholeAct): Promise<CampaignChange<Upgrade, UpgradeDevice>> {
    if (act.act === 'begin-ring') return { campaign: { ring: act.ring } };
    return { campaign: { ...gone(act.to, this.#modules.clock.now()), reason: act.reason } };
  }

  #tell({ name, state, reason, from, to }: UpgradeDevice): void {
    const { logger, onDevice } = this.#modules;
    if (state !== 'pending')
      logger.info({ device: name, state, reason, from, to }, 'A device was taken through an upgrade');
    onDevice(name);
  }
}
