import { setMaxListeners } from 'node:events';
import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import type { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import { Looking } from '../looking.ts';
import type { Revision } from '../revision.ts';
import { type Decision, decide, type RolloutAct } from './decide.ts';
import { inForceOn } from './in-force.ts';
import type { Pace } from './outcome.ts';
import { RecordKeeper } from './record-keeper.ts';
import { returnOf, untouchedOf } from './revert.ts';
import { type DeviceStep, isOver, type Rollout, type RolloutDevice } from './rollout.ts';
import { actorOf, applyStep, checkStep, revertStep, type StepModules } from './steps.ts';
import type { RolloutRecord, RolloutStore } from './store.ts';

export interface RunnerModules extends StepModules {
  readonly store: RolloutStore;
  /** One at a time per device, shared with applies and with the reconciler. */
  readonly mutex: KeyedMutex;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: () => string | null;
  readonly timezone: (name: string) => string;
  /** Told of each device that was written or given back, so that its condition is looked at. */
  readonly onDevice: (name: string) => void;
  readonly logger: Logger;
}

/** After a step that failed, as on a full disk. */
const AGAIN_MS = 1_000;

/**
 * Carries out the rollout that is on record: decides, keeps the decision, acts.
 * Whatever was under way when roomd ended is decided anew at the start, and a
 * device is always read before it is written.
 */
export class RolloutRunner implements Part {
  readonly name = 'rollouts';
  readonly #pace: Pace;
  readonly #modules: RunnerModules;
  readonly #keeper: RecordKeeper;
  readonly #busy = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #looking: Looking;
  #startedAt = 0;
  #decision: Decision | null = null;

  constructor(pace: Pace, modules: RunnerModules) {
    this.#pace = pace;
    this.#modules = modules;
    this.#keeper = new RecordKeeper({ store: modules.store });
    this.#looking = new Looking(() => this.#lookOnce(), {
      clock: modules.clock,
      onError: (error) => {
        if (this.#stopping.signal.aborted) return;
        modules.logger.error({ error: messageOf(error) }, 'A rollout could not be taken further');
      },
    });
    // Each device under way listens to it: eleven are no leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  async start(): Promise<void> {
    await this.#keeper.load();
    this.#startedAt = this.#modules.clock.now();
    this.#looking.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#looking.stop();
    await Promise.allSettled(this.#busy.values());
  }

  /** The last rollout, with what it and its devices wait for. */
  current(): { record: RolloutRecord; decision: Decision | null } | null {
    const record = this.#keeper.record;
    return record === null ? null : { record, decision: isOver(record.rollout) ? null : this.#decision };
  }

  /** Takes up a new rollout, in the place of one that only waits for stragglers; a text says what stands in the way. */
  async begin(record: RolloutRecord): Promise<string | null> {
    const obstacle = await this.#keeper.begin(record, this.#modules.clock.now());
    this.look();
    return obstacle;
  }

  /** Changes the rollout as a person asks, and goes on from there. */
  async change(change: (record: RolloutRecord) => Partial<Rollout> | string): Promise<string | null> {
    const refusal = await this.#keeper.changeRollout(change);
    this.look();
    return refusal;
  }

  /** A device answers again: one that was off gets its turn now. */
  returned(name: string): void {
    const device = this.#keeper.byName(name);
    if (device?.state !== 'off' && device?.state !== 'needs-bootstrap') return;
    this.#keeper.hurry(device.id);
    this.look();
  }

  /** A person applied the file to the device: the rollout leaves it to them. */
  async applied(name: string, actor: string): Promise<void> {
    const device = this.#keeper.byName(name);
    const { record } = this.#keeper;
    if (device === null || record === null || isOver(record.rollout)) return;
    if (device.isTouched || device.state === 'applying') return;
    await this.#keeper.saveDevice(device.id, () => ({
      state: 'left-out',
      reason: `${actor} applied the file to it meanwhile`,
    }));
    this.look();
  }

  /** What drift repair restores on a device: not yet the new revision where its turn has not come, nothing where it is in hand. */
  inForceOn(deviceId: number, latest: Revision | null): Revision | null {
    const { record } = this.#keeper;
    return record === null ? latest : inForceOn(record.rollout, this.#keeper.byId(deviceId), latest);
  }

  /** Decides anew soon. */
  look(): void {
    this.#looking.soon();
  }

  /** Takes every step that is due; how long to wait then. */
  async #lookOnce(): Promise<number | null> {
    const { clock, blocked, timezone } = this.#modules;
    for (;;) {
      this.#keeper.resume((id) => this.#busy.has(id));
      const { record } = this.#keeper;
      if (record === null || isOver(record.rollout) || !this.#looking.isOn) return null;
      const now = clock.now();
      const decision = decide(
        record.rollout,
        record.devices,
        { now, blocked: blocked(), timezone },
        new Set(this.#busy.keys()),
      );
      this.#decision = decision;
      if (decision.acts.length === 0) {
        const { nextLookAt } = decision;
        return nextLookAt === null ? null : nextLookAt - now;
      }
      await this.#begin(record.rollout, decision.acts);
    }
  }

  /** Puts on record what begins, then begins it. */
  async #begin(rollout: Rollout, acts: readonly RolloutAct[]): Promise<void> {
    const steps = acts.flatMap((act) => ('device' in act ? [act] : []));
    await this.#keeper.saveDevices(
      steps.flatMap(({ act, device }) => (act === 'check' ? [] : [{ device, step: BEGUN[act] }])),
    );
    for (const { act, device } of steps) this.#start(act, device);
    for (const act of acts) if (!('device' in act)) await this.#actOnAll(rollout, act);
  }

  #start(act: keyof typeof BEGUN | 'check', device: RolloutDevice): void {
    const { id } = device;
    const running = this.#step(act, device)
      .catch(async (error: unknown) => {
        const { clock, logger } = this.#modules;
        const { signal } = this.#stopping;
        if (signal.aborted) return;
        logger.error(
          { device: device.name, error: messageOf(error) },
          'A step of a rollout failed; it is taken anew',
        );
        await sleep(AGAIN_MS, clock, { signal }).catch(() => undefined);
      })
      .finally(() => {
        this.#busy.delete(id);
        this.look();
      });
    this.#busy.set(id, running);
  }

  /** `device` is as it was before the step began. */
  async #step(act: keyof typeof BEGUN | 'check', device: RolloutDevice): Promise<void> {
    const { signal } = this.#stopping;
    const { id, name, isTouched } = device;
    await this.#modules.mutex.run(name, async () => {
      signal.throwIfAborted();
      const { record } = this.#keeper;
      if (record === null) return;
      const { rollout } = record;
      if (act === 'apply' && (rollout.isPaused || !FORWARD.has(rollout.state)))
        return this.#keeper.saveDevice(id, () => ({ state: 'pending', reason: null, isTouched }));
      const how = {
        modules: this.#modules,
        pace: this.#pace,
        listeningSince: this.#startedAt,
        signal,
      };
      const take = STEPS[act];
      const step = await take(rollout, device, how);
      await this.#keeper.saveDevice(id, (now) => (act === 'check' && now.state !== 'soaking' ? {} : step));
    });
    this.#modules.onDevice(name);
  }

  async #actOnAll(rollout: Rollout, act: Exclude<RolloutAct, { device: unknown }>): Promise<void> {
    const { clock, logger } = this.#modules;
    logger.info({ rollout: rollout.id, ...act }, 'A rollout goes on');
    switch (act.act) {
      case 'begin-ring':
        return this.#beginRing(rollout, act.ring);
      case 'ask-to-confirm':
        return this.#keeper.saveRollout(rollout.state, { state: 'confirming', confirmBy: act.by });
      case 'revert':
        logger.error({ rollout: rollout.id, reason: act.reason }, 'A rollout is stopped and reverted');
        return this.#keeper.saveRollout(rollout.state, { state: 'stopping', reason: act.reason });
      case 'record-revert':
        return this.#recordRevert(rollout);
      case 'record-abort':
        return this.#recordAbort(rollout);
      case 'go':
        return this.#keeper.saveRollout(rollout.state, {
          state: act.to,
          confirmBy: null,
          endedAt: act.to === 'catching-up' ? null : clock.now(),
        });
    }
  }

  /** Approves the ring's devices, then makes the ring the one under way; once more the same after a crash in between. */
  async #beginRing(rollout: Rollout, ring: number): Promise<void> {
    const members = this.#keeper.devices().filter((one) => one.ring === ring && one.state !== 'left-out');
    const { id } = await this.#modules.revisions.approveStates(
      new Map(members.map((device) => [device.id, device.after])),
      { fingerprint: rollout.fingerprint, actor: rollout.actor, commit: rollout.commit },
    );
    await this.#keeper.saveRollout(rollout.state, { ring, revision: id });
  }

  async #recordRevert(rollout: Rollout): Promise<void> {
    const devices = this.#keeper.devices();
    const touched = devices.filter(({ isTouched }) => isTouched).map(({ id }) => id);
    const actor = actorOf(rollout);
    const { states, devices: changed } = returnOf(devices, await this.#modules.store.before(actor, touched));
    const { id } = await this.#modules.revisions.approveStates(states, {
      fingerprint: `revert:${rollout.id}`,
      actor,
    });
    await this.#keeper.saveRollout(
      rollout.state,
      { state: 'reverting', confirmBy: null, revision: id },
      changed,
    );
  }

  async #recordAbort(rollout: Rollout): Promise<void> {
    const { id } = await this.#modules.revisions.approveStates(untouchedOf(this.#keeper.devices()), {
      fingerprint: `abort:${rollout.id}`,
      actor: actorOf(rollout),
    });
    await this.#keeper.saveRollout(rollout.state, {
      state: 'aborted',
      confirmBy: null,
      revision: id,
      endedAt: this.#modules.clock.now(),
    });
  }
}

const BEGUN = {
  apply: { state: 'applying', isTouched: true },
  'revert-device': { state: 'reverting' },
} as const satisfies Record<string, DeviceStep>;

const STEPS = { apply: applyStep, check: checkStep, 'revert-device': revertStep } as const;

const FORWARD: ReadonlySet<Rollout['state']> = new Set(['running', 'catching-up']);
