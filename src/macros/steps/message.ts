import { z } from 'zod';
import { formatDuration } from '../../fleet/duration.ts';
import { readDuration, Wrong } from '../../fleet/forms.ts';
import { form } from '../../fleet/schema-forms.ts';
import { type Step, stepProblem } from '../step.ts';
import { expandTemplate } from '../template.ts';
import { checkShown, shownText } from './text-limit.ts';

/** UserInterface Message Alert Display: Text and Title count UTF-8 bytes, Duration seconds. */
const MOST_BYTES = 255;
const MOST_MS = 3_600_000;

const MessageArguments = z.strictObject({
  text: z
    .string()
    .min(1, { error: 'it is empty.' })
    .meta({
      description: 'At most 255 bytes of UTF-8; {{device.name}} and the like are filled in.',
      examples: ['The stand-up begins in a minute'],
    }),
  title: z
    .string()
    .default('')
    .meta({ description: 'Stands above the text.', examples: ['Stand-up'] }),
  duration: form(readAlertDuration, {
    description: '10s when left out, at most 1h.',
    examples: ['30s'],
  }).optional(),
  until: z
    .literal('cleared')
    .optional()
    .meta({ description: 'Instead of a duration: it stays until something clears it.' }),
});

type MessageArguments = z.output<typeof MessageArguments>;

const DEFAULT_MS = 10_000;

/** Shows an alert on the screen. */
export const message: Step<MessageArguments> = {
  name: 'message',
  summary: 'Shows a text on the screen.',
  page: {
    guards: ['At most 255 bytes are shown; what is filled in is cut to that.'],
    errors: [],
    example: `- message: { title: Time, text: "Five minutes left in {{device.name}}", duration: 30s }
`,
  },
  needsDevice: true,
  schema: MessageArguments,
  mayCatchUp: true,

  check(args, context) {
    const both = args.until !== undefined && args.duration !== undefined;
    return [
      ...(both ? [stepProblem(['until'], 'give either a duration or `until: cleared`.')] : []),
      ...checkShown(['text'], args.text, context, MOST_BYTES),
      ...checkShown(['title'], args.title, context, MOST_BYTES),
    ];
  },

  waitMs: () => 0,

  describe: ({ text }, { values }) => `show "${expandTemplate(text, values)}" on the screen`,

  async run({ device, values, signal, assertMayAct }, args) {
    const text = shownText(args.text, values, MOST_BYTES);
    const title = shownText(args.title, values, MOST_BYTES);
    const durationMs = args.until === 'cleared' ? 0 : (args.duration ?? DEFAULT_MS);
    assertMayAct();
    await device.command(
      'UserInterface.Message.Alert.Display',
      { Text: text, ...(title === '' ? {} : { Title: title }), Duration: Math.ceil(durationMs / 1000) },
      { signal },
    );
    const long = args.until === 'cleared' ? 'until it is cleared' : `for ${formatDuration(durationMs)}`;
    return { result: `showed "${text}" ${long}` };
  },
};

function readAlertDuration(text: string): number | Wrong {
  if (/^\s*0/.test(text))
    return new Wrong(
      'a duration of 0 stays on the screen until something clears it: write `until: cleared` where that is meant.',
    );
  const ms = readDuration(text);
  return typeof ms === 'number' && ms > MOST_MS ? new Wrong('devices show a message for at most 1h.') : ms;
}
