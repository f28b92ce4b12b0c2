import type { Delta, SessionStatus } from '../../xapi/device.ts';
import { pathKey } from '../../xapi/path.ts';
import type { StepContext } from '../step.ts';

/** UserInterface Message Prompt Display: title, text and each option count UTF-8 bytes. */
export const MOST_PROMPT_BYTES = 255;
export const MOST_OPTIONS = 5;

/** The prompt outlives what it is for, and ends by itself should roomd not be able to clear it. */
const MARGIN_MS = 30_000;
/** The command takes a duration of up to an hour. */
export const LONGEST_PROMPT_MS = 3_600_000 - MARGIN_MS;

export interface Prompt {
  readonly title: string;
  readonly text: string;
  /** One to five. */
  readonly options: readonly string[];
  /** At most `LONGEST_PROMPT_MS`. */
  readonly durationMs: number;
}

/** What becomes of a prompt while somebody follows it. */
export type PromptEnd =
  /** By number, from 1; null where the device does not say which. */
  | { readonly kind: 'answered'; readonly option: number | null }
  | { readonly kind: 'closed' }
  /** The session that would bring an answer is not there. */
  | { readonly kind: 'unseen'; readonly reason: string };

/** Null where an answer to a prompt would be seen, else why not. */
export function whyUnseen({ state, reason }: SessionStatus): string | null {
  return state === 'up' ? null : `there is no session to the device (${reason ?? state})`;
}

/**
 * Shows a prompt while `work` goes on, and takes it away in every outcome.
 * @param onEnd told of each answer, of its being closed, and of the loss of the session
 */
export async function withPrompt<T>(
  { device, runId, clock }: StepContext,
  { title, text, options, durationMs }: Prompt,
  { signal, onEnd, work }: { signal: AbortSignal; onEnd: (end: PromptEnd) => void; work: () => Promise<T> },
): Promise<T> {
  // One run may show several, and what is heard of one must not count for the next.
  const feedbackId = `roomd-${runId}-${clock.now()}`;
  const unsubscribe = device.subscribe((news) => {
    if (news.type === 'status') {
      const reason = whyUnseen(news.status);
      if (reason !== null) onEnd({ kind: 'unseen', reason });
    }
    const end = news.type === 'delta' && news.delta.tree === 'Event' ? endOf(news.delta, feedbackId) : null;
    if (end !== null) onEnd(end);
  });
  try {
    await device.command(
      'UserInterface.Message.Prompt.Display',
      {
        ...(title === '' ? {} : { Title: title }),
        Text: text,
        FeedbackId: feedbackId,
        ...Object.fromEntries(options.map((option, at) => [`Option.${at + 1}`, option])),
        Duration: Math.ceil((durationMs + MARGIN_MS) / 1000),
      },
      { signal },
    );
    return await work();
  } finally {
    unsubscribe();
    // What came of the work matters more, and the prompt's own duration ends it too.
    await device
      .command('UserInterface.Message.Prompt.Clear', { FeedbackId: feedbackId })
      .catch(() => undefined);
  }
}

const RESPONSE = 'userinterface.message.prompt.response';

function endOf(delta: Delta, feedbackId: string): PromptEnd | null {
  // Events may carry `[1]` at every level.
  const leaves = new Map(
    [...delta.leaves].map(([path, value]) => [pathKey(path).replaceAll(/\[\d+\]/g, ''), value]),
  );
  if (leaves.get('userinterface.message.prompt.cleared.feedbackid') === feedbackId) return { kind: 'closed' };
  if (leaves.get(`${RESPONSE}.feedbackid`) !== feedbackId) return null;
  const option = Number(leaves.get(`${RESPONSE}.optionid`));
  return { kind: 'answered', option: Number.isInteger(option) ? option : null };
}
