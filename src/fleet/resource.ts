import type { AbortOptions } from '../lib/abort.ts';
import type { Device, DeviceIdentity, SettingAnswer } from '../xapi/device.ts';
import type { Change } from './change.ts';
import type { DesiredDevice } from './fleet.ts';
import type { Place } from './problem.ts';

/**
 * A kind of thing that roomd keeps on devices as the file says: observe →
 * diff → apply → observe again, which is the proof. The engine owns intent,
 * guards and results; a resource only knows its kind.
 *
 * `diff` is pure. `apply` writes and tells the device's word on each change,
 * in order; it never reads back itself. To prove, the engine observes anew and
 * diffs again: a change that is gone is proven.
 */
export interface Resource<Observed> {
  readonly kind: string;
  observe(
    device: Device,
    desired: DesiredDevice,
    identity: DeviceIdentity,
    options: AbortOptions,
  ): Promise<Observed>;
  diff(desired: DesiredDevice, observed: Observed): ResourceDiff;
  apply(device: Device, changes: readonly Change[], options: AbortOptions): Promise<SettingAnswer[]>;
}

export interface ResourceDiff {
  readonly changes: readonly Change[];
  /** Settings that already are as the file says. */
  readonly untouched: number;
  /** What the device would refuse, and why; such settings are not among `changes`. */
  readonly problems: readonly ResourceProblem[];
  /** What roomd does not write but a line in the file would help, for example "websocket is off". */
  readonly hints: readonly string[];
}

export interface ResourceProblem {
  readonly path: string;
  /** What is wrong and what would be right, in sentences. */
  readonly message: string;
  /** The line of the file that asks for it; absent where none does. */
  readonly place?: Place;
}

/** Any kind; only the resource itself understands what it observed. */
export type AnyResource = Resource<unknown>;
