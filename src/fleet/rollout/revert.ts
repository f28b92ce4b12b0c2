import type { ApprovedSettings } from '../approved-settings.ts';
import type { RolloutDevice } from './rollout.ts';
import type { ValueBefore } from './store.ts';

export interface Return {
  /** What is approved from now on, by device id; null: nothing. */
  readonly states: ReadonlyMap<number, ApprovedSettings | null>;
  /** The devices on their way back, and those that have nothing to go back from. */
  readonly devices: readonly RolloutDevice[];
}

/**
 * What is approved instead of this rollout: for a device that was written, what
 * was approved before with the values that its settings held before the
 * writes; for every other, what was approved before.
 */
export function returnOf(devices: readonly RolloutDevice[], values: readonly ValueBefore[]): Return {
  const states = new Map<number, ApprovedSettings | null>();
  const byDevice = new Map<number, ValueBefore[]>();
  for (const value of values) byDevice.set(value.deviceId, [...(byDevice.get(value.deviceId) ?? []), value]);
  const changed: RolloutDevice[] = [];
  for (const device of devices) {
    if (device.state === 'left-out') continue;
    if (!device.isTouched) {
      states.set(device.id, device.before);
      continue;
    }
    const written = byDevice.get(device.id) ?? [];
    states.set(device.id, withValues(device, written));
    const secrets = written.filter(({ isSecret }) => isSecret).map(({ path }) => path);
    const reason =
      secrets.length === 0
        ? null
        : `the old secret is not on record and stays overwritten: ${secrets.join(', ')}`;
    changed.push({ ...device, state: 'to-revert', reason, nextAt: 0 });
  }
  return { states, devices: changed };
}

/** The states that stand again where a rollout ends with what it has written left in place. */
export function untouchedOf(devices: readonly RolloutDevice[]): ReadonlyMap<number, ApprovedSettings | null> {
  const kept = devices.filter(({ isTouched, state }) => !isTouched && UNTRIED.has(state));
  return new Map(kept.map(({ id, before }) => [id, before]));
}

/** The states of a device whose turn has not come. */
export const UNTRIED: ReadonlySet<RolloutDevice['state']> = new Set(['pending', 'off', 'needs-bootstrap']);

function withValues({ before }: RolloutDevice, written: readonly ValueBefore[]): ApprovedSettings | null {
  const values = written.flatMap(({ path, before: value, isSecret }) =>
    value === null || isSecret ? [] : [[path, { value }] as const],
  );
  if (before === null && values.length === 0) return null;
  const overwritten = new Set(values.map(([path]) => path.toLowerCase()));
  const kept = Object.entries(before ?? {}).filter(([path]) => !overwritten.has(path.toLowerCase()));
  const all = [...kept, ...values].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(all);
}
