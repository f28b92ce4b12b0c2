import { z } from 'zod';
import { integer } from '../../fleet/schema-forms.ts';
import type { Step, StepContext } from '../step.ts';
import { seeLeaf } from './seen.ts';

const VolumeArguments = z
  .union([
    z.enum(['mute', 'unmute'], { error: 'write mute, unmute or { level: 0 to 100 }.' }),
    z.strictObject({
      level: integer()
        .min(0, { error: 'at least 0.' })
        .max(100, { error: 'at most 100.' })
        .meta({ description: 'How loud, 0 to 100.', examples: [40] }),
    }),
  ])
  .meta({ description: 'A level; or mute, or unmute.', examples: [{ level: 40 }, 'mute'] });

type VolumeArguments = z.output<typeof VolumeArguments>;

/** Sets the loudspeakers and sees in the status that they are so. It never touches the microphones. */
export const volume: Step<VolumeArguments> = {
  name: 'volume',
  summary: 'Makes the loudspeakers as loud as it says.',
  page: {
    guards: ['The microphones are not touched.'],
    errors: [],
    example: `- volume: { level: 40 }
- volume: unmute
`,
  },
  needsDevice: true,
  schema: VolumeArguments,
  mayCatchUp: true,
  check: () => [],
  waitMs: () => 0,

  describe: (how) => (typeof how === 'string' ? `${how} the loudspeakers` : `set the volume to ${how.level}`),

  run: (context, how) => (typeof how === 'string' ? muteTo(context, how) : levelTo(context, how.level)),
};

async function levelTo(context: StepContext, level: number) {
  context.assertMayAct();
  await context.device.command('Audio.Volume.Set', { Level: level }, { signal: context.signal });
  await seeLeaf(
    context,
    { below: 'Audio', leaf: 'Audio.Volume' },
    { words: [String(level)], otherwise: 'the volume did not change' },
  );
  return { result: `the volume is ${level}` };
}

async function muteTo(context: StepContext, how: 'mute' | 'unmute') {
  const [command, word, result] =
    how === 'mute'
      ? ['Audio.Volume.Mute', 'On', 'the loudspeakers are mute']
      : ['Audio.Volume.Unmute', 'Off', 'the loudspeakers are not mute'];
  context.assertMayAct();
  await context.device.command(command, {}, { signal: context.signal });
  await seeLeaf(
    context,
    { below: 'Audio', leaf: 'Audio.VolumeMute' },
    { words: [word], otherwise: 'the mute of the loudspeakers did not change' },
  );
  return { result };
}
