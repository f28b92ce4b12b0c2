import { z } from 'zod';
import type { DeviceApplied } from '../fleet/apply.ts';
import type { Change, ChangeResult } from '../fleet/change.ts';
import type { FleetCommit } from '../fleet/fleet-commit.ts';
import type { DevicePlan } from '../fleet/plan.ts';
import {
  components,
  OutcomeAnswer,
  PlaceAnswer,
  PlanStateAnswer,
  ResourceProblemAnswer,
  Time,
} from './answers.ts';
import { remedyOf } from './remedy.ts';

/** A change as every door shows it; what is to be written stays inside. */
export const ShownChange = z
  .strictObject({
    kind: z.string(),
    path: z.string(),
    from: z.string().nullable(),
    to: z.string(),
  })
  .register(components, { id: 'Change' });
export type ShownChange = z.output<typeof ShownChange>;

const headShape = {
  name: z.string(),
  product: z.string().nullable(),
  software: z.string().nullable(),
  state: PlanStateAnswer,
  reason: z.string().nullable(),
  remedy: z
    .string()
    .nullable()
    .describe('What a person can do about a device of which nothing is known now; null where it is.'),
  untouched: z.int(),
  problems: z.array(ResourceProblemAnswer).readonly(),
  hints: z.array(z.string()).readonly(),
};

export const ShownPlan = z
  .strictObject({
    ...headShape,
    changes: z.array(ShownChange).readonly(),
    asOf: z
      .strictObject({
        at: Time,
        by: z.enum(['session', 'reading']),
      })
      .nullable()
      .describe(
        'When the configuration was read; `session`: and kept current since by what the session reports.',
      ),
  })
  .register(components, { id: 'DevicePlan' });
export type ShownPlan = z.output<typeof ShownPlan>;

export const ShownResult = z
  .strictObject({
    ...ShownChange.shape,
    result: OutcomeAnswer,
    detail: z.string().nullable(),
    place: PlaceAnswer.nullable().describe('The line of the file that asks for it; null where none does.'),
    remedy: z
      .string()
      .nullable()
      .describe('What to do about a change that was not made; null where nothing needs doing.'),
  })
  .register(components, { id: 'ChangeResult' });
export type ShownResult = z.output<typeof ShownResult>;

export const ShownApplied = z
  .strictObject({
    ...headShape,
    changes: z.array(ShownResult).readonly(),
  })
  .register(components, { id: 'DeviceApplied' });
export type ShownApplied = z.output<typeof ShownApplied>;

/** Where a fleet file stands in git, as every door shows it. */
export const ShownCommit = z
  .strictObject({
    id: z.string(),
    dirty: z.boolean().describe('It had changes that no commit holds.'),
  })
  .register(components, { id: 'Commit' });
export type ShownCommit = z.output<typeof ShownCommit>;

/** RFC 3339 with `Z`, or null. */
export function rfc3339(at: number): string;
export function rfc3339(at: number | null): string | null;
export function rfc3339(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function showCommit(commit: FleetCommit | null): ShownCommit | null {
  return commit === null ? null : { id: commit.id, dirty: commit.isDirty };
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

/** Of a change that was not made. */
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
  const remedy = state === 'in-sync' || state === 'drift' ? null : remedyOf(name, state);
  return { name, state, reason, remedy, untouched, problems, hints, product, software };
}

function showChange({ kind, path, from, to }: Change): ShownChange {
  return { kind, path, from, to };
}
