import type { DeviceApplied } from '../fleet/apply.ts';
import type { Change, ChangeResult } from '../fleet/change.ts';
import type { FleetCommit } from '../fleet/fleet-commit.ts';
import type { DevicePlan } from '../fleet/plan.ts';

/** RFC 3339 with `Z`, or null. */
export function rfc3339(at: number): string;
export function rfc3339(at: number | null): string | null;
export function rfc3339(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** Where a fleet file stands in git, as every door shows it. */
export interface ShownCommit {
  readonly id: string;
  /** It had changes that no commit holds. */
  readonly dirty: boolean;
}

export function showCommit(commit: FleetCommit | null): ShownCommit | null {
  return commit === null ? null : { id: commit.id, dirty: commit.isDirty };
}

/** A change as every door shows it; what is to be written stays inside. */
export interface ShownChange {
  readonly kind: string;
  readonly path: string;
  readonly from: string | null;
  readonly to: string;
}

export interface ShownResult extends ShownChange {
  readonly result: ChangeResult['outcome'];
  readonly detail: string | null;
}

export interface ShownPlan extends Omit<DevicePlan, 'changes' | 'identity'> {
  readonly product: string | null;
  readonly software: string | null;
  readonly changes: readonly ShownChange[];
}

export interface ShownApplied extends Omit<ShownPlan, 'changes'> {
  readonly changes: readonly ShownResult[];
}

export function showPlan({ identity, changes, ...plan }: DevicePlan): ShownPlan {
  return {
    ...plan,
    product: identity?.product ?? null,
    software: identity?.software ?? null,
    changes: changes.map(showChange),
  };
}

export function showApplied({ results, ...plan }: DeviceApplied): ShownApplied {
  return {
    ...showPlan(plan),
    changes: results.map(({ change, outcome, detail }) => ({
      ...showChange(change),
      result: outcome,
      detail,
    })),
  };
}

function showChange({ kind, path, from, to }: Change): ShownChange {
  return { kind, path, from, to };
}
