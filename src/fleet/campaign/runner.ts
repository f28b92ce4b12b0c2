import { setMaxListeners } from 'node:events';
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import { Looking } from '../looking.ts';
import { type Campaign, type CampaignDevice, type CampaignRecord, isOver } from './campaign.ts';
import type { CampaignDecision } from './decision.ts';
import { type CampaignChange, CampaignKeeper, type KeeperRules } from './keeper.ts';
import type { CampaignVerdict } from './verbs.ts';

/** An act on one device. */
interface DeviceAct<Device> {
  readonly act: string;
  readonly device: Device;
}

/** What a step on a device finds around it. */
export interface Surroundings<Of extends Campaign, Device extends CampaignDevice> {
  readonly keeper: CampaignKeeper<Of, Device>;
  /** Since when roomd listens to the devices, UTC milliseconds. */
  readonly listeningSince: number;
  readonly signal: AbortSignal;
}

/** What makes a kind of campaign: how it decides, what it does to a device, and what to the whole. */
export interface Course<
  Of extends Campaign,
  Device extends CampaignDevice,
  OnDevice extends DeviceAct<Device>,
  OnWhole extends { readonly act: string },
> extends KeeperRules<Of, Device> {
  /** The next step. A device in `busy` has a step under way; null orders nothing for what is over. */
  decide(
    record: CampaignRecord<Of, Device>,
    seen: { now: number; busy: ReadonlySet<number> },
  ): CampaignDecision<OnDevice | OnWhole>;
  /** Whether the device waits to be back, so that it gets its turn once it answers. */
  waitsForReturn(device: Device): boolean;
  /** What is on record of a device before its step begins; null: nothing new. */
  begun(act: OnDevice): Partial<Device> | null;
  /** Takes the step and keeps what it learned; `device` is as it was before. Rejects where it broke off. */
  step(act: OnDevice, around: Surroundings<Of, Device>): Promise<void>;
  /** What an act makes of the whole; what it needs for that (a revision, say) is made first. */
  whole(record: CampaignRecord<Of, Device>, act: OnWhole): Promise<CampaignChange<Of, Device>>;
}

export interface RunnerModules {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** After a step that failed, as on a full disk. */
const AGAIN_MS = 1_000;

/**
 * Carries out the campaign that is on record: decides, keeps the decision,
 * acts. Whatever was under way when roomd ended is decided anew at the start.
 */
export class CampaignRunner<
  Of extends Campaign,
  Device extends CampaignDevice,
  OnDevice extends DeviceAct<Device>,
  OnWhole extends { readonly act: string },
> implements Part
{
  readonly name: string;
  readonly keeper: CampaignKeeper<Of, Device>;
  readonly #course: Course<Of, Device, OnDevice, OnWhole>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #busy = new Map<number, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #looking: Looking;
  #startedAt = 0;
  #decision: CampaignDecision<OnDevice | OnWhole> | null = null;

  constructor(course: Course<Of, Device, OnDevice, OnWhole>, { clock, logger }: RunnerModules) {
    this.name = `${course.kind}s`;
    this.keeper = new CampaignKeeper(course);
    this.#course = course;
    this.#clock = clock;
    this.#logger = logger.child({ campaign: course.kind });
    this.#looking = new Looking(() => this.#lookOnce(), {
      clock,
      onError: (error) => {
        if (this.#stopping.signal.aborted) return;
        this.#logger.error({ error: messageOf(error) }, 'A campaign could not be taken further');
      },
    });
    // Each device under way listens to it: eleven are no leak.
    setMaxListeners(0, this.#stopping.signal);
  }

  async start(): Promise<void> {
    await this.keeper.load();
    this.#startedAt = this.#clock.now();
    this.#looking.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    await this.#looking.stop();
    await Promise.allSettled(this.#busy.values());
  }

  /** The last that was started, with what it and its devices wait for. */
  current(): {
    record: CampaignRecord<Of, Device>;
    decision: CampaignDecision<OnDevice | OnWhole> | null;
  } | null {
    const { record } = this.keeper;
    return record === null ? null : { record, decision: isOver(record.campaign) ? null : this.#decision };
  }

  /** Takes up a new one, in the place of one that only waits for stragglers; a text says what stands in the way. */
  async begin(record: CampaignRecord<Of, Device>): Promise<string | null> {
    const obstacle = await this.keeper.begin(record, this.#clock.now());
    this.look();
    return obstacle;
  }

  /** Changes it as a person asks, and goes on from there. */
  async change(change: (campaign: Of) => CampaignVerdict<Of>): Promise<string | null> {
    const refusal = await this.keeper.change(change);
    this.look();
    return refusal;
  }

  /** A device answers again: one that waited for that gets its turn now. */
  returned(name: string): void {
    const device = this.keeper.byName(name);
    if (device === null || !this.#course.waitsForReturn(device)) return;
    this.keeper.hurry(device);
    this.look();
  }

  /** Decides anew soon. */
  look(): void {
    this.#looking.soon();
  }

  /** Takes every step that is due; how long to wait then. */
  async #lookOnce(): Promise<number | null> {
    for (;;) {
      this.keeper.resume((id) => this.#busy.has(id));
      const { record } = this.keeper;
      if (record === null || !this.#looking.isOn) return null;
      const now = this.#clock.now();
      const decision = this.#course.decide(record, { now, busy: new Set(this.#busy.keys()) });
      this.#decision = decision;
      if (decision.acts.length === 0) {
        const { nextLookAt } = decision;
        return nextLookAt === null ? null : nextLookAt - now;
      }
      await this.#act(record.campaign, decision.acts);
    }
  }

  /** Puts on record what begins, then begins it. */
  async #act(campaign: Of, acts: readonly (OnDevice | OnWhole)[]): Promise<void> {
    const steps = acts.filter((act): act is OnDevice => 'device' in act);
    await this.keeper.saveDevices(
      steps.flatMap((act) => {
        const step = this.#course.begun(act);
        return step === null ? [] : [{ id: act.device.id, step }];
      }),
    );
    for (const act of steps) this.#begin(act);
    for (const act of acts.filter((one): one is OnWhole => !('device' in one))) {
      this.#logger.info({ id: campaign.id, ...act }, 'A campaign goes on');
      const { devices = [] } = this.keeper.record ?? {};
      await this.keeper.saveDecided(campaign.state, await this.#course.whole({ campaign, devices }, act));
    }
  }

  #begin(act: OnDevice): void {
    const { id, name } = act.device;
    const { signal } = this.#stopping;
    const running = this.#course
      .step(act, { keeper: this.keeper, listeningSince: this.#startedAt, signal })
      .catch(async (error: unknown) => {
        if (signal.aborted) return;
        this.#logger.error(
          { device: name, error: messageOf(error) },
          'A step of a campaign failed; it is taken anew',
        );
        await sleep(AGAIN_MS, this.#clock, { signal }).catch(() => undefined);
      })
      .finally(() => {
        this.#busy.delete(id);
        this.look();
      });
    this.#busy.set(id, running);
  }
}
