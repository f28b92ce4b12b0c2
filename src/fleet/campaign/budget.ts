import type { FailureBudget } from '../rollout-section.ts';

interface Failure {
  readonly name: string;
  readonly reason: string | null;
}

/** Null within the budget; else a sentence with the first that failed, `what` they did. */
export function overspent(
  budget: FailureBudget,
  { failed, tried }: { failed: readonly Failure[]; tried: number },
  what = 'tried failed',
): string | null {
  const borne = borneOf(budget, tried);
  if (failed.length <= borne) return null;
  const named = failed
    .map(({ name, reason }) => `${name} (${reason?.replace(/\.$/, '') ?? 'no reason known'})`)
    .slice(0, 3);
  const more = failed.length > named.length ? ` and ${failed.length - named.length} more` : '';
  return `${failed.length} of ${tried} ${what}, ${borne} may: ${named.join(', ')}${more}`;
}

/** Failures that are borne among so many that were tried. */
export function borneOf(budget: FailureBudget, tried: number): number {
  return budget.kind === 'number' ? budget.devices : Math.floor(budget.share * tried);
}
