import { type AbortOptions, sleep } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import type { Needs } from './condition.ts';
import type { ScriptNode } from './script.ts';
import { StepError, type StepResult, type StepTiming } from './step.ts';

interface Look {
  readonly pollMs: number;
  /** Null where the condition is true. */
  readonly whyNot: (condition: string) => Promise<string | null>;
}

/**
 * Looks again and again until a condition is true or its time is over.
 * @throws StepError where its time is over and the file does not allow for that; the signal's reason
 */
export async function waitFor(
  { condition, withinMs, mayTimeOut }: Extract<ScriptNode, { kind: 'waitFor' }>,
  { pollMs, whyNot }: Look,
  clock: Clock,
  { signal }: AbortOptions,
): Promise<StepResult> {
  const from = clock.monotonic();
  for (;;) {
    const why = await whyNot(condition);
    const waited = clock.monotonic() - from;
    if (why === null) return { result: `${condition}: true after ${seconds(waited)}`, output: { met: true } };
    if (waited >= withinMs) {
      const result = `not within ${seconds(withinMs)}: ${why}`;
      if (!mayTimeOut) throw new StepError('failed', result);
      return { result, output: { met: false } };
    }
    await sleep(Math.min(pollMs, withinMs - waited), clock, { signal });
  }
}

/** A condition for which something is fetched is looked at no more often. */
const FETCHED_POLL_MS = 5_000;

export function pollMsOf({ fleet, occupancy, records }: Needs, { pollMs }: StepTiming): number {
  return fleet || occupancy || records ? Math.max(FETCHED_POLL_MS, pollMs) : pollMs;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
