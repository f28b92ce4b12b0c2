import { sleep } from '../../lib/abort.ts';
import type { Delta, Device, SessionStatus } from '../../xapi/device.ts';
import { pathKey } from '../../xapi/path.ts';
import { type StepContext, StepError } from '../step.ts';

/** The prompt outlives the countdown while the device is made ready, and ends by itself should roomd not be able to clear it. */
const MARGIN_SECONDS = 30;

/** Both texts at most 255 bytes of UTF-8. */
export interface Question {
  readonly title: string;
  readonly text: string;
  readonly countdownMs: number;
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
  question: Question,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { device, clock } = context;
  const feedbackId = `roomd-${context.runId}`;
  const stopped = new AbortController();
  if (device.session().state !== 'up') throw unseen(device.session());
  const unsubscribe = watchAnswer(device, feedbackId, (reason) => stopped.abort(reason));
  const signal = AbortSignal.any([context.signal, stopped.signal]);
  try {
    await device.command(
      'UserInterface.Message.Prompt.Display',
      {
        Title: question.title,
        Text: question.text,
        FeedbackId: feedbackId,
        'Option.1': 'Cancel',
        Duration: Math.ceil(question.countdownMs / 1000) + MARGIN_SECONDS,
      },
      { signal },
    );
    await sleep(question.countdownMs, clock, { signal });
    return await act(signal);
  } finally {
    unsubscribe();
    // What came of the act matters more, and the prompt's own duration ends it too.
    await device
      .command('UserInterface.Message.Prompt.Clear', { FeedbackId: feedbackId })
      .catch(() => undefined);
  }
}

/** Calls `stop` at the first answer to the prompt, and when the session that would bring one is gone. */
function watchAnswer(device: Device, feedbackId: string, stop: (reason: StepError) => void): () => void {
  return device.subscribe((news) => {
    if (news.type === 'status' && news.status.state !== 'up') stop(unseen(news.status));
    if (news.type !== 'delta' || news.delta.tree !== 'Event') return;
    const answer = promptAnswer(news.delta, feedbackId);
    if (answer !== null) stop(new StepError('cancelled', answer));
  });
}

function unseen({ state, reason }: SessionStatus): StepError {
  return new StepError(
    'refused',
    `did not dial: there is no session to the device (${reason ?? state}), so roomd could not see whether someone cancels`,
  );
}

/** Events may carry `[1]` at every level. */
function promptAnswer(delta: Delta, feedbackId: string): string | null {
  for (const [path, value] of delta.leaves) {
    if (value !== feedbackId) continue;
    const name = pathKey(path).replaceAll(/\[\d+\]/g, '');
    if (name === 'userinterface.message.prompt.response.feedbackid')
      return 'someone in the room pressed Cancel';
    if (name === 'userinterface.message.prompt.cleared.feedbackid')
      return 'someone in the room closed the countdown';
  }
  return null;
}
