import { type ZodType, z } from 'zod';
import { RULES, type RuleName } from '../alerts/rules/registry.ts';
import { duration } from '../fleet/duration.ts';
import { readDuration, readTokenHash, Wrong } from '../fleet/forms.ts';
import { form, words } from '../fleet/schema-forms.ts';
import { parseExpression } from '../xapi/expression.ts';
import { formatPath, PathError } from '../xapi/path.ts';
import type { Trigger } from './trigger.ts';

const Schedule = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .meta({
    description: 'Five cron fields (minute hour day-of-month month day-of-week), or a list of such.',
    examples: ['55 8 * * 1-5'],
  });

const Feedback = z
  .strictObject({
    path: form(readPlace, {
      description: 'What the device tells of, as in feedback expressions.',
      examples: ['/Status/Standby/State'],
    }),
    value: words({ description: 'Only where it is this.', examples: ['Standby'] }).optional(),
    where: z
      .record(z.string(), words({}))
      .default({})
      .meta({
        description: 'Only where these leaves below the path are so.',
        examples: [{ Type: 'pressed' }],
      }),
  })
  .meta({ description: 'The device tells of something.' });

const Presence = z
  .strictObject({
    is: z.enum(['yes', 'no', 'unknown']).meta({ description: 'What is known of people in the room.' }),
    for: duration('For so long without a break.'),
  })
  .meta({
    description: 'Once for each stretch of time; a device tells of an empty room about two minutes late.',
  });

const Booking = z
  .strictObject({
    at: z.enum(['start', 'end']).meta({ description: 'Its start or its end, as scheduled.' }),
    offset: form(readOffset, {
      description: 'So long after, or before with a minus; at that moment where nothing is said.',
      examples: ['10m', '-5m'],
    }).default(0),
  })
  .meta({ description: 'A booking starts or ends.' });

const Alert = z
  .strictObject({
    rule: z
      .enum(Object.keys(RULES) as [RuleName, ...RuleName[]])
      .optional()
      .meta({ description: 'Any rule where nothing is said.' }),
    on: z
      .enum(['opened', 'resolved'])
      .default('opened')
      .meta({ description: 'When it opens, or when it is over.' }),
  })
  .meta({ description: 'An alert about the device opens or is over.' });

const Widget = z
  .strictObject({
    id: words({ description: 'The widget’s id.', examples: ['lights'] }),
    type: words({ description: 'Only this kind of touch.', examples: ['pressed'] }).optional(),
    value: words({ description: 'Only this value.', examples: ['increment'] }).optional(),
  })
  .meta({ description: 'Somebody touches a widget on the device.' });

const Http = z
  .strictObject({
    tokenHash: form(readTokenHash, {
      description: 'Of the token that the caller has, as `roomd token create --print` shows it.',
      examples: ['scrypt:…'],
    }),
  })
  .meta({ description: 'A program posts to /api/v1/macros/NAME/trigger.' });

const word = (description: string) => form(readWord, { description, examples: ['cleaning'] });

const READERS = {
  schedule: [Schedule, (schedules: string[]): Trigger => ({ kind: 'schedule', schedules })],
  feedback: [Feedback, feedbackOf],
  presence: [
    Presence,
    ({ is, for: forMs }: z.output<typeof Presence>): Trigger => ({ kind: 'presence', is, forMs }),
  ],
  booking: [
    Booking,
    ({ at, offset }: z.output<typeof Booking>): Trigger => ({ kind: 'booking', at, offsetMs: offset }),
  ],
  call: [
    z.enum(['start', 'end']).meta({ description: 'A call begins or ends.' }),
    (on: 'start' | 'end'): Trigger => ({ kind: 'call', on }),
  ],
  alert: [
    Alert,
    ({ rule = null, on }: { rule?: string | null; on: 'opened' | 'resolved' }): Trigger => ({
      kind: 'alert',
      rule,
      on,
    }),
  ],
  panel: [
    words({ description: 'Somebody presses this panel’s button.', examples: ['help'] }),
    (id: string): Trigger => ({ kind: 'panel', id }),
  ],
  widget: [
    Widget,
    ({
      id,
      type = null,
      value = null,
    }: {
      id: string;
      type?: string | null;
      value?: string | null;
    }): Trigger => ({
      kind: 'widget',
      id,
      type,
      value,
    }),
  ],
  http: [Http, ({ tokenHash }: { tokenHash: string }): Trigger => ({ kind: 'http', tokenHash })],
  chat: [
    word('An operator says this word to the bot.'),
    (said: string): Trigger => ({ kind: 'chat', word: said }),
  ],
  card: [
    word('An operator presses a button with this word on a card that a space step posted.'),
    (pressed: string): Trigger => ({ kind: 'card', word: pressed }),
  ],
} as const;

type Key = keyof typeof READERS;
const KEYS = Object.keys(READERS) as Key[];

const TriggerFile = z
  .strictObject(Object.fromEntries(KEYS.map((key) => [key, (READERS[key][0] as ZodType).optional()])))
  .meta({
    id: 'MacroTrigger',
    description: `One of ${KEYS.join(', ')}.`,
    minProperties: 1,
    maxProperties: 1,
    examples: [{ schedule: '55 8 * * 1-5' }],
  })
  .transform((file, context): Trigger => {
    const [key, ...others] = KEYS.filter((known) => file[known] !== undefined);
    // Each reader gets what the schema beside it returned.
    if (key !== undefined && others.length === 0)
      return (READERS[key][1] as (value: unknown) => Trigger)(file[key]);
    context.addIssue({
      code: 'custom',
      message:
        key === undefined
          ? `a trigger is one of ${KEYS.join(', ')}.`
          : `${[key, ...others].join(' and ')} are triggers of their own: write a list, and begin each with "- ".`,
    });
    return z.NEVER;
  });

/** What stands under `when`: one trigger, or a list of which any sets the macro off. */
export const When = z
  .union([TriggerFile.transform((one) => [one]), z.array(TriggerFile).min(1).max(20)])
  .meta({ description: 'When it runs by itself; without it, it runs only by hand.' });

interface PlaceInTree {
  readonly tree: 'Status' | 'Event' | 'Configuration';
  readonly path: string;
}

function readPlace(text: string): PlaceInTree | Wrong {
  try {
    const { tree, path } = parseExpression(text);
    return { tree, path: formatPath(path) };
  } catch (error) {
    if (error instanceof PathError) return new Wrong(error.message);
    throw error;
  }
}

function feedbackOf({ path: place, value, where }: z.output<typeof Feedback>): Trigger {
  return { kind: 'feedback', ...place, where: value === undefined ? where : { ...where, '': value } };
}

/** One word, in lower case: people write it as they like. */
function readWord(text: string): string | Wrong {
  if (/^[\p{L}\d][\p{L}\d_-]{0,39}$/u.test(text)) return text.toLowerCase();
  return new Wrong(`"${text}" is not one word: it takes letters, digits and dashes, at most 40.`);
}

function readOffset(text: string): number | Wrong {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const isBefore = trimmed.startsWith('-');
  const ms = readDuration(isBefore ? trimmed.slice(1) : trimmed);
  return typeof ms === 'number' && isBefore ? -ms : ms;
}
