import { z } from 'zod';
import { formatDuration } from '../../fleet/duration.ts';
import { readDuration, Wrong } from '../../fleet/forms.ts';
import { cutOffReason } from '../../fleet/rollout/cut-off.ts';
import { form, words } from '../../fleet/schema-forms.ts';
import { isSecretPath } from '../../fleet/secret-paths.ts';
import { canonicalPath, PathError, pathKey } from '../../xapi/path.ts';
import { type Step, type StepProblem, stepProblem } from '../step.ts';

const RUN = 'run';
const LONGEST_MS = 30 * 86_400_000;

const SetArguments = z.strictObject({
  configuration: z
    .record(z.string(), words({ examples: ['Off'] }))
    .refine((settings) => Object.keys(settings).length > 0, { error: 'there is no setting in it.' })
    .meta({
      description: 'xConfiguration settings, by whole dotted paths.',
      examples: [{ 'Audio.SoundsAndAlerts.RingVolume': '0' }],
    }),
  for: form(readTerm, {
    description: 'How long, at most 30d; `run`: until the run ends. Then it is put back.',
    examples: ['2h', 'run'],
  }),
});

type SetArguments = z.output<typeof SetArguments>;

/** Writes settings for a time; what was before is put back, also after a crash. */
export const set: Step<SetArguments> = {
  name: 'set',
  summary: 'Changes settings for a time, and puts them back.',
  page: {
    guards: [
      'What was before is on record before the device hears of it, and is put back when the time is over, also after a crash.',
      'Only a value that is still the macro’s is put back; what somebody changed meanwhile stays.',
      'Secrets, and settings that can cut roomd off, are refused, and so is another value for what is set already.',
    ],
    errors: [
      'refused: the setting may not be set, or is set by another macro',
      'failed: the device did not take it; what was changed is put back',
    ],
    example: `- set: { configuration: { Audio.DefaultVolume: "20" }, for: 2h }
`,
  },
  needsDevice: true,
  schema: SetArguments,
  mayCatchUp: false,

  check({ configuration }) {
    const seen = new Set<string>();
    return Object.keys(configuration).flatMap((text): StepProblem[] => {
      const wrong = whyWrong(text, seen);
      return wrong === null ? [] : [stepProblem(['configuration', text], wrong)];
    });
  },

  waitMs: () => 0,

  describe: (args) =>
    `set ${Object.entries(args.configuration)
      .map(([path, value]) => `${path} to ${value}`)
      .join(', ')} ${termText(args.for)}`,

  async run({ runId, macro, device, signal, clock, ports, assertMayAct }, args) {
    const settings = Object.entries(args.configuration).map(([path, value]) => ({
      path: canonicalPath(path),
      value,
    }));
    const untilAt = args.for === RUN ? null : clock.now() + args.for;
    const request = { runId, macro, device, settings, untilAt, signal, assertMayAct };
    const done = await ports.settings.lend(request);
    const said = done.set.map(({ path, value }) => `${path} to ${value}`);
    const set = said.length === 0 ? '' : `set ${said.join(', ')} ${termText(args.for)}`;
    const already = done.already.map(({ path, value }) => `${path} was ${value} already`).join(', ');
    return {
      result: [set, already].filter((part) => part !== '').join('; ') || `goes on ${termText(args.for)}`,
    };
  },
};

function readTerm(text: string): number | typeof RUN | Wrong {
  if (text.trim() === RUN) return RUN;
  const ms = readDuration(text);
  return typeof ms === 'number' && ms > LONGEST_MS
    ? new Wrong('at most 30d; what is to stay belongs into the device’s configuration.')
    : ms;
}

function termText(term: number | typeof RUN): string {
  return term === RUN ? 'until the run ends' : `for ${formatDuration(term)}`;
}

/** @param seen the paths before it */
function whyWrong(text: string, seen: Set<string>): string | null {
  try {
    const path = canonicalPath(text);
    if (seen.has(pathKey(path))) return `${path} is set twice here.`;
    seen.add(pathKey(path));
    if (isSecretPath(path)) return `${path} is a secret, which cannot be read and put back.`;
    const cutOff = cutOffReason(path);
    return cutOff === null ? null : `${path} can cut roomd off (${cutOff}), so no macro sets it.`;
  } catch (error) {
    if (error instanceof PathError) return `${error.message}.`;
    throw error;
  }
}
