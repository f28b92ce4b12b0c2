import type { ShownApplied, ShownPlan } from '../actions/present.ts';
import { EXIT } from './exit-code.ts';
import { applyLines, planLines } from './plan-text.ts';
import type { Terminal } from './terminal.ts';

/** A plan for one device, without the sum over a fleet. */
export function devicePlanLines(plan: ShownPlan, terminal: Terminal): string[] {
  return withoutSum(planLines({ devices: [plan], summary: NONE, fingerprint: '', ...NOBODY }, terminal));
}

/** What was written to one device, without the sum over a fleet. */
export function deviceAppliedLines(applied: ShownApplied, terminal: Terminal): string[] {
  const summary = { ...NONE, accepted: 0, refused: 0, waiting: 0, notProven: 0 };
  return withoutSum(applyLines({ devices: [applied], summary, revision: '', ...NOBODY }, terminal));
}

/** What a command that wrote to one device ends with. */
export function exitCodeOfDevice({ state, changes, problems }: ShownApplied): number {
  const outcomes = new Set(changes.map(({ result }) => result));
  if (state !== 'in-sync' && state !== 'drift') return EXIT.failed;
  if (outcomes.has('refused') || outcomes.has('differs') || outcomes.has('failed')) return EXIT.failed;
  return outcomes.has('waiting') || outcomes.has('held') || problems.length > 0 ? EXIT.pending : EXIT.ok;
}

function withoutSum(lines: readonly string[]): string[] {
  return lines.slice(0, -2);
}

const NOBODY = { retired: [], protected: [] };

const NONE = { devices: 0, inSync: 0, drift: 0, failed: 0, changes: 0, untouched: 0, problems: 0 };
