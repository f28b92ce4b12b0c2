import { z } from 'zod';
import type { Action } from './action.ts';
import { viewOf } from './devices.ts';
import { ShownRun, showRun } from './macros.ts';
import type { MacroPorts } from './ports/macros.ts';

/*
 * What a person has a room do at once, without a macro in the file: one step,
 * under every guard that macros are under.
 */

const ONE = { name: z.string() };
const OneInput = z.strictObject(ONE);

interface ByHand<Input> {
  /** What people call it, and the end of its path. */
  readonly verb: string;
  readonly summary: string;
  readonly input: z.ZodType<Input>;
  readonly step: Parameters<MacroPorts['runStep']>[0];
  /** The step's arguments, as they would stand in the file. */
  readonly args: (input: Input) => unknown;
}

function byHand<Input extends { readonly name: string }>(of: ByHand<Input>): Action<Input, ShownRun> {
  return {
    name: `device.${of.verb}`,
    summary: of.summary,
    role: 'operator',
    reach: 'devices',
    http: { method: 'POST', path: `/devices/:name/${of.verb}` },
    input: of.input,
    answer: ShownRun,
    async run(input, ports, { actor }) {
      viewOf(ports, input.name);
      return showRun(await ports.macros.runStep(of.step, of.args(input), input.name, { actor }));
    },
  };
}

export const callFromDevice = byHand({
  verb: 'call',
  summary: 'Call from a device: countdown on its screen, muted, only numbers that calls.allow names.',
  input: z.strictObject({
    ...ONE,
    number: z.string().min(1).max(150).describe('Whom to call; calls.allow must allow it.'),
  }),
  step: 'dial',
  args: ({ number }) => ({ number }),
});

export const hangUp = byHand({
  verb: 'hang-up',
  summary: 'End every call of a device.',
  input: OneInput,
  step: 'disconnect',
  args: () => ({}),
});

export const muteDevice = byHand({
  verb: 'mute',
  summary: 'Mute the microphones of a device; only people in the room open them again.',
  input: OneInput,
  step: 'command',
  args: () => ({ path: 'Audio.Microphones.Mute' }),
});

export const releaseRoom = byHand({
  verb: 'release',
  summary: 'Decline the booking that runs in a room that is surely empty.',
  input: OneInput,
  step: 'release',
  args: () => ({}),
});

export const showMessage = byHand({
  verb: 'message',
  summary: 'Show a text on the screen of a room for a while.',
  input: z.strictObject({
    ...ONE,
    text: z.string().min(1).max(255).describe('At most 255 bytes of UTF-8.'),
    seconds: z.number().int().min(5).max(3_600).default(60).describe('How long it stays.'),
  }),
  step: 'message',
  args: ({ text, seconds }) => ({ text, duration: `${seconds}s` }),
});

export const sleepDevice = byHand({
  verb: 'standby',
  summary: 'Put a device into standby.',
  input: OneInput,
  step: 'standby',
  args: () => 'on',
});

export const wakeDevice = byHand({
  verb: 'wake',
  summary: 'Wake a device that sleeps.',
  input: OneInput,
  step: 'wake',
  args: () => ({}),
});

export const rebootDevice = byHand({
  verb: 'reboot',
  summary: 'Restart a device whose room is free, and wait until it is back.',
  input: z.strictObject({
    ...ONE,
    whenInUse: z
      .boolean()
      .default(false)
      .describe('Also where somebody uses the room, or nobody knows whether.'),
  }),
  step: 'reboot',
  args: ({ whenInUse }) => ({ whenInUse, within: '5m' }),
});
