import { setMaxListeners } from 'node:events';
import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import type { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import { Looking } from '../looking.ts';
import { decideRotation, type RotationAct, type RotationDecision } from './decide.ts';
import { RotationKeeper } from './record-keeper.ts';
import { isOver, type Rotation, type RotationDevice, type RotationRecord } from './rotation.ts';
import { rotationStep, type StepModules } from './steps.ts';
import type { RotationStore } from './store.ts';
import type { RotationVerdict } from './verbs.ts';

export interface RotationModules extends StepModules {
  readonly store: RotationStore;
  /** One at a time per device, shared with applies and with the reconciler. */
  readonly mutex: KeyedMutex;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: (rotation: Rotation) => string | null;
  readonly timezone: (name: string) => string;
  /** The device accepts the new secret: it is to be spoken to by that from now on. */
  readonly moveOver: (name: string) => Promise<void>;
  readonly logger: Logger;
}

/** After a step that failed, as on a full disk. */
const AGAIN_MS = 1_000;

/**
 * Carries out the rotation that is on record: decides, keeps the decision,
 * acts. A device that was in hand when roomd ended is asked which secret it
 * accepts before it is told of any.
 */
export class RotationRunner implements Part {
  readonly name = 'rotations';
  readonly #retryMs: number;
  readonly #modules: RotationModules;
  readonly #keeper: RotationKeeper;
  readonly #looking: Looking;
  readonly #busy = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #decision: RotationDecision | null = null;

  constructor({ retryMs }: { retryMs: number }, modules: RotationModules) {
    this.#retryMs = retryMs;
    this.#modules = modules;
    this.#keeper = new RotationKeeper({ store: modules.store });
    this.#looking = new Looking(() => this.#lookOnce(), {
      clock: modules.clock,
      onError: (error) => {
        if (this.#stopping.signal.aborted) return;
        modules.logger.error({ error: messageOf(error) }, 'A rotation could not be taken further');
      },
    });
    // Each device in hand listens to it: eleven are no leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  async start(): Promise<void> {
    await this.#keeper.load();
    this.#looking.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#looking.stop();
    await Promise.allSettled(this.#busy.values());
  }

  /** The last rotation, with what it and its devices wait for. */
  current(): { record: RotationRecord; decision: RotationDecision | null } | null {
    const { record } = this.#keeper;
    return record === null ? null : { record, decision: isOver(record.rotation) ? null : this.#decision };
  }

  /** Takes up a new rotation; a text says what stands in the way. */
  async begin(record: RotationRecord): Promise<string | null> {
    const obstacle = await this.#keeper.begin(record, this.#modules.clock.now());
    this.#looking.soon();
    return obstacle;
  }

  /** Changes the rotation as a person asks, and goes on from there. */
  async change(change: (rotation: Rotation) => RotationVerdict): Promise<string | null> {
    const refusal = await this.#keeper.changeRotation(change);
    this.#looking.soon();
    return refusal;
  }

  /** A device answers again: one that had to wait gets its turn now. */
  returned(name: string): void {
    const device = this.#keeper.byName(name);
    if (device?.state !== 'waiting' && device?.state !== 'unknown') return;
    this.#keeper.hurry(device.id);
    this.#looking.soon();
  }

  /** Decides anew soon. */
  look(): void {
    this.#looking.soon();
  }

  async #lookOnce(): Promise<number | null> {
    const { clock, blocked, timezone } = this.#modules;
    for (;;) {
      this.#keeper.resume((id) => this.#busy.has(id));
      const { record } = this.#keeper;
      if (record === null || isOver(record.rotation) || !this.#looking.isOn) return null;
      const { rotation, devices } = record;
      const now = clock.now();
      const decision = decideRotation(rotation, devices, { now, blocked: blocked(rotation), timezone });
      this.#decision = decision;
      if (decision.acts.length === 0) {
        const { nextLookAt } = decision;
        return nextLookAt === null ? null : nextLookAt - now;
      }
      await this.#begin(rotation, decision.acts);
    }
  }

  /** Puts on record what begins, then begins it. */
  async #begin(rotation: Rotation, acts: readonly RotationAct[]): Promise<void> {
    const steps = acts.flatMap((act) => ('device' in act ? [act] : []));
    await this.#keeper.saveDevices(
      steps.map(({ device }) => device.id),
      { state: 'setting' },
    );
    for (const { act, device } of steps) this.#start(device, { maySet: act === 'set' });
    for (const act of acts) if (!('device' in act)) await this.#actOnAll(rotation, act);
  }

  /** `device` is as it was before the step began. */
  #start(device: RotationDevice, { maySet }: { maySet: boolean }): void {
    const { id, name } = device;
    const running = this.#step(device, maySet)
      .catch(async (error: unknown) => {
        const { clock, logger } = this.#modules;
        const { signal } = this.#stopping;
        if (signal.aborted) return;
        logger.error(
          { device: name, error: messageOf(error) },
          'A step of a rotation failed; it is taken anew',
        );
        await sleep(AGAIN_MS, clock, { signal }).catch(() => undefined);
      })
      .finally(() => {
        this.#busy.delete(id);
        this.#looking.soon();
      });
    this.#busy.set(id, running);
  }

  async #step(device: RotationDevice, maySet: boolean): Promise<void> {
    const { signal } = this.#stopping;
    const { id, name, isDoubtful } = device;
    const { mutex, moveOver, logger } = this.#modules;
    await mutex.run(name, async () => {
      signal.throwIfAborted();
      const rotation = this.#keeper.record?.rotation;
      if (rotation === undefined) return;
      if (maySet && (rotation.isPaused || !FORWARD.has(rotation.state)))
        return this.#keeper.saveDevices([id], { state: 'pending', isDoubtful });
      const how = { modules: this.#modules, retryMs: this.#retryMs, maySet, signal };
      const step = await rotationStep(rotation, device, how);
      await this.#keeper.saveDevices([id], step);
      logger.info({ rotation: rotation.id, device: name, state: step.state }, 'A device of a rotation');
      if (step.state === 'accepted') await moveOver(name);
    });
  }

  async #actOnAll(rotation: Rotation, act: Exclude<RotationAct, { device: unknown }>): Promise<void> {
    const { clock, logger } = this.#modules;
    logger.info({ rotation: rotation.id, ...act }, 'A rotation goes on');
    switch (act.act) {
      case 'begin-ring':
        return this.#keeper.saveRotation(rotation.state, { ring: act.ring });
      case 'stop':
        logger.error({ rotation: rotation.id, reason: act.reason }, 'A rotation is stopped');
        return this.#keeper.saveRotation(rotation.state, { state: 'stopping', reason: act.reason });
      case 'go':
        return this.#keeper.saveRotation(rotation.state, {
          state: act.to,
          endedAt: act.to === 'catching-up' ? null : clock.now(),
        });
    }
  }
}

const FORWARD: ReadonlySet<Rotation['state']> = new Set(['running', 'catching-up']);
