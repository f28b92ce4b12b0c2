import { type ZodType, z } from 'zod';
import { duration } from '../fleet/duration.ts';
import { integer, words } from '../fleet/schema-forms.ts';
import type { Block, ScriptNode } from './script.ts';
import { STEPS, type StepName } from './steps/registry.ts';

const STEP_NAMES = Object.keys(STEPS) as StepName[];
const MOST_STEPS = 50;

/** A list of steps. Its elements hold such lists too. */
export const BlockFile: ZodType<Block> = z
  .array(z.lazy(() => NodeFile))
  .min(1, { error: 'there is no step in it; leave it out, or put one in.' })
  .max(MOST_STEPS, { error: `at most ${MOST_STEPS} steps stand in one list.` })
  .meta({ id: 'MacroSteps' });

const condition = (description: string) =>
  z
    .string()
    .min(1, { error: 'the condition is empty.' })
    .meta({ description, examples: ["presence == 'no'"] });

/** Each kind of step under its name; all are optional, as an element holds one of them. */
const stepFields = Object.fromEntries(
  STEP_NAMES.map((name) => [name, STEPS[name].schema.optional().meta({ description: STEPS[name].summary })]),
);

const Each = z
  .strictObject({
    devices: words({ description: 'A selector of the devices.', examples: ['site=oslo'] }),
    parallel: integer()
      .min(1, { error: 'at least 1.' })
      .max(64, { error: 'at most 64.' })
      .default(4)
      .meta({ description: 'So many devices at a time.' }),
    steps: BlockFile.meta({ description: 'What is done on each.' }),
  })
  .meta({ description: 'The same steps on several devices.' });

const WaitFor = z
  .strictObject({
    condition: condition('What is waited for.'),
    within: duration('No longer than this.'),
    onTimeout: z
      .enum(['fail', 'continue'])
      .default('fail')
      .meta({ description: 'continue: the run goes on all the same, and `met` of its name is false.' }),
  })
  .meta({ description: 'Waits until a condition is true.' });

const Retry = z
  .strictObject({
    times: integer()
      .min(2, { error: 'at least 2: the first attempt is one of them.' })
      .max(20, { error: 'at most 20.' })
      .default(3)
      .meta({ description: 'Attempts in all.' }),
    every: duration('Between two attempts.').prefault('10s'),
    steps: BlockFile.meta({ description: 'What is tried.' }),
  })
  .meta({ description: 'Tries its steps again where one of them fails.' });

const NodeFile: ZodType<ScriptNode> = z
  .strictObject({
    ...stepFields,
    if: condition('With then: which way to go. On a step: it is left out unless this is true.').optional(),
    then: BlockFile.optional().meta({ description: 'What is done where the condition is true.' }),
    else: BlockFile.optional().meta({ description: 'What is done where it is not.' }),
    each: Each.optional(),
    waitFor: WaitFor.optional(),
    retry: Retry.optional(),
    as: z
      .string()
      .regex(/^[a-z][a-zA-Z0-9]*$/, {
        error: 'a name is letters and digits, and begins with a small letter.',
      })
      .optional()
      .meta({
        description: 'A name: later steps see what it told as `steps.NAME.FIELD`.',
        examples: ['answer'],
      }),
    onError: z
      .union([z.literal('continue'), BlockFile])
      .optional()
      .meta({ description: '`continue`, or steps: what is done where it fails; then the run goes on.' }),
  })
  .meta({
    id: 'MacroStep',
    description: `One of ${STEP_NAMES.join(', ')}, with its arguments; or if with then, each, waitFor, retry.`,
    examples: [{ wait: '30s' }],
  })
  .transform((file, context): ScriptNode => {
    const node = nodeOf(file as NodeText);
    if (typeof node !== 'string') return node;
    context.addIssue({ code: 'custom', message: node });
    return z.NEVER;
  });

type NodeText = Partial<Record<StepName, unknown>> & {
  readonly if?: string;
  readonly then?: Block;
  readonly else?: Block;
  readonly each?: z.output<typeof Each>;
  readonly waitFor?: z.output<typeof WaitFor>;
  readonly retry?: z.output<typeof Retry>;
  readonly as?: string;
  readonly onError?: 'continue' | Block;
};

/** What an element of the list is, or what is wrong with it. */
function nodeOf(file: NodeText): ScriptNode | string {
  const steps = STEP_NAMES.filter((name) => file[name] !== undefined);
  const ways = (['each', 'waitFor', 'retry'] as const).filter((name) => file[name] !== undefined);
  const kinds = [...steps, ...ways, ...(file.then === undefined ? [] : ['if with then'])];
  if (kinds.length > 1) return `${kinds.join(' and ')} are steps of their own: begin each with "- ".`;
  if (file.else !== undefined && file.then === undefined) return '`else` needs an `if` with `then`.';
  if (file.then !== undefined) return ifNode(file);
  const [step] = steps;
  if (step !== undefined)
    return { kind: 'step', name: step, args: file[step], only: file.if ?? null, ...common(file) };
  if (file.if !== undefined) return '`if` needs `then`, or a step that it decides about.';
  return (
    wayNode(file) ??
    `a step is one of ${STEP_NAMES.join(', ')}, with its arguments; or if with then, each, waitFor, retry.`
  );
}

function ifNode({
  if: condition,
  then = [],
  else: otherwise = [],
  as,
  onError,
}: NodeText): ScriptNode | string {
  if (condition === undefined) return '`then` needs an `if` beside it.';
  if (as !== undefined || onError !== undefined)
    return '`as` and `onError` belong to the steps within, not to an `if` with `then`.';
  return { kind: 'if', condition, then, else: otherwise };
}

function wayNode(file: NodeText): ScriptNode | null {
  const { each, waitFor, retry } = file;
  if (each !== undefined) return { kind: 'each', ...each, ...common(file) };
  if (waitFor !== undefined)
    return {
      kind: 'waitFor',
      condition: waitFor.condition,
      withinMs: waitFor.within,
      mayTimeOut: waitFor.onTimeout === 'continue',
      ...common(file),
    };
  if (retry === undefined) return null;
  return { kind: 'retry', times: retry.times, everyMs: retry.every, steps: retry.steps, ...common(file) };
}

function common({ as, onError }: NodeText): { as: string | null; onError: Block | null } {
  return { as: as ?? null, onError: onError === 'continue' ? [] : (onError ?? null) };
}
