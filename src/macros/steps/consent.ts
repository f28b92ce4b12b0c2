import { sleep } from '../../lib/abort.ts';
import { type StepContext, StepError } from '../step.ts';
import { type PromptEnd, whyUnseen, withPrompt } from './shown-prompt.ts';

/** Both texts at most 255 bytes of UTF-8. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly countdownMs: number;
  /** What was not done where it is refused: `dial`. */
  readonly verb: string;
}

/**
 * Shows a countdown with a Cancel button and, when it ran out, does `act`. Any
 * answer cancels until `act` is done, and so does closing the prompt. Where an
 * answer could not be seen, because there is no session, nothing is done. The
 * prompt is cleared in every outcome.
 * @param act gets a signal that aborts with the reason when the room cancels
 * @throws StepError `cancelled`, or `refused` where answers cannot be seen
 */
export async function withConsent<T>(
  context: StepContext,
  { title, text, countdownMs, verb }: Question,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { device, clock } = context;
  const unseen = whyUnseen(device.session());
  if (unseen !== null) throw noConsent({ kind: 'unseen', reason: unseen }, verb);
  const stopped = new AbortController();
  const signal = AbortSignal.any([context.signal, stopped.signal]);
  return await withPrompt(
    context,
    { title, text, options: ['Cancel'], durationMs: countdownMs },
    {
      signal,
      onEnd: (end) => stopped.abort(noConsent(end, verb)),
      work: async () => {
        await sleep(countdownMs, clock, { signal });
        return await act(signal);
      },
    },
  );
}

function noConsent(end: PromptEnd, verb: string): StepError {
  switch (end.kind) {
    case 'answered':
      return new StepError('cancelled', 'someone in the room pressed Cancel');
    case 'closed':
      return new StepError('cancelled', 'someone in the room closed the countdown');
    default:
      return new StepError(
        'refused',
        `did not ${verb}: ${end.reason}, so roomd could not see whether someone cancels`,
      );
  }
}
