import { z } from 'zod';
import { duration } from '../fleet/duration.ts';
import { readTimezone } from '../fleet/forms.ts';
import { form, words } from '../fleet/schema-forms.ts';
import { STEPS, type StepName } from './steps/registry.ts';

/** One step of a macro: its name and the arguments that its own schema read. */
export interface StepCall {
  readonly name: StepName;
  readonly args: unknown;
}

const STEP_NAMES = Object.keys(STEPS) as StepName[];

/** Written as one name with its arguments: `- wait: 30s`. */
const StepFile = z
  .strictObject({
    dial: STEPS.dial.schema
      .optional()
      .meta({ description: 'Calls, after a countdown that anyone in the room can cancel, muted.' }),
    disconnect: STEPS.disconnect.schema.optional().meta({ description: 'Hangs up.' }),
    wait: STEPS.wait.schema.optional(),
    message: STEPS.message.schema.optional().meta({ description: 'Shows a text on the screen.' }),
    command: STEPS.command.schema.optional().meta({ description: 'Runs an xCommand.' }),
    notify: STEPS.notify.schema.optional().meta({ description: 'Tells people.' }),
  })
  .meta({
    id: 'MacroStep',
    description: `One of ${STEP_NAMES.join(', ')}, with its arguments.`,
    minProperties: 1,
    maxProperties: 1,
    examples: [{ wait: '30s' }],
  })
  .transform((step, context): StepCall => {
    const [name, ...others] = STEP_NAMES.filter((known) => step[known] !== undefined);
    if (name !== undefined && others.length === 0) return { name, args: step[name] };
    context.addIssue({
      code: 'custom',
      message:
        name === undefined
          ? `a step is one of ${STEP_NAMES.join(', ')}, with its arguments.`
          : `${[name, ...others].join(' and ')} are steps of their own: begin each with "- ".`,
    });
    return z.NEVER;
  });

/** A chore that runs in the daemon, as the file has it; durations are milliseconds. */
export const Macro = z
  .strictObject({
    name: words({ description: 'What the macro is called; each name once.', examples: ['morning-standup'] }),
    when: z
      .strictObject({
        schedule: z
          .union([z.string(), z.array(z.string()).min(1)])
          .transform((given) => (typeof given === 'string' ? [given] : given))
          .meta({
            description: 'Five cron fields (minute hour day-of-month month day-of-week), or a list of such.',
            examples: ['55 8 * * 1-5'],
          }),
      })
      .optional()
      .meta({ description: 'When it runs by itself; without it, it runs only by hand.' }),
    devices: words({
      description: 'A selector of the devices it is for.',
      examples: ['site=oslo & tag:standup'],
    }),
    if: z
      .string()
      .optional()
      .meta({
        description: 'A condition in CEL; it runs only where that is true.',
        examples: ["presence == 'yes' && !inCall"],
      }),
    steps: z
      .array(StepFile)
      .min(1, { error: 'a macro needs at least one step.' })
      .max(50, { error: 'a macro has at most 50 steps.' })
      .meta({ description: 'What it does, one step after another.' }),
    deadline: duration('After this long a run is given up.').prefault('10m'),
    catchUp: duration(
      'A run missed at most this long ago is made up; without it, missed runs are skipped.',
    ).optional(),
    enabled: z.boolean().default(true).meta({ description: 'false puts it to rest.' }),
    timezone: form(readTimezone, {
      description: 'Whose wall clock the schedule means; each device’s own when left out.',
      examples: ['Europe/Oslo'],
    }).optional(),
    unmuted: z
      .boolean()
      .default(false)
      .meta({ description: 'Must be true for a macro whose dial step says `muted: false`.' }),
  })
  .meta({ id: 'Macro' });
export type Macro = z.output<typeof Macro>;
