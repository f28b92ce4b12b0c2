import { messageOf, RoomdError } from '../lib/errors.ts';
import type { RunState } from './run-store.ts';
import { StepError } from './step.ts';

/** How a run ended; the reason is a sentence, null where it simply went well. */
export interface RunEnd {
  readonly state: RunState;
  readonly reason: string | null;
}

/** Someone, or roomd's own stop, ended the run from outside. */
export class RunCancelled extends RoomdError<'run-cancelled'> {
  constructor(reason: string) {
    super('run-cancelled', reason);
  }
}

/** Its turn did not come before it was ended. */
export class NeverBegan extends RoomdError<'never-began'> {
  constructor(cause: unknown) {
    super('never-began', `its turn on the device did not come: ${messageOf(cause)}`, { cause });
  }
}

/** Which step did not do what it is for; `path` is its place in the macro. */
export class StepFailure extends RoomdError<'step-failed'> {
  constructor(path: string, step: string, cause: unknown) {
    super('step-failed', `${placeOf(path)} (${step}): ${messageOf(cause)}`, { cause });
  }
}

/** `steps[1]` is what people call step 2. */
function placeOf(path: string): string {
  const top = /^steps\[(\d+)\]$/.exec(path)?.[1];
  return top === undefined ? path : `step ${Number(top) + 1}`;
}

/** Whether something went wrong, as opposed to a no of a person or a rule, or the end of the run. */
export function isFailure(error: unknown, signal: AbortSignal): boolean {
  return !signal.aborted && endOf(error).state === 'failed';
}

/** What an error means for the run: a person's or a rule's no is not a failure. */
export function endOf(error: unknown): RunEnd {
  const cause = rootOf(error);
  const reason = messageOf(error);
  if (cause instanceof RunCancelled) return { state: 'cancelled', reason };
  if (error instanceof NeverBegan) return { state: 'skipped', reason };
  if (cause instanceof StepError && (cause.code === 'cancelled' || cause.code === 'held'))
    return { state: 'cancelled', reason };
  return { state: 'failed', reason };
}

/** What a step failed of, where it is a step's failure; the error itself otherwise. */
export function rootOf(error: unknown): unknown {
  return error instanceof StepFailure ? rootOf(error.cause) : error;
}
