import type { AbortOptions } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KeyedMutex } from '../../lib/keyed-mutex.ts';
import type { Device, DeviceIdentity } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import type { Guards, WriteLedger } from '../apply.ts';
import type { ChangeResult } from '../change.ts';
import { type DevicePlan, planDevice, type Target } from '../plan.ts';
import type { AnyResource } from '../resource.ts';
import { isVersion } from '../resources/software.ts';
import { type Health, readErrors } from '../rollout/health.ts';
import { afterCheck, type Pace, unreached } from '../rollout/outcome.ts';
import {
  followUpgrade,
  isOrder,
  orderUpgrade,
  type UpgradeOrder,
  type UpgradeTimes,
  upgradeResult,
} from './order.ts';
import {
  asRollout,
  asRolloutDevice,
  type Upgrade,
  type UpgradeDevice,
  type UpgradeStep,
  upgradeActor,
} from './upgrade.ts';

export interface UpgradeStepModules {
  readonly target: (name: string) => Target | null;
  /** What is compared with the file before and after. */
  readonly resources: readonly AnyResource[];
  readonly guards: (target: Target) => Guards;
  readonly ledger: (deviceId: number, actor: string) => WriteLedger;
  /** Records who answered. */
  readonly met: (device: Device, identity: DeviceIdentity) => Promise<void>;
  /** One at a time per device, shared with applies and with the reconciler. */
  readonly mutex: KeyedMutex;
  readonly clock: Clock;
}

export interface UpgradeStepHow {
  readonly modules: UpgradeStepModules;
  readonly pace: Pace;
  readonly times: UpgradeTimes;
  /** When roomd began to listen to the devices, UTC milliseconds. */
  readonly listeningSince: number;
  /** Why it may not begin after all, asked once more when its turn on the device has come. */
  readonly isCalledOff: () => boolean;
  /** Keeps a step before it is taken. */
  readonly keep: (step: UpgradeStep) => Promise<void>;
  readonly signal: AbortSignal;
}

const GONE: UpgradeStep = { state: 'left-out', reason: 'the file does not name it any more' };

/** Orders one device's upgrade, or takes up one that was cut off, and waits for its end. The device's lock is held for the order only: it may take an hour. */
export async function upgradeStep(
  upgrade: Upgrade,
  device: UpgradeDevice,
  how: UpgradeStepHow,
): Promise<UpgradeStep> {
  const { modules, signal } = how;
  if (device.order !== null) return follow(upgrade, device, { order: device.order, isResumed: true, ...how });
  const begun = await modules.mutex.run(device.name, async () => {
    signal.throwIfAborted();
    return begin(upgrade, device, how);
  });
  if (!('order' in begun)) return begun.step;
  return follow(
    upgrade,
    { ...device, from: begun.order.version },
    { order: begun.order, isResumed: false, ...how },
  );
}

async function begin(
  upgrade: Upgrade,
  device: UpgradeDevice,
  { modules, pace, isCalledOff, keep, signal }: UpgradeStepHow,
): Promise<{ readonly step: UpgradeStep } | { readonly order: UpgradeOrder }> {
  const { clock } = modules;
  const target = modules.target(device.name);
  if (target === null) return { step: GONE };
  if (isCalledOff()) return { step: { state: 'pending', reason: null } };
  const nextAt = clock.now() + pace.retryMs;
  const plan = await planDevice(target, { resources: modules.resources, signal });
  if (plan.identity === null || (plan.state !== 'in-sync' && plan.state !== 'drift'))
    return { step: { ...(unreached(plan.name, plan) as UpgradeStep), nextAt } };
  const mismatch = plan.problems.find(({ path }) => path === 'kind');
  if (mismatch !== undefined) return { step: { state: 'failed', reason: mismatch.message } };
  const knownErrors = (await readErrors(target.device, { signal })) ?? [];
  const begun = await orderUpgrade(
    target.device,
    { version: device.to, url: device.url },
    {
      clock,
      guards: modules.guards(target),
      ledger: modules.ledger(device.id, upgradeActor(upgrade)),
      record: (order) =>
        keep({
          order,
          from: order.version,
          knownErrors,
          differedBefore: differing(plan).length,
          reason: 'it has its order and is at it',
        }),
      signal,
    },
  );
  return isOrder(begun) ? { order: begun } : { step: stepOf(begun, plan, nextAt) };
}

