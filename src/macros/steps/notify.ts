import { z } from 'zod';
import type { Fleet } from '../../fleet/fleet.ts';
import { didYouMean } from '../../lib/suggest.ts';
import { type Step, type StepProblem, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';

const NotifyArguments = z.strictObject({
  to: z
    .string()
    .min(1)
    .meta({ description: 'A name under notifiers.', examples: ['ops'] }),
  markdown: z
    .string()
    .min(1)
    .meta({
      description: '{{device.name}} and the like are filled in.',
      examples: ['**{{device.name}}** joined'],
    }),
});

type NotifyArguments = z.output<typeof NotifyArguments>;

/** Tells people, through the outbox: done once the message is committed, delivered when the service takes it. */
export const notify: Step<NotifyArguments> = {
  name: 'notify',
  summary: 'Tells people.',
  page: {
    guards: ['It is done when the message is safely in the outbox; a service that is down loses nothing.'],
    errors: ['an error of the database, in which the outbox lies'],
    example: `- notify: { to: ops, markdown: "**{{device.name}}** has people in it at {{localTime}}" }
`,
  },
  needsDevice: false,
  schema: NotifyArguments,
  mayCatchUp: true,

  check({ to, markdown }, context) {
    return [
      ...checkNotifier(['to'], to, context.fleet),
      ...checkTemplate(markdown, context).map((problem) => stepProblem(['markdown'], problem)),
    ];
  },

  waitMs: () => 0,

  describe: ({ to, markdown }, { values }) => `tell ${to}: ${expandTemplate(markdown, values)}`,

  async run({ values, ports, assertMayAct }, { to, markdown }) {
    assertMayAct();
    const id = await ports.enqueue(to, { markdown: expandTemplate(markdown, values) });
    return { result: `message ${id} to ${to} is in the outbox` };
  },
};

/** What is wrong with the name of a notifier that is to take a message. */
export function checkNotifier(path: StepProblem['path'], name: string, { notifiers }: Fleet): StepProblem[] {
  const notifier = notifiers[name];
  if (notifier === undefined) {
    const known = Object.keys(notifiers);
    const declared =
      known.length === 0 ? ': declare it under notifiers' : `; declared are ${known.join(', ')}`;
    return [stepProblem(path, `there is no notifier "${name}"${declared}.${didYouMean(name, known)}`)];
  }
  return 'alertmanager' in notifier
    ? [stepProblem(path, `"${name}" is an Alertmanager, which takes alerts and no messages.`)]
    : [];
}
