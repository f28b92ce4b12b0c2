import { z } from 'zod';
import { readCommandPath } from '../../fleet/forms.ts';
import { form } from '../../fleet/schema-forms.ts';
import { type Step, type StepContext, StepError, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';
import { whyDenied } from './denied-commands.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]);

const CommandArguments = z.strictObject({
  path: form(readCommandPath, { description: 'An xCommand.', examples: ['Standby.Halfwake'] }),
  arguments: z
    .record(z.string(), z.union([Scalar, z.array(z.union([z.string(), z.number()]))]))
    .default({})
    .meta({
      description: 'The command’s arguments; a list repeats the argument.',
      examples: [{ Level: 50 }],
    }),
  body: z
    .string()
    .optional()
    .meta({
      description: 'Multiline text, for commands that take one.',
      examples: ['Welcome'],
    }),
});

type CommandArguments = z.output<typeof CommandArguments>;

/** Runs any xCommand that is not among the dangerous ones. */
export const command: Step<CommandArguments> = {
  name: 'command',
  summary: 'Runs an xCommand.',
  page: {
    guards: [
      'Commands with lasting effects are refused unless `commands.allow` names them; so are those that start or answer calls or open microphones.',
    ],
    errors: ['refused: the command is not allowed'],
    example: `- command: { path: UserInterface.Message.TextLine.Display, arguments: { Text: Welcome, Duration: 60 } }
`,
  },
  needsDevice: true,
  schema: CommandArguments,
  mayCatchUp: true,

  check(args, context) {
    const why = whyDenied(args.path, context.fleet.commands.allow);
    const texts = Object.entries(args.arguments).filter(([, value]) => typeof value === 'string');
    return [
      ...(why === null ? [] : [stepProblem(['path'], denial(args.path, why))]),
      ...texts.flatMap(([name, text]) =>
        checkTemplate(String(text), context).map((problem) => stepProblem(['arguments', name], problem)),
      ),
    ];
  },

  waitMs: () => 0,

  describe: ({ path }) => `run xCommand ${path}`,

  async run(context, args) {
    const { device, signal, fleet } = context;
    const { path } = args;
    const why = whyDenied(path, fleet.commands.allow);
    if (why !== null) throw new StepError('refused', denial(path, why));
    context.assertMayAct();
    const result = await device.command(path, expanded(args, context), {
      signal,
      ...(args.body === undefined ? {} : { body: args.body }),
    });
    const answer = [...result].slice(0, 5).map(([leaf, value]) => `${leaf} ${value}`);
    return { result: `ran xCommand ${path}${answer.length === 0 ? '' : `: ${answer.join(', ')}`}` };
  },
};

function denial(path: string, why: string): string {
  return `xCommand ${path} is not for macros: ${why}. Where it is meant nevertheless, list it under commands.allow`;
}

function expanded(args: CommandArguments, { values }: StepContext): CommandArguments['arguments'] {
  return Object.fromEntries(
    Object.entries(args.arguments).map(([name, value]) => [
      name,
      typeof value === 'string' ? expandTemplate(value, values) : value,
    ]),
  );
}
