import { z } from 'zod';
import { didYouMean } from '../../lib/suggest.ts';
import { type Step, stepProblem } from '../step.ts';
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
  needsDevice: false,
  schema: NotifyArguments,
  mayCatchUp: true,

  check({ to, markdown }, context) {
    const { fleet } = context;
    const known = Object.keys(fleet.notifiers);
    const notifier = fleet.notifiers[to];
    return [
      ...(notifier !== undefined && 'alertmanager' in notifier
        ? [stepProblem(['to'], `"${to}" is an Alertmanager, which takes alerts and no messages.`)]
        : []),
      ...(known.includes(to)
        ? []
        : [
            stepProblem(
              ['to'],
              `there is no notifier "${to}"${known.length === 0 ? ': declare it under notifiers' : `; declared are ${known.join(', ')}`}.${didYouMean(to, known)}`,
            ),
          ]),
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
