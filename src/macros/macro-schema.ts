import { z } from 'zod';
import { duration } from '../fleet/duration.ts';
import { readTimezone } from '../fleet/forms.ts';
import { form, integer, words } from '../fleet/schema-forms.ts';
import { BlockFile } from './script-schema.ts';
import { When } from './trigger-schema.ts';

const Rate = z
  .strictObject({
    most: integer()
      .min(1, { error: 'at least 1.' })
      .meta({ description: 'So many runs at most.', examples: [3] }),
    per: duration('Within any such time.'),
  })
  .meta({ description: 'How often it may run on a device.', examples: [{ most: 3, per: '1h' }] });

/** A chore that runs in the daemon, as the file has it; durations are milliseconds. */
export const Macro = z
  .strictObject({
    name: words({ description: 'What the macro is called; each name once.', examples: ['morning-standup'] }),
    description: words({
      description: 'What it is for, shown beside its name.',
      examples: ['Joins the stand-up where somebody is in the room'],
    }).optional(),
    when: When.optional(),
    devices: words({
      description: 'A selector of the devices it is for.',
      examples: ['site=oslo & tag:standup'],
    }),
    scope: z.enum(['device', 'fleet']).default('device').meta({
      description:
        'device: each device has a run of its own; fleet: one run, whose steps say on which devices (`each`).',
    }),
    if: z
      .string()
      .optional()
      .meta({
        description: 'A condition in CEL; it runs only where that is true.',
        examples: ["presence == 'yes' && !inCall"],
      }),
    steps: BlockFile.default([]).meta({ description: 'What it does, one step after another.' }),
    script: words({
      description:
        'Instead of steps: a JavaScript file that does them; its path counts from the folder of this file.',
      examples: ['macros/standup.js'],
    }).optional(),
    onError: BlockFile.optional().meta({
      description: 'What is done where a step fails; the run has failed all the same.',
    }),
    finally: BlockFile.optional().meta({
      description: 'What is done at the end, however the run went; it has a minute for it.',
    }),
    onlyWhenFree: z.boolean().default(false).meta({
      description: 'true: it runs only where the room is surely free, asked of the device at that moment.',
    }),
    overlap: z.enum(['skip', 'wait']).default('skip').meta({
      description: 'What becomes of a run while the one before still goes on, on that device.',
    }),
    concurrency: integer()
      .min(1, { error: 'at least 1.' })
      .max(256, { error: 'at most 256.' })
      .optional()
      .meta({ description: 'So many devices at a time; 256 where nothing is said.', examples: [8] }),
    rate: Rate.optional(),
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

/** The cron texts of a macro's triggers. */
export function schedulesOf({ when = [] }: Macro): string[] {
  return when.flatMap((trigger) => (trigger.kind === 'schedule' ? trigger.schedules : []));
}
