import type { Clock } from '../lib/clock.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { KeyedMutex } from '../lib/keyed-mutex.ts';
import { KeyedQueue, type RunResult } from '../lib/keyed-queue.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { type PathText, pathKey } from '../xapi/path.ts';
import { applyDevice, type DeviceApplied, type Guards } from './apply.ts';
import type { ApprovedDevice } from './approved-device.ts';
import type { Change } from './change.ts';
import {
  bothConditions,
  conditionOfApplied,
  conditionOfPlan,
  type DeviceCondition,
  following,
  isReached,
  isUnfinished,
  UNCHECKED,
} from './condition.ts';
import type { Fights } from './fights.ts';
import type { DesiredDevice } from './fleet.ts';
import type { LiveConfigurations } from './live-configuration.ts';
import type { DevicePlan, Target } from './plan.ts';
import { planKnown, planLive } from './plan-live.ts';
import type { AnyResource } from './resource.ts';
import type { Revision, RevisionStore } from './revision.ts';
import { DRIFT, type WriteStore } from './write-store.ts';

export interface ReconcilerOptions {
  readonly concurrency: number;
  /** A device is compared this often, whatever was heard of it. */
  readonly driftMs: number;
  /** A device that waits for its room is asked this often. */
  readonly waitingMs: number;
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
}

export interface ReconcilerModules {
  readonly mode: () => 'observe' | 'enforce';
  readonly target: (name: string) => Target | null;
  /** As for a machine that nobody told to force anything. */
  readonly guards: (target: Target) => Guards;
  /** Kept as approved in `enforce`, and compared in either mode. */
  readonly configuration: AnyResource;
  /** Kept as approved, where that is on record in full: panels, device macros, branding, certificates. */
  readonly content: readonly AnyResource[];
  /** Kept in `enforce` only: feedback slots. */
  readonly alsoInEnforce: (target: Target) => readonly AnyResource[];
  readonly revisions: RevisionStore;
  /** What is restored on a device that a rollout has in hand, instead of the latest revision; null: nothing is, it is compared only, as a retired one. */
  readonly inForceOn?: (target: Target, latest: Revision | null) => Revision | null;
  /** Why settings of a device are left alone for now, in a sentence each, by the keys of their paths: macros changed them for a time. */
  readonly lent?: (deviceId: number) => Promise<ReadonlyMap<string, string>>;
  readonly writes: WriteStore;
  readonly fights: Fights;
  /** What the sessions keep current; null where every look reads. */
  readonly live: LiveConfigurations | null;
  /** One at a time per device, shared with applies that a person asked for. */
  readonly mutex: KeyedMutex;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Keeps looking at every device. In `observe` it compares and writes nothing,
 * except to finish what a person applied; in `enforce` it restores the last
 * approved revision and keeps the slots.
 */
export class Reconciler implements Part {
  readonly name = 'reconciler';
  readonly #options: ReconcilerOptions;
  readonly #modules: ReconcilerModules;
  readonly #queue: KeyedQueue;
  readonly #conditions = new Map<string, DeviceCondition>();
  #changes = 0;

  constructor(options: ReconcilerOptions, modules: ReconcilerModules) {
    this.#options = options;
    this.#modules = modules;
    this.#queue = new KeyedQueue(
      { name: 'reconciler', concurrency: options.concurrency, backoff: options.backoff },
      {
        run: (name, signal) => modules.mutex.run(name, () => this.#reconcile(name, signal)),
        onFailure: (name, error, willRetry) =>
          modules.logger.error(
            {
              device: name,
              error: messageOf(error),
              code: error instanceof RoomdError ? error.code : 'unexpected',
              willRetry,
            },
            'Looking at a device failed',
          ),
        clock: modules.clock,
        random: modules.random,
      },
    );
  }

