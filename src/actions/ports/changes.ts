import type { DeviceApplied } from '../../fleet/apply.ts';
import type { DevicePlan, PlanSummary } from '../../fleet/plan.ts';
import type { AbortOptions } from '../../lib/abort.ts';

export interface PlanHow extends AbortOptions {
  /** Reads every device, also where its session keeps what is known current. */
  readonly fresh?: boolean;
  readonly onDevice?: (plan: DevicePlan) => void;
  /** Kinds of the resources that are compared; all where absent. */
  readonly kinds?: ReadonlySet<string>;
}

export interface ApplyHow {
  readonly actor: string;
  /** Writes also where the room is in use. */
  readonly force: boolean;
  readonly onDevice?: (applied: DeviceApplied) => void;
}

export interface FleetApplied {
  readonly revision: string;
  readonly devices: readonly DeviceApplied[];
  readonly summary: PlanSummary & AppliedSummary;
}

export interface AppliedSummary {
  readonly accepted: number;
  readonly refused: number;
  readonly waiting: number;
  readonly notProven: number;
}