/** What became of a device that got no order. */
function stepOf({ outcome, detail, change }: ChangeResult, plan: DevicePlan, nextAt: number): UpgradeStep {
  if (outcome === 'accepted')
    return { state: 'passed', reason: null, from: change.from, differing: differing(plan) };
  if (outcome === 'waiting' || outcome === 'held') return { state: 'pending', reason: detail, nextAt };
  if (outcome === 'failed') return { state: 'off', reason: detail, nextAt };
  return { state: 'failed', reason: detail };
}

async function follow(
  upgrade: Upgrade,
  device: UpgradeDevice,
  how: UpgradeStepHow & { readonly order: UpgradeOrder; readonly isResumed: boolean },
): Promise<UpgradeStep> {
  const { modules, pace, times, order, isResumed, signal } = how;
  const { clock } = modules;
  const first = modules.target(device.name);
  if (first === null) return GONE;
  const wanted = { version: device.to, url: device.url };
  const followed = await followUpgrade(order, wanted, {
    device: () => modules.target(device.name)?.device ?? first.device,
    clock,
    times,
    isResumed,
    signal,
  });
  if (followed === 'unheard') return { state: 'pending', order: null, reason: null, nextAt: 0 };
  const { outcome, detail } = followed;
  await modules
    .ledger(device.id, upgradeActor(upgrade))
    .settle([order.writeId], [upgradeResult(order.version, wanted, outcome, detail)]);
  const now = clock.now();
  if (outcome !== 'accepted') return { state: 'failed', reason: detail };
  return {
    ...(upgrade.strategy.soakMs === 0 ? { state: 'passed' } : { state: 'soaking' }),
    reason: null,
    provenAt: now,
    strikes: 0,
    nextAt: now + Math.min(upgrade.strategy.soakMs, pace.checkMs),
    differing: await differingNow(device.name, how),
  };
}

/** Compares the device with the file anew; null where it does not answer after all. Nothing is written. */
async function differingNow(
  name: string,
  { modules, signal }: Pick<UpgradeStepHow, 'modules' | 'signal'>,
): Promise<readonly string[] | null> {
  const target = modules.target(name);
  if (target === null) return null;
  const plan = await planDevice(target, { resources: modules.resources, signal });
  if (plan.identity !== null) await modules.met(target.device, plan.identity);
  return plan.state === 'in-sync' || plan.state === 'drift' ? differing(plan) : null;
}

/** Paths that differ, and those that the device does not take. */
function differing({ changes, problems }: Pick<DevicePlan, 'changes' | 'problems'>): string[] {
  return [...new Set([...changes, ...problems].map(({ path }) => path))];
}

/** Looks at a device that runs the new version. */
export async function upgradeCheck(
  upgrade: Upgrade,
  device: UpgradeDevice,
  { modules, pace, listeningSince, signal }: UpgradeStepHow,
): Promise<UpgradeStep> {
  const target = modules.target(device.name);
  if (target === null) return GONE;
  const health = await examineUpgraded(target, device, { signal });
  const { state, reason, strikes, nextAt } = afterCheck(health, {
    device: asRolloutDevice(device),
    strategy: asRollout(upgrade).strategy,
    pace,
    listeningSince,
    now: modules.clock.now(),
  });
  const isDone = state === 'passed';
  const differs = isDone ? { differing: await differingNow(device.name, { modules, signal }) } : {};
  return {
    state: isDone || state === 'failed' ? state : 'soaking',
    reason: reason ?? null,
    strikes: strikes ?? 0,
    nextAt: nextAt ?? device.nextAt,
    ...differs,
  };
}

/** It answers, runs the version, is heard, and its Diagnostics show no new error. That settings differ is told and is no failure. */
async function examineUpgraded(
  { device }: Pick<Target, 'device'>,
  { to, knownErrors }: UpgradeDevice,
  { signal }: AbortOptions,
): Promise<Health> {
  try {
    const { software } = await device.identify({ signal });
    if (!isVersion(software, to)) return { state: 'unhealthy', reason: `it runs ${software} again` };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof XapiError)) throw error;
    return { state: error.retryable ? 'silent' : 'unhealthy', reason: error.message };
  }
  const { state, reason } = device.session();
  if (state !== 'up' && state !== 'up-https' && state !== 'idle')
    return { state: 'silent', reason: `its session is ${state}: ${reason ?? 'it has not come back'}` };
  const fresh = ((await readErrors(device, { signal })) ?? []).filter(
    (error) => !knownErrors.includes(error),
  );
  return fresh.length === 0
    ? { state: 'healthy' }
    : { state: 'unhealthy', reason: `its Diagnostics show since the upgrade: ${fresh.join('; ')}` };
}
