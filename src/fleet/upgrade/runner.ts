import { setMaxListeners } from 'node:events';
import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Pace } from '../rollout/outcome.ts';
import { decideUpgrade, type UpgradeAct, type UpgradeDecision } from './decide.ts';
import type { UpgradeTimes } from './order.ts';
import { UpgradeKeeper } from './record-keeper.ts';
import { type UpgradeStepHow, type UpgradeStepModules, upgradeCheck, upgradeStep } from './steps.ts';
import type { UpgradeRecord, UpgradeStore } from './store.ts';
import {
  isUpgradeOver,
  type Upgrade,
  type UpgradeDevice,
  type UpgradeStep,
  type UpgradeVerdict,
} from './upgrade.ts';

export interface UpgradeRunnerModules extends UpgradeStepModules {
  readonly store: UpgradeStore;
  /** Why no device may begin now, in a sentence; null: they may. */
  readonly blocked: () => string | null;
  readonly timezone: (name: string) => string;
  /** Told of each device that was upgraded, so that its condition is looked at. */
  readonly onDevice: (name: string) => void;
  readonly logger: Logger;
}

/** After a database that failed. */
const AGAIN_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Carries out the upgrade that is on record: decides, keeps the decision,
 * acts. A device whose order is on record is read, and read only, until its
 * outcome is known; only one that surely never heard of it gets another.
 */
export class UpgradeRunner implements Part {
  readonly name = 'upgrades';
  readonly #pace: Pace;
  readonly #times: UpgradeTimes;
  readonly #modules: UpgradeRunnerModules;
  readonly #keeper: UpgradeKeeper;
  readonly #busy = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  #startedAt = 0;
  #isRunning = false;
  #isAgain = false;
  #looking: Promise<void> | null = null;
  #cancelTimer: () => void = () => undefined;
  #decision: UpgradeDecision | null = null;

