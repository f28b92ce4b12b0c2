import { type StepContext, StepError } from '../step.ts';
import { readLeaf, seeLeaf } from './seen.ts';
import { undoAfter } from './undo.ts';

/** What must be mute before a machine starts a call: command, and the status that shows it. */
const MUTES = [
  {
    what: 'the microphones',
    command: 'Audio.Microphones',
    below: 'Audio.Microphones',
    leaf: 'Audio.Microphones.Mute',
  },
  {
    what: 'the camera',
    command: 'Video.Input.MainVideo',
    below: 'Video.Input',
    leaf: 'Video.Input.MainVideoMute',
  },
] as const;

const MUTE = 'On';

type MuteKind = (typeof MUTES)[number];

/**
 * Mutes microphones and camera and sees in the status that they are.
 * @returns what takes back those that were open before
 * @throws StepError `failed` when the status does not show it; what was muted is then open again
 */
export async function muteBoth(context: StepContext): Promise<() => Promise<void>> {
  const changed: MuteKind[] = [];
  const restore = async (): Promise<void> => {
    for (const { command } of changed) await context.device.command(`${command}.Unmute`);
  };
  try {
    for (const mute of MUTES) {
      if ((await readLeaf(context, mute)) === MUTE) continue;
      changed.push(mute);
      await context.device.command(`${mute.command}.Mute`, {}, { signal: context.signal });
      await seeLeaf(context, mute, { words: [MUTE], otherwise: `${mute.what} did not become mute` });
    }
  } catch (error) {
    throw await undoAfter(error, 'the mute', restore);
  }
  return restore;
}

/** @throws StepError `failed` where the status does not say that both are mute */
export async function assertBothMute(context: StepContext): Promise<void> {
  for (const mute of MUTES) {
    if ((await readLeaf(context, mute)) !== MUTE)
      throw new StepError('failed', `the call connected without ${mute.what} being mute`);
  }
}
