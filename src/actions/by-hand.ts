import { z } from 'zod';
import type { Action } from './action.ts';
import { viewOf } from './devices.ts';
import { type ShownRun, showRun } from './macros.ts';

/*
 * What a person has a room do at once, without a macro in the file: one step,
 * under every guard that macros are under.
 */

const CallInput = z.strictObject({
  name: z.string(),
  number: z.string().min(1).max(150).describe('Whom to call; calls.allow must allow it.'),
});

export const callFromDevice: Action<z.output<typeof CallInput>, ShownRun> = {
  name: 'device.call',
  summary: 'Call from a device: countdown on its screen, muted, only numbers that calls.allow names.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/call' },
  input: CallInput,
  async run({ name, number }, ports, { actor }) {
    viewOf(ports, name);
    return showRun(await ports.macros.runStep('dial', { number }, name, { actor }));
  },
};

const OneInput = z.strictObject({ name: z.string() });

export const muteDevice: Action<z.output<typeof OneInput>, ShownRun> = {
  name: 'device.mute',
  summary: 'Mute the microphones of a device; only people in the room open them again.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/mute' },
  input: OneInput,
  async run({ name }, ports, { actor }) {
    viewOf(ports, name);
    return showRun(await ports.macros.runStep('command', { path: MUTE }, name, { actor }));
  },
};

const MUTE = 'Audio.Microphones.Mute';

export const releaseRoom: Action<z.output<typeof OneInput>, ShownRun> = {
  name: 'device.release',
  summary: 'Decline the booking that runs in a room that is surely empty.',
  role: 'operator',
  reach: 'devices',
  http: { method: 'POST', path: '/devices/:name/release' },
  input: OneInput,
  async run({ name }, ports, { actor }) {
    viewOf(ports, name);
    return showRun(await ports.macros.runStep('release', {}, name, { actor }));
  },
};
