import type { Fleet } from '../../fleet/fleet.ts';
import { messageOf } from '../../lib/errors.ts';
import { didYouMean } from '../../lib/suggest.ts';
import type { SpaceAnswer } from '../ports.ts';
import { type StepContext, type StepProblem, stepProblem } from '../step.ts';
import type { Prompt, PromptEnd } from './shown-prompt.ts';

/** What became of a question that may have been asked in a space too. */
export type AskEnd =
  | PromptEnd
  /** In the space; `by` is an address. */
  | { readonly kind: 'decided'; readonly option: number; readonly by: string };

/** Whether people of a notifier can be asked, and not only told. */
export function checkAsked(
  path: readonly (string | number)[],
  name: string,
  { notifiers, sections }: Fleet,
): StepProblem[] {
  const notifier = notifiers[name];
  if (notifier === undefined)
    return [stepProblem(path, `there is no notifier "${name}".${didYouMean(name, Object.keys(notifiers))}`)];
  if (!('webex' in notifier))
    return [stepProblem(path, `"${name}" is no Webex notifier, so nobody there can answer.`)];
  return sections.has('chat')
    ? []
    : [stepProblem(path, 'the answer is heard by the bot: write `chat:` with those who may answer.')];
}

/** Why one of two questions is withdrawn; it is told where it was asked. */
class AnsweredElsewhere extends Error {}

/**
 * Asks the room and a space at once. The first answer counts, and the other
 * question is withdrawn with it; closing the prompt is no answer. Where the
 * space cannot be asked, the room alone is.
 */
export async function askBothPlaces(
  context: StepContext,
  prompt: Prompt,
  {
    notifier,
    askRoom,
  }: {
    readonly notifier: string;
    readonly askRoom: (context: StepContext, prompt: Prompt) => Promise<PromptEnd | null>;
  },
): Promise<AskEnd | null> {
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const found: { first: AskEnd | null } = { first: null };
  const settle = (end: AskEnd | null, words: string): void => {
    if (found.first !== null || (end?.kind !== 'answered' && end?.kind !== 'decided')) return;
    found.first = end;
    ended.abort(new AnsweredElsewhere(words));
  };
  const space = askSpace({ ...context, signal }, prompt, notifier).then((end) => {
    settle(end, 'answered in the space');
    return end;
  });
  const room = askRoom({ ...context, signal }, prompt).then((end) => {
    settle(end, inTheRoom(end, prompt));
    return end;
  });
  const outcomes = await Promise.allSettled([room, space]);
  if (found.first !== null) return found.first;
  context.signal.throwIfAborted();
  const [ofRoom] = outcomes;
  if (ofRoom.status === 'rejected') throw ofRoom.reason;
  return ofRoom.value;
}

async function askSpace(
  { ports, desired, signal, runId, macro }: StepContext,
  { title, text, options, durationMs }: Prompt,
  notifier: string,
): Promise<AskEnd | null> {
  const head = title === '' ? desired.name : `${desired.name}, ${title}`;
  let answer: SpaceAnswer;
  try {
    answer = await ports.ask(
      notifier,
      { text: `${head}: ${text}`, options, withinMs: durationMs },
      { signal },
    );
  } catch (error) {
    if (!signal.aborted)
      ports.log({
        run: runId,
        macro,
        device: desired.name,
        text: `${notifier} could not be asked: ${messageOf(error)}`,
      });
    return null;
  }
  return answer.answered ? { kind: 'decided', option: answer.choice, by: answer.by } : null;
}

function inTheRoom(end: PromptEnd | null, { options }: Prompt): string {
  const option = end?.kind === 'answered' && end.option !== null ? options[end.option - 1] : undefined;
  return option === undefined ? 'somebody in the room answered' : `somebody in the room chose **${option}**`;
}
