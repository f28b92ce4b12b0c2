import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { DeviceIdentity } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';
import type { Change, ChangeResult } from './change.ts';
import { inDocuments } from './documents.ts';
import { assemble, type DevicePlan, failedPlan, kindMismatch, type Target } from './plan.ts';
import { prove, READ_BACK_WAITS_MS, result, type Word } from './proof.ts';
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
  /** Why this one change is not to be made, whatever else is. */
  leavesAlone?(change: Change): string | null;
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
  /** How long to wait between attempts to read back from a device that fell silent. */
  readonly readBackWaitsMs?: readonly number[];
}

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
      const work = { resource, target, identity };
      const diff = await inspect(work, signal);
      diffs.push(diff);
      for (const changes of inDocuments(diff.changes))
        results.push(...(await applyDocument({ ...work, changes }, modules, signal)));
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

interface Work {
  readonly resource: AnyResource;
  readonly target: Target;
  readonly identity: DeviceIdentity;
}

interface Document extends Work {
  readonly changes: readonly Change[];
}

async function inspect(
  { resource, target: { device, desired }, identity }: Work,
  signal: AbortSignal | undefined,
): Promise<ResourceDiff> {
  return resource.diff(desired, await resource.observe(device, desired, identity, { signal }));
}

async function applyDocument(
  document: Document,
  modules: ApplyModules,
  signal: AbortSignal | undefined,
): Promise<ChangeResult[]> {
  const { guards } = modules;
  const mismatch = kindMismatch(document.target.desired, document.identity);
  if (mismatch !== null) return all(document.changes, 'refused', `not sent: ${mismatch}`);
  const forbidden = guards.forbids();
  if (forbidden !== null) return all(document.changes, 'held', forbidden);
  const results: ChangeResult[] = [];
  const wanted: Change[] = [];
  for (const change of document.changes) {
    const reason = guards.leavesAlone?.(change) ?? null;
    if (reason === null) wanted.push(change);
    else results.push(result(change, 'held', reason));
  }
  const noticeable = wanted.filter((change) => change.noticeable);
  const inUse = noticeable.length === 0 ? null : await guards.inUse(signal);
  const now = inUse === null ? wanted : wanted.filter((change) => !change.noticeable);
  if (now.length > 0) results.push(...(await writeAndProve({ ...document, changes: now }, modules, signal)));
  if (inUse !== null) results.push(...all(noticeable, 'waiting', inUse));
  return results;
}

async function writeAndProve(
  document: Document,
  modules: ApplyModules,
  signal: AbortSignal | undefined,
): Promise<ChangeResult[]> {
  const { changes } = document;
  const { ledger, guards, clock, readBackWaitsMs: waitsMs = READ_BACK_WAITS_MS } = modules;
  const ids = await ledger.intend(changes);
  let results = all(changes, 'failed', 'the write was cut off and has not been read back');
  try {
    // The last word before the device hears of it: time has passed since the first question.
    const forbidden = guards.forbids();
    if (forbidden !== null) {
      results = all(changes, 'held', forbidden);
    } else {
      const word = await send(document, signal);
      results = await prove(changes, word, () => inspect(document, signal), { clock, waitsMs, signal });
    }
  } finally {
    await ledger.settle(ids, results);
  }
  return results;
}

async function send({ resource, target, changes }: Document, signal: AbortSignal | undefined): Promise<Word> {
  try {
    return await resource.apply(target.device, changes, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  }
}

function all(changes: readonly Change[], outcome: ChangeResult['outcome'], detail: string): ChangeResult[] {
  return changes.map((change) => result(change, outcome, detail));
}
