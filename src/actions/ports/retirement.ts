import type { DeviceApplied } from '../../fleet/apply.ts';
import type { DevicePlan } from '../../fleet/plan.ts';
import type { AbortOptions } from '../../lib/abort.ts';
import type { ApplyHow } from './changes.ts';

/** Devices that go out of service. The device must be one of the file. */
export interface RetirePorts {
  of(name: string): Retirement | null;
  /** What would be taken off: our feedback slot and what is on record as put there by roomd. */
  plan(name: string, options: AbortOptions): Promise<DevicePlan>;
  /** What is on record as put there, in words. */
  onRecord(name: string): Promise<readonly string[]>;
  /** Puts the device on record as retired, then takes off what is ours and proves it. */
  retire(name: string, how: Pick<ApplyHow, 'actor' | 'force'>, options: AbortOptions): Promise<DeviceApplied>;
  takeUp(name: string, actor: string): Promise<void>;
}

export interface Retirement {
  /** UTC milliseconds. */
  readonly since: number;
  readonly by: string;
}
