import { unreachable } from '../../lib/errors.ts';
import type { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Logger } from '../../lib/logger.ts';
import { gone, mayBegin } from '../campaign/campaign.ts';
import type { CampaignChange } from '../campaign/keeper.ts';
import { CampaignRunner, type Course, type Surroundings } from '../campaign/runner.ts';
import type { CampaignStore } from '../campaign/store.ts';
import { decideRotation, type RotationDeviceAct, type RotationWholeAct } from './decide.ts';
import {
  obstacleTo,
  type Rotation,
  type RotationDevice,
  type RotationRecord,
  type RotationStep,
} from './rotation.ts';
import { rotationStep, type StepModules } from './steps.ts';

export interface RotationModules extends StepModules {
  readonly store: CampaignStore<Rotation, RotationDevice>;
  /** One at a time per device, shared with applies and with the reconciler. */
  readonly mutex: KeyedMutex;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: (rotation: Rotation) => string | null;
  readonly timezone: (name: string) => string;
  /** The device accepts the new secret: it is to be spoken to by that from now on. */
  readonly moveOver: (name: string) => Promise<void>;
  readonly logger: Logger;
}

/** Carries out the rotation that is on record. */
export class RotationRunner extends CampaignRunner<
  Rotation,
  RotationDevice,
  RotationDeviceAct,
  RotationWholeAct
> {
  constructor(how: { retryMs: number }, modules: RotationModules) {
    super(new RotationCourse(how, modules), modules);
  }
}

/**
 * How a rotation goes. A device that was in hand when roomd ended is asked
 * which secret it accepts before it is told of any.
 */
class RotationCourse implements Course<Rotation, RotationDevice, RotationDeviceAct, RotationWholeAct> {
  readonly kind = 'rotation';
  readonly store: CampaignStore<Rotation, RotationDevice>;
  readonly #retryMs: number;
  readonly #modules: RotationModules;

  constructor({ retryMs }: { retryMs: number }, modules: RotationModules) {
    this.store = modules.store;
    this.#retryMs = retryMs;
    this.#modules = modules;
  }

  obstacleTo(next: Rotation, { campaign }: RotationRecord): string | null {
    return obstacleTo(next.credential, campaign);
  }

  leftBehind({ state }: RotationDevice): RotationStep | null {
    return state === 'setting' ? { state: 'pending', isDoubtful: true, nextAt: 0 } : null;
  }

  waitsForReturn({ state }: RotationDevice): boolean {
    return state === 'waiting' || state === 'unknown';
  }

  decide({ campaign, devices }: RotationRecord, { now }: { now: number }) {
    const { blocked, timezone } = this.#modules;
    return decideRotation(campaign, devices, { now, blocked: blocked(campaign), timezone });
  }

  begun(): RotationStep {
    return { state: 'setting' };
  }

  async step(
    { act, device }: RotationDeviceAct,
    { keeper, signal }: Surroundings<Rotation, RotationDevice>,
  ): Promise<void> {
    const { id, name, isDoubtful } = device;
    const { mutex, moveOver, logger } = this.#modules;
    const maySet = act === 'set';
    await mutex.run(name, async () => {
      signal.throwIfAborted();
      const { campaign: rotation } = keeper;
      if (rotation === null) return;
      if (maySet && !mayBegin(rotation))
        return keeper.saveDevice(id, () => ({ state: 'pending', isDoubtful }));
      const how = { modules: this.#modules, retryMs: this.#retryMs, maySet, signal };
      const step = await rotationStep(rotation, device, how);
      await keeper.saveDevice(id, () => step);
      logger.info({ rotation: rotation.id, device: name, state: step.state }, 'A device of a rotation');
      if (step.state === 'accepted') await moveOver(name);
    });
  }

  async whole(
    { campaign: rotation }: RotationRecord,
    act: RotationWholeAct,
  ): Promise<CampaignChange<Rotation, RotationDevice>> {
    const { clock, logger } = this.#modules;
    switch (act.act) {
      case 'begin-ring':
        return { campaign: { ring: act.ring } };
      case 'stop':
        logger.error({ rotation: rotation.id, reason: act.reason }, 'A rotation is stopped');
        return { campaign: { state: 'stopping', reason: act.reason } };
      case 'go':
        return { campaign: gone(act.to, clock.now()) };
      default:
        return unreachable(act);
    }
  }
}