  constructor({ pace, times }: { pace: Pace; times: UpgradeTimes }, modules: UpgradeRunnerModules) {
    this.#pace = pace;
    this.#times = times;
    this.#modules = modules;
    this.#keeper = new UpgradeKeeper(modules);
    // Each device under way listens to it: eleven are no leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  async start(): Promise<void> {
    await this.#keeper.load();
    this.#startedAt = this.#modules.clock.now();
    this.#isRunning = true;
    this.look();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancelTimer();
    this.#stopping.abort(new Error('roomd stops'));
    await Promise.allSettled([this.#looking, ...this.#busy.values()]);
  }

  /** The last upgrade, with what it and its devices wait for. */
  current(): { record: UpgradeRecord; decision: UpgradeDecision | null } | null {
    const { record } = this.#keeper;
    return record === null
      ? null
      : { record, decision: isUpgradeOver(record.upgrade) ? null : this.#decision };
  }

  /** Takes up a new one; a text says what stands in the way. */
  async begin(record: UpgradeRecord): Promise<string | null> {
    const obstacle = await this.#keeper.begin(record, this.#modules.clock.now());
    this.look();
    return obstacle;
  }

  /** Changes it as a person asks, and goes on from there. */
  async change(change: (upgrade: Upgrade) => UpgradeVerdict): Promise<string | null> {
    const refusal = await this.#keeper.change(change);
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

  /** Decides anew soon. */
  look(): void {
    if (!this.#isRunning) return;
    if (this.#looking !== null) {
      this.#isAgain = true;
      return;
    }
    this.#looking = this.#lookOnce()
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#modules.logger.error({ error: messageOf(error) }, 'An upgrade could not be taken further');
        this.#wakeAfter(AGAIN_MS);
      })
      .finally(() => {
        this.#looking = null;
        if (this.#isAgain) {
          this.#isAgain = false;
          this.look();
        }
      });
  }

  async #lookOnce(): Promise<void> {
    this.#cancelTimer();
    const { clock, blocked, timezone } = this.#modules;
    for (;;) {
      // Those in the middle are watched to their end, whatever became of the upgrade.
      for (const id of this.#keeper.leftBehind((one) => this.#busy.has(one))) this.#start('upgrade', id);
      const { record } = this.#keeper;
      if (record === null || isUpgradeOver(record.upgrade) || !this.#isRunning) return;
      const now = clock.now();
      const decision = decideUpgrade(
        record.upgrade,
        record.devices,
        { now, blocked: blocked(), timezone },
        new Set(this.#busy.keys()),
      );
      this.#decision = decision;
      if (decision.acts.length === 0) {
        const { nextLookAt } = decision;
        // A clock that is set must not make an upgrade sleep on.
        this.#wakeAfter(Math.min(nextLookAt === null ? LONGEST_WAIT_MS : nextLookAt - now, LONGEST_WAIT_MS));
        return;
      }
      for (const act of decision.acts) await this.#act(record.upgrade, act);
    }
  }

  /** Puts on record what begins, then begins it. */
  async #act(upgrade: Upgrade, act: UpgradeAct): Promise<void> {
    const { clock, logger } = this.#modules;
    if (act.act === 'upgrade') {
      await this.#keeper.saveDevice(act.id, { state: 'applying', reason: null });
      this.#start('upgrade', act.id);
      return;
    }
    if (act.act === 'check') {
      this.#start('check', act.id);
      return;
    }
    logger.info({ upgrade: upgrade.id, ...act }, 'An upgrade goes on');
    if (act.act === 'begin-ring') return this.#keeper.saveUpgrade(upgrade.state, { ring: act.ring });
    const isOver = act.to === 'done' || act.to === 'aborted';
    return this.#keeper.saveUpgrade(upgrade.state, {
      state: act.to,
      reason: act.reason,
      endedAt: isOver ? clock.now() : null,
    });
  }

  #start(act: 'upgrade' | 'check', id: number): void {
    const { clock, logger } = this.#modules;
    const { signal } = this.#stopping;
    const running = this.#step(act, id)
      .catch(async (error: unknown) => {
        if (signal.aborted) return;
        logger.error(
          { device: id, error: messageOf(error) },
          'A step of an upgrade failed; it is taken anew',
        );
        await sleep(AGAIN_MS, clock, { signal }).catch(() => undefined);
      })
      .finally(() => {
        this.#busy.delete(id);
        this.look();
      });
    this.#busy.set(id, running);
  }

  async #step(act: 'upgrade' | 'check', id: number): Promise<void> {
    const { record } = this.#keeper;
    const device = this.#keeper.byId(id);
    if (record === null || device === null) return;
    const step = await STEPS[act](record.upgrade, device, this.#how(id));
    await this.#keeper.saveDevice(id, step);
    if (act === 'upgrade') this.#tell({ ...device, ...step });
  }

  #how(id: number): UpgradeStepHow {
    return {
      modules: this.#modules,
      pace: this.#pace,
      times: this.#times,
      listeningSince: this.#startedAt,
      isCalledOff: () => {
        const upgrade = this.#keeper.record?.upgrade;
        return upgrade === undefined || upgrade.isPaused || !FORWARD.has(upgrade.state);
      },
      keep: (step) => this.#keeper.saveDevice(id, step),
      signal: this.#stopping.signal,
    };
  }

  #tell({ name, state, reason, from, to }: UpgradeDevice & UpgradeStep): void {
    const { logger, onDevice } = this.#modules;
    if (state !== 'pending')
      logger.info({ device: name, state, reason, from, to }, 'A device was taken through an upgrade');
    onDevice(name);
  }

  #wakeAfter(delayMs: number): void {
    this.#cancelTimer();
    if (this.#isRunning) this.#cancelTimer = this.#modules.clock.after(delayMs, () => this.look());
  }
}

const STEPS = { upgrade: upgradeStep, check: upgradeCheck } as const;

const FORWARD: ReadonlySet<Upgrade['state']> = new Set(['running', 'catching-up']);
