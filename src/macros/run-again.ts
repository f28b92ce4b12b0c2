import type { OutputValues } from './condition.ts';
import type { DueRun } from './due-run.ts';
import { MacroError } from './macro-error.ts';
import type { Macro } from './macro-schema.ts';
import type { RunRecord, StepRecord } from './run-store.ts';
import type { Block } from './script.ts';

/**
 * Where a run begins that is to go on as an earlier one went.
 * @param step counted from 1
 * @throws MacroError where the macro has no such step
 */
export function resumed(
  run: Pick<RunRecord, 'macro' | 'steps'>,
  { steps, script }: Pick<Macro, 'steps' | 'script'>,
  step: number,
): NonNullable<DueRun['from']> {
  if (script !== undefined && step !== 1)
    throw new MacroError('step-unknown', `The macro "${run.macro}" is a script, which runs as a whole.`);
  if (step < 1 || step > Math.max(steps.length, 1))
    throw new MacroError('step-unknown', `The macro "${run.macro}" has steps 1 to ${steps.length}.`);
  return { step: step - 1, outputs: outputsBefore(steps.slice(0, step - 1), run.steps) };
}

/** What the named steps of these told in an earlier run. */
function outputsBefore(block: Block, told: readonly StepRecord[]): ReadonlyMap<string, OutputValues> {
  const outputs = new Map<string, OutputValues>();
  for (const [at, node] of block.entries()) {
    const output = told.findLast(({ path }) => path === `steps[${at}]`)?.output ?? null;
    if (node.kind !== 'if' && node.as !== null && output !== null) outputs.set(node.as, output);
  }
  return outputs;
}
