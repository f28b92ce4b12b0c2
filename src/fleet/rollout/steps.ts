import type { AbortOptions } from '../../lib/abort.ts';
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DeviceApplied } from '../apply.ts';
import type { Change } from '../change.ts';
import { isUnfinished } from '../condition.ts';
import type { Target } from '../plan.ts';
import type { AnyResource } from '../resource.ts';
import { CERTIFICATE_KIND } from '../resources/certificate.ts';
import type { Revision, RevisionStore } from '../revision.ts';
import { cutOffRefusal } from './cut-off.ts';
import { examine, type Health, readErrors } from './health.ts';
import { afterApply, afterCheck, afterRevert, isCutShort, joined, type Pace } from './outcome.ts';
import { actorOf, type DeviceStep, type Rollout, type RolloutDevice } from './rollout.ts';

export interface StepModules {
  readonly target: (name: string) => Target | null;
  readonly configuration: AnyResource;
  /** Panels, device macros, branding and certificates, written and checked where their approval is on record in full. */
  readonly content: readonly AnyResource[];
  readonly revisions: RevisionStore;
  /** Writes and proves, on record and under the guards of a machine that nobody told to force anything. */
  readonly apply: (
    target: Target,
    how: {
      resources: readonly AnyResource[];
      revisionId: string | null;
      actor: string;
      leavesAlone?: (change: Change) => string | null;
    },
    options: AbortOptions,
  ) => Promise<DeviceApplied>;
  /** What could not be finished on the way back is finished as an apply that waits. */
  readonly handOver: (applied: DeviceApplied, actor: string) => Promise<void>;
  /** Why the device's calls speak against what was written, in a sentence; null where they do not. */
  readonly callsAgainst: (
    written: { deviceId: number; writtenAt: number },
    options: AbortOptions,
  ) => Promise<string | null>;
  readonly clock: Clock;
}

export interface StepHow {
  readonly modules: StepModules;
  readonly pace: Pace;
  /** When roomd began to listen to the devices, UTC milliseconds. */
  readonly listeningSince: number;
  readonly signal: AbortSignal;
}

const GONE: DeviceStep = { state: 'left-out', reason: 'the file does not name it any more' };

/** Writes one device what its ring was approved for. */
export async function applyStep(rollout: Rollout, device: RolloutDevice, how: StepHow): Promise<DeviceStep> {
  const { modules, pace, signal } = how;
  const { revisions, clock } = modules;
  const { strategy } = rollout;
  const revision = await revisions.latest();
  const found = await approvedTarget(device, revision, modules);
  if (found === null) return GONE;
  const { target, resources } = found;
  const knownErrors = device.isTouched
    ? device.knownErrors
    : ((await readErrors(target.device, { signal })) ?? []);
  const applied = await modules.apply(
    target,
    {
      resources,
      revisionId: revision?.id ?? null,
      actor: actorOf(rollout),
      leavesAlone: ({ path }) => cutOffRefusal(path, strategy.allowCutOff),
    },
    { signal },
  );
  const step = { ...afterApply(applied, { device, strategy, pace, now: clock.now() }), knownErrors };
  const isWritten = step.state === 'soaking';
  if (!device.cutsOff || !(isWritten || isCutShort(applied))) return step;
  const lost = await lostAfter(found, { knownErrors, untilHealthy: isWritten }, how);
  return lost === null ? step : { ...step, state: 'failed', reason: `it did not come back: ${lost}` };
}

/** Looks at a device that was written. */
export async function checkStep(
  rollout: Rollout,
  device: RolloutDevice,
  { modules, pace, listeningSince, signal }: StepHow,
): Promise<DeviceStep> {
  const { revisions, clock } = modules;
  const found = await approvedTarget(device, await revisions.latest(), modules);
  if (found === null) return GONE;
  const { target, resources } = found;
  const seen = await examine(target, { resources, knownErrors: device.knownErrors }, { signal });
  const { strategy } = rollout;
  const writtenAt = device.writtenAt ?? clock.now();
  const calls =
    seen.state === 'healthy'
      ? await modules.callsAgainst({ deviceId: device.id, writtenAt }, { signal })
      : null;
  const health: Health = calls === null ? seen : { state: 'unhealthy', reason: calls };
  return afterCheck(health, { device, strategy, pace, listeningSince, now: clock.now() });
}

/** Puts back what was written to one device. */
export async function revertStep(
  rollout: Rollout,
  device: RolloutDevice,
  { modules, signal }: StepHow,
): Promise<DeviceStep> {
  if (modules.target(device.name) === null) return GONE;
  const revision = await modules.revisions.latest();
  const found = await approvedTarget(device, revision, modules, { givesBack: true });
  if (found === null) return { state: 'reverted', reason: device.reason };
  const actor = actorOf(rollout);
  const how = { resources: found.resources, revisionId: revision?.id ?? null, actor };
  let applied = await modules.apply(found.target, how, { signal });
  // A certificate that was in use until now can only be taken off once another is.
  if (applied.results.some(({ change }) => change.kind === CERTIFICATE_KIND))
    applied = withFirst(applied, await modules.apply(found.target, how, { signal }));
  if (isUnfinished(applied)) {
    await modules.handOver(applied, actor);
    const waits = applied.results.find(({ detail }) => detail !== null)?.detail ?? applied.reason;
    return { state: 'revert-later', reason: joined(waits, device.reason) };
  }
  return afterRevert(applied, device);
}

/** The device as it is approved, and the kinds of things that its approval knows in full; null where it is gone or nothing is approved. */
async function approvedTarget(
  device: RolloutDevice,
  revision: Revision | null,
  { target: find, revisions, configuration, content }: StepModules,
  options: { givesBack?: boolean } = {},
): Promise<{ target: Target; resources: readonly AnyResource[] } | null> {
  const found = find(device.name);
  const approved = found === null ? null : await revisions.approvedState(found, revision, options);
  if (found === null || approved === null) return null;
  const { desired, knowsContent } = approved;
  return {
    target: { ...found, desired },
    resources: knowsContent ? [configuration, ...content] : [configuration],
  };
}

function withFirst(first: DeviceApplied, second: DeviceApplied): DeviceApplied {
  const again = new Set(second.results.map(({ change }) => change.path));
  const kept = first.results.filter(({ change }) => !again.has(change.path));
  return { ...second, results: [...kept, ...second.results] };
}

/** Null once the device is heard and, where asked for, holds what was written; else why not, after a patient while. */
async function lostAfter(
  { target, resources }: { target: Target; resources: readonly AnyResource[] },
  { knownErrors, untilHealthy }: { knownErrors: readonly string[]; untilHealthy: boolean },
  { modules, pace, signal }: StepHow,
): Promise<string | null> {
  const { clock, target: find } = modules;
  const end = clock.monotonic() + pace.graceMs;
  for (;;) {
    // A session that broke may have made the device anew.
    const device = find(target.desired.name)?.device ?? target.device;
    const health = await examine({ ...target, device }, { resources, knownErrors }, { signal });
    if (health.state === 'healthy' || (!untilHealthy && health.state !== 'silent')) return null;
    if (clock.monotonic() >= end) return health.reason;
    await sleep(Math.min(pace.checkMs, 1_000), clock, { signal });
  }
}
