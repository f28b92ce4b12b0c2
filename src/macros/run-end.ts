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

/** Which step did not do what it is for; `position` counts from 0. */
export class StepFailure extends RoomdError<'step-failed'> {
  constructor(position: number, step: string, cause: unknown) {
    super('step-failed', `step ${position + 1} (${step}): ${messageOf(cause)}`, { cause });
  }
}

/** What an error means for the run: a person's or a rule's no is not a failure. */
export function endOf(error: unknown): RunEnd {
  const cause = error instanceof StepFailure ? error.cause : error;
  const reason = messageOf(error);
  if (cause instanceof RunCancelled) return { state: 'cancelled', reason };
  if (error instanceof NeverBegan) return { state: 'skipped', reason };
  if (cause instanceof StepError && (cause.code === 'cancelled' || cause.code === 'held'))
    return { state: 'cancelled', reason };
  return { state: 'failed', reason };
}
