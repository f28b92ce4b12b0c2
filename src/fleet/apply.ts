import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { DeviceIdentity, SettingAnswer } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import { pathKey } from '../xapi/path.ts';
import type { Change, ChangeResult } from './change.ts';
import { assemble, type DevicePlan, failedPlan, type Target } from './plan.ts';
import type { AnyResource, ResourceDiff } from './resource.ts';

/** A device after an apply: its plan as it was found, with what became of each change. */
export interface DeviceApplied extends DevicePlan {
  readonly results: readonly ChangeResult[];
}

/** Why something may not be written now; null where it may. Asked anew right before each document. */
export interface Guards {
  /** A hold, or `protected`. */
  forbids(): string | null;
  /** The room is in use, or nobody knows; null means free. Asked only for changes that people could notice. */
  inUse(signal: AbortSignal | undefined): Promise<string | null>;
}

/** Keeps what is about to be written and what came of it; see `write-store.ts`. */
export interface WriteLedger {
  /** Commits the intent and answers one id for each change. */
  intend(changes: readonly Change[]): Promise<string[]>;
  settle(ids: readonly string[], results: readonly ChangeResult[]): Promise<void>;
}

export interface ApplyModules {
  readonly resources: readonly AnyResource[];
  readonly guards: Guards;
  readonly ledger: WriteLedger;
  readonly clock: Clock;
}

/** How long a device that fell silent in the middle of a write is given to come back for the read-back. */
const READ_BACK_WAITS_MS = [250, 1_000, 3_000];

/**
 * Brings one device to what the file says and proves it: observe, diff,
 * guards, intent, write, read back. The diff is always made from what the
 * device says now, never from an earlier plan. Whatever the device does wrong
 * is data; rejects only when the signal aborts or the database fails.
 */
export async function applyDevice(
  target: Target,
  modules: ApplyModules,
  { signal }: AbortOptions,
): Promise<DeviceApplied> {
  const results: ChangeResult[] = [];
  const diffs: ResourceDiff[] = [];
  let identity: DeviceIdentity | null = null;
  try {
    identity = await target.device.identify({ signal });
    for (const resource of modules.resources) {
      const diff = await inspect(resource, target, identity, signal);
      diffs.push(diff);
      results.push(
        ...(await applyChanges({ resource, target, identity, changes: diff.changes }, modules, signal)),
      );
    }
    return { ...assemble(target.desired, identity, diffs), results };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof XapiError)) throw error;
    return {
      ...failedPlan(target.desired.name, identity, error),
      changes: results.map(({ change }) => change),
      results,
    };
  }
}

async function inspect(
  resource: AnyResource,
  { device, desired }: Target,
  identity: DeviceIdentity,
  signal: AbortSignal | undefined,
): Promise<ResourceDiff> {
  return resource.diff(desired, await resource.observe(device, desired, identity, { signal }));
}

interface Work {
  readonly resource: AnyResource;
  readonly target: Target;
  readonly identity: DeviceIdentity;
  readonly changes: readonly Change[];
}

async function applyChanges(
  work: Work,
  modules: ApplyModules,
  signal: AbortSignal | undefined,
): Promise<ChangeResult[]> {
  const { guards } = modules;
  const forbidden = guards.forbids();
  if (forbidden !== null)
    return work.changes.map((change) => ({ change, outcome: 'held', detail: forbidden }));
  const noticeable = work.changes.filter((change) => change.noticeable);
  const inUse = noticeable.length === 0 ? null : await guards.inUse(signal);
  const now = inUse === null ? work.changes : work.changes.filter((change) => !change.noticeable);
  const written = now.length === 0 ? [] : await writeAndProve({ ...work, changes: now }, modules, signal);
  if (inUse === null) return written;
  return [
    ...written,
    ...noticeable.map((change): ChangeResult => ({ change, outcome: 'waiting', detail: inUse })),
  ];
}

async function writeAndProve(
  work: Work,
  modules: ApplyModules,
  signal: AbortSignal | undefined,
): Promise<ChangeResult[]> {
  const { resource, target, changes } = work;
  const ids = await modules.ledger.intend(changes);
  let answers: SettingAnswer[] | Error;
  let results: ChangeResult[] = changes.map((change) =>
    failure(change, 'the write was cut off and has not been read back'),
  );
  try {
    try {
      answers = await resource.apply(target.device, changes, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      answers = error instanceof Error ? error : new Error(String(error));
    }
    results = await prove(work, answers, modules.clock, signal);
  } finally {
    await modules.ledger.settle(ids, results);
  }
  return results;
}

/** Reads back and judges each change by what the device holds now, not by what it answered. */
async function prove(
  work: Work,
  answers: SettingAnswer[] | Error,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<ChangeResult[]> {
  let after: ResourceDiff;
  try {
    after = await inspectPatiently(work, clock, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const why = answers instanceof Error ? answers : error;
    return work.changes.map((change) =>
      failure(change, `not proven: ${messageOf(why)}; it could not be read back`),
    );
  }
  const still = new Map(after.changes.map((change) => [pathKey(change.path), change]));
  const rejected = new Map(after.problems.map((problem) => [pathKey(problem.path), problem.message]));
  return work.changes.map((change, position) => {
    const answer = answers instanceof Error ? null : (answers[position] ?? null);
    return judge({
      change,
      answer,
      left: still.get(pathKey(change.path)) ?? null,
      problem: rejected.get(pathKey(change.path)) ?? null,
      answers,
    });
  });
}

/** Once at once, then with growing waits while the device is merely out of reach (a reboot in the middle of an apply). */
async function inspectPatiently(
  work: Work,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<ResourceDiff> {
  for (const waitMs of READ_BACK_WAITS_MS) {
    try {
      return await inspect(work.resource, work.target, work.identity, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof XapiError && error.retryable)) throw error;
      await sleep(waitMs, clock, { signal });
    }
  }
  return inspect(work.resource, work.target, work.identity, signal);
}

function judge(seen: {
  change: Change;
  answer: SettingAnswer | null;
  left: Change | null;
  problem: string | null;
  answers: SettingAnswer[] | Error;
}): ChangeResult {
  const { change, answer, left, problem, answers } = seen;
  if (answer?.outcome === 'refused') return { change, outcome: 'refused', detail: answer.reason };
  if (change.unreadable) {
    if (answer?.outcome === 'accepted') {
      return {
        change,
        outcome: 'accepted-unreadable',
        detail: 'the device accepted it and does not show it',
      };
    }
    return failure(
      change,
      `not proven: ${answers instanceof Error ? answers.message : 'the device did not answer for it'}`,
    );
  }
  if (problem !== null) return { change, outcome: 'differs', detail: problem };
  if (left === null) return { change, outcome: 'accepted', detail: null };
  if (answers instanceof Error) return failure(change, answers.message);
  return { change, outcome: 'differs', detail: `the device said Success and holds "${left.from ?? ''}"` };
}

function failure(change: Change, detail: string): ChangeResult {
  return { change, outcome: 'failed', detail };
}
