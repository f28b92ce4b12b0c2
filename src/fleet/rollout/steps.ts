import type { AbortOptions } from '../../lib/abort.ts';
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { DeviceApplied } from '../apply.ts';
import type { Change } from '../change.ts';
import { isUnfinished } from '../condition.ts';
import type { Target } from '../plan.ts';
import type { AnyResource } from '../resource.ts';
import type { RevisionStore } from '../revision.ts';
import { cutOffRefusal } from './cut-off.ts';
import { examine, readErrors } from './health.ts';
import { afterApply, afterCheck, type Pace } from './outcome.ts';
import type { DeviceStep, Rollout, RolloutDevice } from './rollout.ts';

export interface StepModules {
  readonly target: (name: string) => Target | null;
  /** What is proven and checked on each device. */
  readonly resources: readonly AnyResource[];
  readonly revisions: RevisionStore;
  /** Writes and proves, on record and under the guards of a machine that nobody told to force anything. */
  readonly apply: (
    target: Target,
    how: {
      revisionId: string | null;
      actor: string;
      leavesAlone?: (change: Change) => string | null;
    },
    options: AbortOptions,
  ) => Promise<DeviceApplied>;
  /** What could not be finished on the way back is finished as an apply that waits. */
  readonly handOver: (applied: DeviceApplied, actor: string) => Promise<void>;
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

/** The actor of everything that a rollout writes. */
export function actorOf({ id }: Pick<Rollout, 'id'>): string {
  return `rollout:${id}`;
}

/** Writes one device what its ring was approved for. */
export async function applyStep(rollout: Rollout, device: RolloutDevice, how: StepHow): Promise<DeviceStep> {
  const { modules, pace, signal } = how;
  const { target: find, revisions, clock } = modules;
  const { strategy } = rollout;
  const found = find(device.name);
  const revision = await revisions.latest();
  const approved = found === null ? null : revisions.approvedState(found, revision);
  if (found === null || approved === null) return GONE;
  const target = { ...found, desired: approved };
  const knownErrors = device.isTouched
    ? device.knownErrors
    : ((await readErrors(target.device, { signal })) ?? []);
  const applied = await modules.apply(
    target,
    {
      revisionId: revision?.id ?? null,
      actor: actorOf(rollout),
      leavesAlone: ({ path }) => cutOffRefusal(path, strategy.allowCutOff),
    },
    { signal },
  );
  const step = { ...afterApply(applied, { device, strategy, pace, now: clock.now() }), knownErrors };
  if (!device.cutsOff || step.state !== 'soaking') return step;
  const lost = await lostAfter(target, knownErrors, how);
  return lost === null ? step : { ...step, state: 'failed', reason: `it did not come back: ${lost}` };
}

/** Looks at a device that was written. */
export async function checkStep(
  rollout: Rollout,
  device: RolloutDevice,
  { modules, pace, listeningSince, signal }: StepHow,
): Promise<DeviceStep> {
  const { target: find, revisions, clock, resources } = modules;
  const found = find(device.name);
  const approved = found === null ? null : revisions.approvedState(found, await revisions.latest());
  if (found === null || approved === null) return GONE;
  const health = await examine(
    { ...found, desired: approved },
    { resources, knownErrors: device.knownErrors },
    { signal },
  );
  const { strategy } = rollout;
  return afterCheck(health, { device, strategy, pace, listeningSince, now: clock.now() });
}

/** Puts back what was written to one device. */
export async function revertStep(
  rollout: Rollout,
  device: RolloutDevice,
  { modules, signal }: StepHow,
): Promise<DeviceStep> {
  const { target: find, revisions } = modules;
  const found = find(device.name);
  const revision = await revisions.latest();
  const approved = found === null ? null : revisions.approvedState(found, revision);
  if (found === null) return GONE;
  if (approved === null) return { state: 'reverted', reason: device.reason };
  const actor = actorOf(rollout);
  const applied = await modules.apply(
    { ...found, desired: approved },
    { revisionId: revision?.id ?? null, actor },
    { signal },
  );
  if (isUnfinished(applied)) {
    await modules.handOver(applied, actor);
    const waits = applied.results.find(({ detail }) => detail !== null)?.detail ?? applied.reason;
    return { state: 'revert-later', reason: waits };
  }
  const left = applied.results.find(({ outcome }) => outcome === 'refused' || outcome === 'differs');
  if (left !== undefined)
    return {
      state: 'failed',
      reason: `${left.change.path} could not be put back: ${left.detail ?? left.outcome}`,
    };
  if (applied.state !== 'in-sync' && applied.state !== 'drift')
    return { state: 'failed', reason: `it could not be put back: ${applied.reason ?? applied.state}` };
  return { state: 'reverted', reason: device.reason };
}

/** Null once the device is heard and holds what was written; else why not, after a patient while. */
async function lostAfter(
  target: Target,
  knownErrors: readonly string[],
  { modules, pace, signal }: StepHow,
): Promise<string | null> {
  const { clock, resources, target: find } = modules;
  const end = clock.monotonic() + pace.graceMs;
  for (;;) {
    // A session that broke may have made the device anew.
    const device = find(target.desired.name)?.device ?? target.device;
    const health = await examine({ ...target, device }, { resources, knownErrors }, { signal });
    if (health.state === 'healthy') return null;
    if (clock.monotonic() >= end) return health.reason;
    await sleep(Math.min(pace.checkMs, 1_000), clock, { signal });
  }
}
