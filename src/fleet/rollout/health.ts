import type { AbortOptions } from '../../lib/abort.ts';
import type { Device, LeafMap } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import { type DevicePlan, planDevice, type Target } from '../plan.ts';
import type { AnyResource } from '../resource.ts';

/**
 * What a look at a device found after it was written.
 * - `healthy`: it is heard, its settings hold, Diagnostics show no new error
 * - `silent`: it is not heard (yet): it may be restarting, or roomd has just started
 * - `unhealthy`: it answers, and something is wrong
 */
export type Health =
  | { readonly state: 'healthy' }
  | { readonly state: 'silent' | 'unhealthy'; readonly reason: string };

/** Reads anew what tells of a device's health. */
export async function examine(
  target: Target,
  { resources, knownErrors }: { resources: readonly AnyResource[]; knownErrors: readonly string[] },
  { signal }: AbortOptions,
): Promise<Health> {
  const plan = await planDevice(target, { resources, signal });
  if (plan.state === 'unreachable') return { state: 'silent', reason: plan.reason ?? 'it does not answer' };
  const unfit = unfitPlan(plan);
  if (unfit !== null) return { state: 'unhealthy', reason: unfit };
  const { state, reason } = target.device.session();
  if (state !== 'up' && state !== 'up-https' && state !== 'idle')
    return { state: 'silent', reason: `its session is ${state}: ${reason ?? 'it has not come back'}` };
  const errors = await readErrors(target.device, { signal });
  const fresh = (errors ?? []).filter((error) => !knownErrors.includes(error));
  return fresh.length === 0
    ? { state: 'healthy' }
    : { state: 'unhealthy', reason: `its Diagnostics show since the write: ${fresh.join('; ')}` };
}

/** The messages of level Error or Critical in the status Diagnostics; null where the device did not say. */
export async function readErrors(device: Device, { signal }: AbortOptions): Promise<string[] | null> {
  try {
    return errorsIn(await device.readStatus('Diagnostics', { signal }));
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof XapiError)) throw error;
    return null;
  }
}

export function errorsIn(diagnostics: LeafMap): string[] {
  const errors: string[] = [];
  for (const [path, level] of diagnostics) {
    const match = /^(Diagnostics\.Message\[\d+\])\.Level$/.exec(path);
    if (match === null || (level !== 'Error' && level !== 'Critical')) continue;
    const [type, description] = ['Type', 'Description'].map((leaf) => diagnostics.get(`${match[1]}.${leaf}`));
    errors.push([type ?? 'unnamed', description ?? ''].join(': ').replace(/: $/, ''));
  }
  return errors;
}

function unfitPlan({ state, reason, changes }: DevicePlan): string | null {
  if (state !== 'in-sync' && state !== 'drift') return reason ?? `it is ${state}`;
  const [change] = changes;
  if (change === undefined) return null;
  const more = changes.length > 1 ? ` and ${changes.length - 1} more` : '';
  const now = change.from === null ? 'it is gone' : `it is "${change.from}" again`;
  return `${change.path} does not hold: ${now}${more}`;
}
