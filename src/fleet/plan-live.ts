import type { AbortOptions } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { isReached } from './condition.ts';
import { NotKeptError } from './kept-configuration.ts';
import type { LiveConfigurations } from './live-configuration.ts';
import { type DevicePlan, planDevice, type Target } from './plan.ts';
import type { AnyResource } from './resource.ts';

export interface LivePlanModules extends AbortOptions {
  readonly resources: readonly AnyResource[];
  /** Null where no sessions are kept: then every plan reads. */
  readonly live: LiveConfigurations | null;
}

/** Plans a device from what its session keeps current; where that does not suffice, or `fresh` is asked for, from a reading. */
export async function planLive(
  target: Target,
  { fresh, clock, ...modules }: LivePlanModules & { fresh: boolean; clock: Clock },
): Promise<DevicePlan> {
  const known = fresh ? null : await planKnown(target, modules);
  if (known !== null) return known;
  const { live, ...how } = modules;
  const { desired, device } = target;
  const readAt = clock.now();
  const observed = live?.observed(desired, device, { forPlan: !fresh }) ?? device;
  const plan = await planDevice({ desired, device: observed }, how);
  return isReached(plan) ? { ...plan, asOf: { at: readAt, by: 'reading' } } : plan;
}

/** The plan without reading the configuration; null where that must be read. */
export async function planKnown(
  { desired, device }: Target,
  { live, ...how }: LivePlanModules,
): Promise<DevicePlan | null> {
  const known = live?.known(desired, device) ?? null;
  if (known === null) return null;
  try {
    return { ...(await planDevice(known, how)), asOf: { at: known.readAt, by: 'session' } };
  } catch (error) {
    if (error instanceof NotKeptError) return null;
    throw error;
  }
}
