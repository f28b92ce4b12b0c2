import { z } from 'zod';
import type { Step, StepContext } from '../step.ts';
import { readLeaf, type StatusLeaf, seeLeaf } from './seen.ts';

const StandbyArguments = z.enum(['on', 'halfwake']).meta({
  description: 'on: the device sleeps; halfwake: its screen shows the room’s idle picture.',
  examples: ['on'],
});

type StandbyArguments = z.output<typeof StandbyArguments>;

/** xStatus Standby State; "Off" is awake. On its way to sleep a device shows EnteringStandby. */
const STATE: StatusLeaf = { below: 'Standby', leaf: 'Standby.State' };
const AWAKE = 'Off';

const SLEEP: Readonly<
  Record<StandbyArguments, { command: string; words: readonly string[]; result: string }>
> = {
  on: {
    command: 'Standby.Activate',
    words: ['EnteringStandby', 'Standby'],
    result: 'the device is in standby',
  },
  halfwake: { command: 'Standby.Halfwake', words: ['Halfwake'], result: 'the device is half awake' },
};

/** Puts the device to sleep and sees that it is. */
export const standby: Step<StandbyArguments> = {
  name: 'standby',
  summary: 'Puts the device to sleep.',
  page: {
    guards: ['It does not ask who is there: give it a condition.'],
    errors: ['failed: the status did not show it in time'],
    example: `- standby: on
  if: presence == 'no' && callKnown && !inCall
`,
  },
  needsDevice: true,
  schema: StandbyArguments,
  mayCatchUp: true,
  check: () => [],
  waitMs: () => 0,
  describe: (how) => (how === 'on' ? 'put the device into standby' : 'put the device into halfwake'),

  async run(context, how) {
    const { command, words, result } = SLEEP[how];
    if (words.includes((await readLeaf(context, STATE)) ?? '')) return { result: `${result} already` };
    context.assertMayAct();
    await context.device.command(command, {}, { signal: context.signal });
    await seeLeaf(context, STATE, { words, otherwise: `the device took ${command} and does not show it` });
    return { result };
  },
};

/**
 * Wakes the device and sees that it is awake.
 * @returns whether it slept
 * @throws StepError `failed` when it does not wake
 */
export async function wakeUp(context: StepContext): Promise<boolean> {
  if ((await readLeaf(context, STATE)) === AWAKE) return false;
  context.assertMayAct();
  await context.device.command('Standby.Deactivate', {}, { signal: context.signal });
  await seeLeaf(context, STATE, { words: [AWAKE], otherwise: 'the device did not wake up' });
  return true;
}
