import type { Clock } from '../lib/clock.ts';
import { messageOf, RoomdError } from '../lib/errors.ts';
import type { KeyedMutex } from '../lib/keyed-mutex.ts';
import { KeyedQueue, type RunResult } from '../lib/keyed-queue.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { pathKey } from '../xapi/path.ts';
import { applyDevice, type DeviceApplied, type Guards } from './apply.ts';
import { conditionOfApplied, conditionOfPlan, type DeviceCondition, UNCHECKED } from './condition.ts';
import type { DesiredDevice } from './fleet.ts';
import { planDevice, type Target } from './plan.ts';
import type { AnyResource } from './resource.ts';
import type { Revision, RevisionStore } from './revision.ts';
import type { WriteStore } from './write-store.ts';

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
  readonly guards: (target: Target, force: boolean) => Guards;
  /** Kept as approved in `enforce`, and compared in either mode. */
  readonly configuration: AnyResource;
  /** Kept in `enforce` only: feedback slots. */
  readonly alsoInEnforce: () => readonly AnyResource[];
  readonly revisions: RevisionStore;
  readonly writes: WriteStore;
  /** One at a time per device, shared with applies that a person asked for. */
  readonly mutex: KeyedMutex;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** An apply that a person asked for and a room in use put off. */
export interface Unfinished {
  readonly actor: string;
  readonly force: boolean;
}

/** A path that was put back this often within the hour is left alone: somebody else wants it otherwise. */
const MOST_CORRECTIONS = 3;
const CORRECTION_WINDOW_MS = 60 * 60_000;

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
  readonly #unfinished = new Map<string, Unfinished>();

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
    this.#unfinished.delete(name);
  }

  condition(name: string): DeviceCondition {
    return this.#conditions.get(name) ?? UNCHECKED;
  }

  /** Takes the outcome of an apply made elsewhere; what waits is finished here. */
  applied(applied: DeviceApplied, unfinished: Unfinished): void {
    const condition = conditionOfApplied(applied, this.#modules.clock.now());
    this.#conditions.set(applied.name, condition);
    if (condition.waiting === null && condition.state !== 'unreachable')
      this.#unfinished.delete(applied.name);
    else this.#unfinished.set(applied.name, unfinished);
    this.#queue.add(applied.name, this.#options.waitingMs);
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<RunResult> {
    const target = this.#modules.target(name);
    if (target === null) return { requeueAfterMs: null };
    const revision = await this.#modules.revisions.latest();
    const unfinished = this.#unfinished.get(name) ?? null;
    const enforced = this.#modules.mode() === 'enforce';
    const condition =
      revision?.desired[name] !== undefined && (enforced || unfinished !== null)
        ? await this.#restore({ target, revision, unfinished, enforced }, signal)
        : await this.#compare(target, enforced, signal);
    this.#conditions.set(name, condition);
    if (condition.waiting === null && condition.state === 'in-sync') this.#unfinished.delete(name);
    return { requeueAfterMs: condition.waiting === null ? this.#options.driftMs : this.#options.waitingMs };
  }

  async #compare(target: Target, enforced: boolean, signal: AbortSignal): Promise<DeviceCondition> {
    const { configuration, alsoInEnforce } = this.#modules;
    if (enforced) {
      // Slots carry facts, not settings: they are kept even before anything is approved.
      await this.#write(
        target,
        { resources: alsoInEnforce(), revisionId: null, actor: 'slot', force: false },
        signal,
      );
    }
    const plan = await planDevice(target, { resources: [configuration], signal });
    return conditionOfPlan(plan, this.#modules.clock.now());
  }

  async #restore(
    work: { target: Target; revision: Revision; unfinished: Unfinished | null; enforced: boolean },
    signal: AbortSignal,
  ): Promise<DeviceCondition> {
    const { target, revision, unfinished, enforced } = work;
    const { revisions, clock, configuration, alsoInEnforce } = this.#modules;
    const approved = revisions.approvedState(target.desired, revision);
    const fought =
      unfinished === null ? await this.#fought(target.device.address.id) : new Map<string, number>();
    const applied = await this.#write(
      { device: target.device, desired: without(approved, fought) },
      {
        resources: enforced ? [configuration, ...alsoInEnforce()] : [configuration],
        revisionId: revision.id,
        actor: unfinished?.actor ?? 'drift',
        force: unfinished?.force ?? false,
      },
      signal,
    );
    const condition = conditionOfApplied(applied, clock.now());
    return fought.size === 0 ? condition : this.#withFights(condition, approved, fought);
  }

  async #fought(deviceId: number): Promise<ReadonlyMap<string, number>> {
    const since = this.#modules.clock.now() - CORRECTION_WINDOW_MS;
    const corrections = await this.#modules.writes.corrections(deviceId, since);
    return new Map([...corrections].filter(([, times]) => times >= MOST_CORRECTIONS));
  }

  #withFights(
    condition: DeviceCondition,
    approved: DesiredDevice,
    fought: ReadonlyMap<string, number>,
  ): DeviceCondition {
    const left = [...approved.configuration.keys()].filter((path) => fought.has(pathKey(path)));
    const problems = left.map((path) => ({
      path,
      message: `put back ${fought.get(pathKey(path)) ?? 0} times within the hour and changed again: left alone, something else wants it otherwise`,
    }));
    if (problems.length === 0) return condition;
    return {
      ...condition,
      state: condition.state === 'in-sync' ? 'drift' : condition.state,
      problems: [...condition.problems, ...problems],
    };
  }

  #write(
    target: Target,
    how: { resources: readonly AnyResource[]; revisionId: string | null; actor: string; force: boolean },
    signal: AbortSignal,
  ): Promise<DeviceApplied> {
    const { guards, writes, clock } = this.#modules;
    return applyDevice(
      target,
      {
        resources: how.resources,
        guards: guards(target, how.force),
        ledger: writes.ledger({
          deviceId: target.device.address.id,
          revisionId: how.revisionId,
          actor: how.actor,
        }),
        clock,
      },
      { signal },
    );
  }
}

function without(device: DesiredDevice, keys: ReadonlyMap<string, number>): DesiredDevice {
  if (keys.size === 0) return device;
  const configuration = new Map([...device.configuration].filter(([path]) => !keys.has(pathKey(path))));
  return { ...device, configuration };
}