  start(): Promise<void> {
    return this.#queue.start();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Asks for a look at the device soon: it came up, its configuration changed, the file changed. */
  look(name: string): void {
    this.#queue.add(name);
  }

  forget(name: string): void {
    this.#queue.remove(name);
    this.#conditions.delete(name);
    this.#changes += 1;
  }

  /** Counts whatever may have changed a condition. */
  get changes(): number {
    return this.#changes;
  }

  condition(name: string): DeviceCondition {
    return this.#conditions.get(name) ?? UNCHECKED;
  }

  /**
   * Takes the outcome of an apply that a person asked for; what waits is put on
   * record and finished here, also after a restart. A protected device is
   * left: only persons write to it.
   */
  async applied(applied: DeviceApplied, actor: string): Promise<void> {
    const target = this.#modules.target(applied.name);
    if (target === null) return;
    const { revisions, fights, clock } = this.#modules;
    if (isReached(applied)) await fights.settle(target.device.address, applied.results, { by: actor });
    this.#keep(applied.name, conditionOfApplied(applied, clock.now()));
    const isPutOff = isUnfinished(applied) && !target.desired.protected;
    if (isPutOff) await revisions.putOff(target.device.address.id, actor);
    else await revisions.finished(target.device.address.id);
    this.#queue.add(applied.name, this.#options.waitingMs);
  }

  #keep(name: string, condition: DeviceCondition): void {
    this.#conditions.set(name, following(this.condition(name), condition));
    this.#changes += 1;
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<RunResult> {
    const { target: find, mode, revisions, fights, clock } = this.#modules;
    const target = find(name);
    if (target === null) return { requeueAfterMs: null };
    const { id } = target.device.address;
    const enforced = mode() === 'enforce';
    const actor = await revisions.waitingActor(id);
    const { inForceOn = (_target: Target, latest: Revision | null) => latest } = this.#modules;
    const revision = enforced || actor !== null ? inForceOn(target, await revisions.latest()) : null;
    // Whatever is finished for somebody may be the way back from a rollout.
    const approved = await revisions.approvedState(target, revision, { givesBack: actor !== null });
    let condition: DeviceCondition;
    let waits = false;
    if (revision === null || approved === null) {
      condition = conditionOfPlan(await this.#compare(target, signal), clock.now());
      await fights.abandon(target.device.address, 'roomd corrects nothing on this device now');
    } else {
      const restored = await this.#restore(target, { approved, revision, actor }, signal);
      condition = conditionOfApplied(restored, clock.now());
      waits = isUnfinished(restored);
    }
    if (actor !== null && !waits) await revisions.finished(id);
    if (enforced && isReached(condition)) {
      // Slots carry facts, not settings: they are kept even before anything is approved.
      const slots = await this.#write(
        target,
        { resources: this.#modules.alsoInEnforce(target), revisionId: null, actor: 'slot' },
        signal,
      );
      condition = bothConditions(condition, conditionOfApplied(slots, clock.now()));
    }
    this.#keep(name, condition);
    const isSoon = condition.waiting !== null || (actor !== null && waits);
    return { requeueAfterMs: isSoon ? this.#options.waitingMs : this.#options.driftMs };
  }

  #compare({ device, desired }: Target, signal: AbortSignal): Promise<DevicePlan> {
    const { configuration, content, live, clock } = this.#modules;
    return planLive(
      { device, desired: withoutIgnored(desired) },
      { resources: [configuration, ...content], live, fresh: false, clock, signal },
    );
  }

  /** Restores what was approved: on behalf of the person who waits for it, or as repair of drift that knows when to stop. */
  async #restore(
    { device }: Target,
    { approved, revision, actor }: { approved: ApprovedDevice; revision: Revision; actor: string | null },
    signal: AbortSignal,
  ): Promise<DeviceApplied> {
    const { configuration, content, fights } = this.#modules;
    const target: Target = { device, desired: approved.desired };
    const how = {
      resources: approved.knowsContent ? [configuration, ...content] : [configuration],
      revisionId: revision.id,
      actor: actor ?? DRIFT,
    };
    const { address } = target.device;
    if (actor !== null) {
      const finished = await this.#write(target, how, signal);
      if (isReached(finished)) await fights.settle(address, finished.results, { by: actor });
      return finished;
    }
    const ruleOf = (path: PathText) => target.desired.configuration.get(path)?.drift ?? 'correct';
    const referee = await fights.referee(address.id);
    const lent = (await this.#modules.lent?.(address.id)) ?? NONE_LENT;
    const leavesAlone = (change: Change): string | null =>
      ruleOf(change.path) === 'report'
        ? `${change.path} differs from what was approved; the file says to report that and leave it`
        : (lent.get(pathKey(change.path)) ?? referee.leavesAlone(change));
    const repaired = { ...target, desired: withoutIgnored(target.desired) };
    const restored =
      (await this.#inSync(repaired, how.resources, signal)) ??
      (await this.#write(repaired, { ...how, leavesAlone }, signal));
    const kept = (path: PathText): boolean => ruleOf(path) === 'correct';
    if (isReached(restored)) await fights.settle(address, restored.results, { referee, kept });
    return restored;
  }

  /** The device where its session's reports say that there is nothing to restore; everything else takes a reading. */
  async #inSync(
    target: Target,
    resources: readonly AnyResource[],
    signal: AbortSignal,
  ): Promise<DeviceApplied | null> {
    const plan = await planKnown(target, { resources, live: this.#modules.live, signal });
    return plan?.state === 'in-sync' ? { ...plan, results: [] } : null;
  }

  #write(
    { desired, device }: Target,
    how: {
      resources: readonly AnyResource[];
      revisionId: string | null;
      actor: string;
      leavesAlone?: (change: Change) => string | null;
    },
    signal: AbortSignal,
  ): Promise<DeviceApplied> {
    const { guards, writes, live, clock } = this.#modules;
    const { resources, revisionId, actor, leavesAlone = () => null } = how;
    const ledger = writes.ledger({ deviceId: device.address.id, revisionId, actor });
    const target = { desired, device: live?.observed(desired, device, { forPlan: false }) ?? device };
    return applyDevice(
      target,
      { resources, guards: { ...guards(target), leavesAlone }, ledger, clock },
      { signal },
    );
  }
}

const NONE_LENT: ReadonlyMap<string, string> = new Map();

/** Without the settings whose drift the file tells to ignore. */
function withoutIgnored(desired: DesiredDevice): DesiredDevice {
  const kept = [...desired.configuration].filter(([, { drift }]) => drift !== 'ignore');
  return kept.length === desired.configuration.size ? desired : { ...desired, configuration: new Map(kept) };
}
