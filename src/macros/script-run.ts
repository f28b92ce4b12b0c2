import type { DesiredDevice } from '../fleet/fleet.ts';
import { sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { BoundMacro } from './bind.ts';
import { ConditionError, type ConditionFacts, type Needs, type OutputValues } from './condition.ts';
import { devicesLike } from './devices.ts';
import { deviceOf, type Place, type Room } from './place.ts';
import type { StepPorts } from './ports.ts';
import { reachOf } from './reach.ts';
import { roomTurn } from './room-turn.ts';
import { isFailure, StepFailure } from './run-end.ts';
import { type Circumstances, factsFor, valuesFor } from './run-facts.ts';
import type { Block, ScriptNode, StepNode } from './script.ts';
import { type FreeContext, type Step, StepError, type StepResult, type StepTiming } from './step.ts';
import type { StepLog } from './step-log.ts';
import { stepOf } from './steps/registry.ts';
import type { TriggerFacts } from './trigger.ts';
import type { Turn } from './turn.ts';
import { Turns } from './turns.ts';
import { pollMsOf, waitFor } from './wait-for.ts';

export interface ScriptParts {
  readonly ports: StepPorts;
  readonly clock: Clock;
  readonly timing: StepTiming;
  /** On devices, one macro at a time on each. */
  readonly turns: Turns;
  readonly log: StepLog;
}

export interface ScriptOptions {
  readonly runId: string;
  readonly bound: BoundMacro;
  readonly trigger: TriggerFacts;
  /** The wall clock of the macro for a device, or for the fleet. */
  readonly wallOf: (desired: DesiredDevice | null) => number;
  /** @throws StepError `held` where nothing may be done by now */
  readonly assertMayAct: (desired: DesiredDevice | null) => void;
}

/** Does the steps of one run of a macro, each recorded before and after. */
export class ScriptRun {
  readonly #options: ScriptOptions;
  readonly #parts: ScriptParts;

  constructor(options: ScriptOptions, parts: ScriptParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * @param path where the list stands in the macro: `steps`
   * @param from the first to be done, from 0
   * @throws StepFailure for the first step that fails and that nothing in the file catches; the signal's reason
   */
  async block(block: Block, path: string, place: Place, from = 0): Promise<void> {
    for (const [at, node] of block.entries()) if (at >= from) await this.#node(node, `${path}[${at}]`, place);
  }

  /** @throws ConditionError where it needs what is not known */
  async holds(text: string, place: Place): Promise<boolean> {
    const condition = this.#options.bound.condition(text);
    return condition.evaluate(await this.facts(condition.needs, place));
  }

  /** What is known now. */
  facts(needs: Needs, place: Place): Promise<ConditionFacts> {
    const { ports } = this.#parts;
    return factsFor(needs, this.#circumstances(place), { ports, signal: place.signal });
  }

  async #node(node: ScriptNode, path: string, place: Place): Promise<void> {
    place.signal.throwIfAborted();
    if (node.kind === 'if') {
      const isTrue = await this.#decide(node.condition, { path, step: 'if' }, place);
      return await this.block(isTrue ? node.then : node.else, `${path}.${isTrue ? 'then' : 'else'}`, place);
    }
    try {
      await this.#attempt(node, path, place);
    } catch (error) {
      if (node.onError === null || !isFailure(error, place.signal)) throw error;
      await this.block(node.onError, `${path}.onError`, place);
    }
  }

  async #attempt(node: Exclude<ScriptNode, { kind: 'if' }>, path: string, place: Place): Promise<void> {
    const output = await this.#output(node, path, place);
    if (node.as !== null && output !== undefined) place.outputs.set(node.as, output);
  }

  #output(
    node: Exclude<ScriptNode, { kind: 'if' }>,
    path: string,
    place: Place,
  ): Promise<OutputValues | undefined> {
    switch (node.kind) {
      case 'step':
        return this.step(node, path, place);
      case 'waitFor':
        return this.#waitFor(node, path, place);
      case 'retry':
        return this.#retry(node, path, place);
      default:
        return this.#each(node, path, place);
    }
  }

  /**
   * Does one step under every rule that steps are under.
   * @returns what it told, undefined where it tells nothing
   * @throws StepFailure; StepError `held`; the signal's reason
   */
  async step(node: StepNode, path: string, place: Place): Promise<OutputValues | undefined> {
    const { name, args, only } = node;
    if (only !== null && !(await this.#decide(only, { path, step: name }, place))) return undefined;
    this.#options.assertMayAct(place.room?.desired ?? null);
    return await this.#logged({ path, step: name }, place, async () => {
      const step = stepOf(name);
      const context = await this.#contextOf(args, place);
      const result = await this.#runStep(step, args, context, place.room);
      place.room?.ownCalls.push(...(result.calls ?? []));
      return result;
    });
  }

  #runStep(step: Step<unknown>, args: unknown, context: FreeContext, room: Room | null): Promise<StepResult> {
    if (!step.needsDevice) return step.run(context, args);
    if (room === null) throw new StepError('refused', `${step.name} needs a device, and the run has none`);
    return step.run({ ...context, ...room }, args);
  }

  #waitFor(
    node: Extract<ScriptNode, { kind: 'waitFor' }>,
    path: string,
    place: Place,
  ): Promise<OutputValues | undefined> {
    const { clock, timing } = this.#parts;
    const pollMs = pollMsOf(this.#options.bound.condition(node.condition).needs, timing);
    return this.#logged({ path, step: 'waitFor' }, place, () =>
      waitFor(node, { pollMs, whyNot: (text) => this.#whyNot(text, place) }, clock, { signal: place.signal }),
    );
  }

  /** Null where the condition is true. What is not known yet may become known. */
  async #whyNot(text: string, place: Place): Promise<string | null> {
    try {
      return (await this.holds(text, place)) ? null : `${text} is not true`;
    } catch (error) {
      if (error instanceof ConditionError) return error.message;
      throw error;
    }
  }

  async #retry(
    { times, everyMs, steps }: Extract<ScriptNode, { kind: 'retry' }>,
    path: string,
    place: Place,
  ): Promise<OutputValues> {
    for (let attempts = 1; ; attempts += 1) {
      try {
        await this.block(steps, `${path}.retry.steps`, place);
        return { attempts };
      } catch (error) {
        if (attempts >= times || !isFailure(error, place.signal)) throw error;
        await sleep(everyMs, this.#parts.clock, { signal: place.signal });
      }
    }
  }

  async #each(
    { devices, parallel, steps }: Extract<ScriptNode, { kind: 'each' }>,
    path: string,
    place: Place,
  ): Promise<OutputValues | undefined> {
    const targets = [...devicesLike(devices, this.#options.bound.fleet)];
    const failures: string[] = [];
    const total = targets.length;
    const reach = reachOf(steps, this.#options.bound.fleet);
    const among = new Turns(total);
    const work = async (): Promise<void> => {
      for (let next = targets.shift(); next !== undefined; next = targets.shift()) {
        try {
          const turn = await roomTurn([next.name, ...reach], place, { among, others: this.#parts.turns });
          try {
            const room = this.#roomOf(next);
            await this.block(steps, `${path}.each.steps`, {
              room,
              outputs: new Map(place.outputs),
              turn,
              signal: place.signal,
            });
          } finally {
            turn.giveBack();
          }
        } catch (error) {
          // A no of one room, or a hold on it, is about that room alone; only the run's own end stops the others.
          if (place.signal.aborted) throw error;
          failures.push(`${next.name}: ${messageOf(error)}`);
        }
      }
    };
    return await this.#logged({ path, step: 'each' }, place, async () => {
      // All are waited for, so that nothing goes on after the run has ended.
      await Promise.allSettled(Array.from({ length: Math.min(parallel, total) }, work));
      place.signal.throwIfAborted();
      const output = { devices: total, succeeded: total - failures.length, failed: failures.length };
      if (failures.length > 0)
        throw new StepError(
          'failed',
          `${failures.length} of ${total} devices: ${failures.slice(0, 5).join('; ')}`,
        );
      return { result: `done on ${total} devices`, output };
    });
  }

  /** Works on a device in its turn, which the run may have already. @throws StepError; the signal's reason; whatever `work` throws */
  async onDevice<T>(
    desired: DesiredDevice,
    place: Place,
    work: (room: Room, turn: Turn) => Promise<T>,
  ): Promise<T> {
    const room = this.#roomOf(desired);
    if (place.turn.keys.has(desired.name)) return await work(room, place.turn);
    const { signal, turn: within } = place;
    const turn = await this.#parts.turns.take([desired.name], { signal, within });
    try {
      return await work(room, turn);
    } finally {
      turn.giveBack();
    }
  }

  #roomOf(desired: DesiredDevice): Room {
    const device = this.#parts.ports.device(desired.name);
    if (device === null) throw new StepError('failed', 'roomd keeps no session to it');
    return { device, desired, ownCalls: [] };
  }

  /** The answer of a condition that decides the way; one that cannot be decided is a failure of the run, never a guess. */
  async #decide(text: string, at: { path: string; step: string }, place: Place): Promise<boolean> {
    const { log, clock } = this.#parts;
    try {
      const isTrue = await this.holds(text, place);
      if (at.step === 'if' || !isTrue)
        await log.passed({ ...at, device: deviceOf(place), at: clock.now(), result: `${text} is ${isTrue}` });
      return isTrue;
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      await log.passed({ ...at, device: deviceOf(place), at: clock.now(), result: error.message });
      throw new StepFailure(at.path, at.step, new StepError('refused', error.message, { cause: error }));
    }
  }

  async #logged(
    at: { path: string; step: string },
    place: Place,
    work: () => Promise<StepResult>,
  ): Promise<OutputValues | undefined> {
    const { log, clock } = this.#parts;
    const position = await log.began({ ...at, device: deviceOf(place), at: clock.now() });
    let done: StepResult;
    try {
      done = await work();
    } catch (error) {
      await log.ended({ position, at: clock.now(), state: 'failed', result: messageOf(error) });
      throw error instanceof StepFailure ? error : new StepFailure(at.path, at.step, error);
    }
    const { result, output } = done;
    await log.ended({
      position,
      at: clock.now(),
      state: 'succeeded',
      result,
      ...(output === undefined ? {} : { output }),
    });
    return output;
  }

  async #contextOf(args: unknown, place: Place): Promise<FreeContext> {
    const { runId, bound, assertMayAct } = this.#options;
    const { ports, clock, timing } = this.#parts;
    const { signal } = place;
    const shared = {
      runId,
      macro: bound.macro.name,
      fleet: bound.fleet,
      values: await valuesFor(args, this.#circumstances(place), { ports, signal }),
      signal,
      clock,
      timing,
      ports,
    };
    const contextFor = (room: Room | null, turn: Turn): FreeContext => ({
      ...shared,
      turn,
      deviceName: room?.desired.name ?? null,
      assertMayAct: () => assertMayAct(room?.desired ?? null),
      onDevice: (desired, work) =>
        this.onDevice(desired, place, (other, own) => work({ ...contextFor(other, own), ...other })),
    });
    return contextFor(place.room, place.turn);
  }

  #circumstances({ room, outputs }: Place): Circumstances {
    const { bound, trigger, wallOf } = this.#options;
    const desired = room?.desired ?? null;
    return { macro: bound.macro.name, desired, wall: wallOf(desired), trigger, outputs };
  }
}
