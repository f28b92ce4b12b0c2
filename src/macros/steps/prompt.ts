import { z } from 'zod';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { words } from '../../fleet/schema-forms.ts';
import { sleep } from '../../lib/abort.ts';
import type { OutputValues } from '../condition.ts';
import { type Step, type StepContext, StepError, type StepResult, stepProblem } from '../step.ts';
import { expandTemplate } from '../template.ts';
import { type AskEnd, askBothPlaces, checkAsked } from './also-ask.ts';
import {
  LONGEST_PROMPT_MS,
  MOST_OPTIONS,
  MOST_PROMPT_BYTES,
  type Prompt,
  type PromptEnd,
  whyUnseen,
  withPrompt,
} from './shown-prompt.ts';
import { checkShown, shownText } from './text-limit.ts';

const PromptArguments = z.strictObject({
  text: words({
    description: 'The question; at most 255 bytes of UTF-8.',
    examples: ['Do you still need the room?'],
  }),
  title: z
    .string()
    .default('')
    .meta({ description: 'Stands above the question.', examples: ['Booking'] }),
  options: z
    .array(words({ examples: ['Yes'] }))
    .min(1, { error: 'there is none; a prompt needs an answer to choose.' })
    .max(MOST_OPTIONS, { error: `a prompt has at most ${MOST_OPTIONS}.` })
    .meta({
      description: 'The answers to choose from, as buttons: one to five.',
      examples: [['Yes', 'No']],
    }),
  within: duration('How long it waits for an answer.').prefault('1m'),
  alsoAsk: words({
    description: 'A Webex notifier: its space is asked too, by the bot, and the first answer counts.',
    examples: ['ops'],
  }).optional(),
});

type PromptArguments = z.output<typeof PromptArguments>;

/** Asks the people in the room, and tells what they chose. Nobody's answer is an answer too: the run goes on. */
export const prompt: Step<PromptArguments> = {
  name: 'prompt',
  summary: 'Asks a question on the screen and waits for the answer.',
  page: {
    guards: [
      'Without a session over which roomd would see the answer it does not ask.',
      'The prompt is gone in every outcome, and so is the card in the space.',
      'Nobody who answers, or somebody who closes it, is no failure: `answered` is then false.',
      'In the space only operators may answer.',
    ],
    errors: ['refused: nobody would see the answer', 'failed: the session was lost meanwhile'],
    example: `- prompt: { text: Do you still need the room?, options: ["Yes", "No"], within: 2m, alsoAsk: ops }
  as: asked
- if: steps.asked.choice == 2
  then:
    - message: { text: Thank you }
`,
  },
  needsDevice: true,
  schema: PromptArguments,
  outputs: { answered: 'bool', choice: 'int', answer: 'string', by: 'string' },
  mayCatchUp: false,

  check({ text, title, options, within, alsoAsk }, context) {
    return [
      ...checkShown(['text'], text, context, MOST_PROMPT_BYTES),
      ...checkShown(['title'], title, context, MOST_PROMPT_BYTES),
      ...options.flatMap((option, at) => checkShown(['options', at], option, context, MOST_PROMPT_BYTES)),
      ...(within > LONGEST_PROMPT_MS
        ? [
            stepProblem(
              ['within'],
              `devices show a prompt for at most ${formatDuration(LONGEST_PROMPT_MS)} here.`,
            ),
          ]
        : []),
      ...(alsoAsk === undefined ? [] : checkAsked(['alsoAsk'], alsoAsk, context.fleet)),
    ];
  },

  waitMs: ({ within }) => within,

  describe: ({ text, options, within, alsoAsk }, { values }) =>
    `ask ${alsoAsk === undefined ? '' : `the room and ${alsoAsk} `}"${expandTemplate(text, values)}" (${options.map((option) => expandTemplate(option, values)).join(', ')}) and wait ${formatDuration(within)} for an answer`,

  async run(context, args) {
    const { values, device } = context;
    const filled = (text: string): string => shownText(text, values, MOST_PROMPT_BYTES);
    const texts = { title: filled(args.title), text: filled(args.text), options: args.options.map(filled) };
    const unseen = whyUnseen(device.session());
    if (unseen !== null) throw new StepError('refused', `did not ask: ${unseen}`);
    context.assertMayAct();
    const question = { ...texts, durationMs: args.within };
    const end =
      args.alsoAsk === undefined
        ? await askFor(context, question)
        : await askBothPlaces(context, question, { notifier: args.alsoAsk, askRoom: askFor });
    return resultOf(end, texts.options, args.within);
  },
};

/** What became of the prompt; null where nothing did in its time. */
async function askFor(context: StepContext, prompt: Prompt): Promise<PromptEnd | null> {
  const heard: { end: PromptEnd | null } = { end: null };
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  return await withPrompt(context, prompt, {
    signal: context.signal,
    onEnd: (end) => {
      heard.end ??= end;
      ended.abort();
    },
    work: async () => {
      await sleep(prompt.durationMs, context.clock, { signal }).catch((error: unknown) => {
        if (heard.end === null) throw error;
      });
      return heard.end;
    },
  });
}

const NOBODY: OutputValues = { answered: false, choice: 0, answer: '', by: '' };

function resultOf(end: AskEnd | null, options: readonly string[], withinMs: number): StepResult {
  if (end === null) return { result: `nobody answered within ${formatDuration(withinMs)}`, output: NOBODY };
  if (end.kind === 'closed') return { result: 'nobody answered: someone closed the prompt', output: NOBODY };
  if (end.kind === 'unseen')
    throw new StepError('failed', `${end.reason}, so roomd could not see whether someone answers`);
  const { option } = end;
  const answer = option === null ? undefined : options[option - 1];
  if (option === null || answer === undefined)
    throw new StepError('failed', 'someone answered, and the device did not say what');
  const by = end.kind === 'decided' ? end.by : '';
  return {
    result: `${by === '' ? 'someone' : by} chose "${answer}" (option ${option})`,
    output: { answered: true, choice: option, answer, by },
  };
}
