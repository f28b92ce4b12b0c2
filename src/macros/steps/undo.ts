import { messageOf } from '../../lib/errors.ts';
import { StepError } from '../step.ts';

/** Takes back what a step began before it failed; the error to throw, which also says so where that failed too. */
export async function undoAfter(error: unknown, what: string, undo: () => Promise<void>): Promise<unknown> {
  try {
    await undo();
    return error;
  } catch (failure) {
    return new StepError(
      'failed',
      `${messageOf(error)}; and ${what} could not be taken back: ${messageOf(failure)}`,
      { cause: error },
    );
  }
}
