import type { DeviceApplied } from '../fleet/apply.ts';
import type { Change, ChangeResult } from '../fleet/change.ts';
import type { FleetCommit } from '../fleet/fleet-commit.ts';
import type { DevicePlan } from '../fleet/plan.ts';
import type { Place } from '../fleet/problem.ts';

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
  /** The line of the file that asks for it; null where none does. */
  readonly place: Place | null;
  /** What to do about a change that was not made; null where nothing needs doing. */
  readonly remedy: string | null;
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
      place: change.place ?? null,
      remedy: REMEDY[outcome],
    })),
  };
}

const REMEDY: Readonly<Record<ChangeResult['outcome'], string | null>> = {
  accepted: null,
  'accepted-unreadable': null,
  // The sentence says what is waited for, or who holds it.
  waiting: null,
  held: null,
  refused: 'correct the line or take it out',
  differs: 'see on the device what keeps it from changing, or take the line out',
  failed: 'apply again once the device answers; what it holds by then is not written twice',
};

function showHead({ name, state, reason, identity, untouched, problems, hints }: DevicePlan) {
  const { product = null, software = null } = identity ?? {};
  return { name, state, reason, untouched, problems, hints, product, software };
}

function showChange({ kind, path, from, to }: Change): ShownChange {
  return { kind, path, from, to };
}
