import type { DeviceApplied } from '../fleet/apply.ts';
import type { Change, ChangeResult } from '../fleet/change.ts';
import type { DevicePlan } from '../fleet/plan.ts';

/** RFC 3339 with `Z`, or null. */
export function rfc3339(at: number): string;
export function rfc3339(at: number | null): string | null;
export function rfc3339(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
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

export interface ShownPlan extends Omit<DevicePlan, 'changes' | 'identity' | 'asOf'> {
  readonly product: string | null;
  readonly software: string | null;
  readonly changes: readonly ShownChange[];
  /** When the configuration was read; `session`: and kept current since by what the session reports. */
  readonly asOf: { readonly at: string; readonly by: 'reading' | 'session' } | null;
}

export interface ShownApplied extends Omit<ShownPlan, 'changes' | 'asOf'> {
  readonly changes: readonly ShownResult[];
}

export function showPlan(plan: DevicePlan): ShownPlan {
  const { asOf } = plan;
  return {
    ...showHead(plan),
    changes: plan.changes.map(showChange),
    asOf: asOf === undefined ? null : { at: rfc3339(asOf.at), by: asOf.by },
  };
}

export function showApplied(applied: DeviceApplied): ShownApplied {
  return {
    ...showHead(applied),
    changes: applied.results.map(({ change, outcome, detail }) => ({
      ...showChange(change),
      result: outcome,
      detail,
    })),
  };
}

function showHead({ name, state, reason, identity, untouched, problems, hints }: DevicePlan) {
  const { product = null, software = null } = identity ?? {};
  return { name, state, reason, untouched, problems, hints, product, software };
}

function showChange({ kind, path, from, to }: Change): ShownChange {
  return { kind, path, from, to };
}
