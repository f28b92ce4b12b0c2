import { unreachable } from '../../lib/errors.ts';
import type { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Logger } from '../../lib/logger.ts';
import { gone, mayBegin } from '../campaign/campaign.ts';
import type { CampaignChange } from '../campaign/keeper.ts';
import type { Course, Surroundings } from '../campaign/runner.ts';
import type { CampaignStore } from '../campaign/store.ts';
import { decide, type RolloutDeviceAct, type RolloutWholeAct } from './decide.ts';
import type { Pace } from './outcome.ts';
import { returnOf, untouchedOf } from './revert.ts';
import { actorOf, type DeviceStep, type Rollout, type RolloutDevice, type RolloutRecord } from './rollout.ts';
import { applyStep, checkStep, revertStep, type StepModules } from './steps.ts';
import { standsInTheWay } from './verbs.ts';
import type { RolloutWrites } from './writes.ts';

export interface RolloutModules extends StepModules {
  readonly store: CampaignStore<Rollout, RolloutDevice>;
  readonly writes: RolloutWrites;
  /** One at a time per device, shared with applies and with the reconciler. */
  readonly mutex: KeyedMutex;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: () => string | null;
  readonly timezone: (name: string) => string;
  /** Told of each device that was written or given back, so that its condition is looked at. */
  readonly onDevice: (name: string) => void;
  readonly logger: Logger;
}

const BEGUN = {
  apply: { state: 'applying', isTouched: true },
  'revert-device': { state: 'reverting' },
  check: null,
} as const satisfies Record<RolloutDeviceAct['act'], DeviceStep | null>;

const STEPS = { apply: applyStep, check: checkStep, 'revert-device': revertStep } as const;

type RolloutChange = CampaignChange<Rollout, RolloutDevice>;

/** How a rollout goes. A device is always read before it is written. */
export class RolloutCourse implements Course<Rollout, RolloutDevice, RolloutDeviceAct, RolloutWholeAct> {
  readonly kind = 'rollout';
  readonly store: CampaignStore<Rollout, RolloutDevice>;
  readonly #pace: Pace;
  readonly #modules: RolloutModules;

  constructor(pace: Pace, modules: RolloutModules) {
    this.store = modules.store;
    this.#pace = pace;
    this.#modules = modules;
  }

  obstacleTo(_next: Rollout, { campaign }: RolloutRecord): string | null {
    return standsInTheWay(campaign);
  }

  /** Of a device that was in hand when roomd ended, the record of writes tells whether it can have heard of one. */
  async found({ campaign, devices }: RolloutRecord): Promise<RolloutRecord> {
    const inHand = devices.filter(({ state }) => state === 'applying').map(({ id }) => id);
    const written = await this.#modules.writes.written(actorOf(campaign), inHand);
    const hands = new Set(inHand);
    return {
      campaign,
      devices: devices.map((device) =>
        hands.has(device.id) ? { ...device, isTouched: written.has(device.id) } : device,
      ),
    };
  }

  leftBehind({ state }: RolloutDevice): DeviceStep | null {
    if (state === 'applying') return { state: 'pending', nextAt: 0 };
    return state === 'reverting' ? { state: 'to-revert' } : null;
  }

  waitsForReturn({ state }: RolloutDevice): boolean {
    return state === 'off' || state === 'needs-bootstrap';
  }

  decide({ campaign, devices }: RolloutRecord, { now, busy }: { now: number; busy: ReadonlySet<number> }) {
    const { blocked, timezone } = this.#modules;
    return decide(campaign, devices, { now, blocked: blocked(), timezone }, busy);
  }

  begun({ act }: RolloutDeviceAct): DeviceStep | null {
    return BEGUN[act];
  }

  async step(
    { act, device }: RolloutDeviceAct,
    { keeper, listeningSince, signal }: Surroundings<Rollout, RolloutDevice>,
  ): Promise<void> {
    const { id, name, isTouched } = device;
    await this.#modules.mutex.run(name, async () => {
      signal.throwIfAborted();
      const { campaign: rollout } = keeper;
      if (rollout === null) return;
      if (act === 'apply' && !mayBegin(rollout))
        return keeper.saveDevice(id, () => ({ state: 'pending', reason: null, isTouched }));
      const take = STEPS[act];
      const step = await take(rollout, device, {
        modules: this.#modules,
        pace: this.#pace,
        listeningSince,
        signal,
      });
      await keeper.saveDevice(id, (now) => (act === 'check' && now.state !== 'soaking' ? {} : step));
    });
    this.#modules.onDevice(name);
  }

  async whole({ campaign: rollout, devices }: RolloutRecord, act: RolloutWholeAct): Promise<RolloutChange> {
    const { clock, logger } = this.#modules;
    switch (act.act) {
      case 'begin-ring':
        return this.#beginRing(rollout, act.ring, devices);
      case 'ask-to-confirm':
        return { campaign: { state: 'confirming', confirmBy: act.by } };
      case 'revert':
        logger.error({ rollout: rollout.id, reason: act.reason }, 'A rollout is stopped and reverted');
        return { campaign: { state: 'stopping', reason: act.reason } };
      case 'record-revert':
        return this.#recordRevert(rollout, devices);
      case 'record-abort':
        return this.#recordAbort(rollout, devices);
      case 'go':
        return { campaign: { ...gone(act.to, clock.now()), confirmBy: null } };
      default:
        return unreachable(act);
    }
  }

  /** Approves the ring's devices, then makes the ring the one under way; once more the same after a crash in between. */
  async #beginRing(
    { fingerprint, actor, commit }: Rollout,
    ring: number,
    devices: readonly RolloutDevice[],
  ): Promise<RolloutChange> {
    const members = devices.filter((one) => one.ring === ring && one.state !== 'left-out');
    const { id } = await this.#modules.revisions.approveStates(
      new Map(members.map((device) => [device.id, device.after])),
      { fingerprint, actor, commit },
    );
    return { campaign: { ring, revision: id } };
  }

  async #recordRevert(rollout: Rollout, devices: readonly RolloutDevice[]): Promise<RolloutChange> {
    const { writes, revisions } = this.#modules;
    const touched = devices.filter(({ isTouched }) => isTouched).map(({ id }) => id);
    const actor = actorOf(rollout);
    const { states, devices: changed } = returnOf(devices, await writes.before(actor, touched));
    const { id } = await revisions.approveStates(states, { fingerprint: `revert:${rollout.id}`, actor });
    return { campaign: { state: 'reverting', confirmBy: null, revision: id }, devices: changed };
  }

  async #recordAbort(rollout: Rollout, devices: readonly RolloutDevice[]): Promise<RolloutChange> {
    const { revisions, clock } = this.#modules;
    const { id } = await revisions.approveStates(untouchedOf(devices), {
      fingerprint: `abort:${rollout.id}`,
      actor: actorOf(rollout),
    });
    return { campaign: { ...gone('aborted', clock.now()), confirmBy: null, revision: id } };
  }
}
