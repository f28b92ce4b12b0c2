import { z } from 'zod';
import { duration } from '../../fleet/duration.ts';
import { reasonOf } from '../../lib/abort.ts';
import {
  type CheckContext,
  type StepContext,
  type StepProblem,
  type StepResult,
  stepProblem,
} from '../step.ts';
import { hangUp, waitUntilConnected } from './calls.ts';
import { withConsent } from './consent.ts';
import { assertBothMute, muteBoth } from './mutes.ts';
import { wakeUp } from './standby.ts';
import { undoAfter } from './undo.ts';

/** What the pages of steps say that begin such a call. */
export const QUIET_GUARDS = {
  countdown:
    'A countdown stands on the screen with a Cancel button, and anyone in the room may press it; without a session over which roomd would see that, it does not begin.',
  muted:
    'Microphones and camera are muted before, and it hangs up unless both still are when the call connects. `muted: false` needs `unmuted: true` on the macro.',
  takenBack:
    'What it began is taken back where it does not succeed: the call is hung up, the countdown goes, the mutes are as they were.',
} as const;

/** What every step that lets a machine into a call takes. */
export const quietCallFields = {
  connectWithin: duration('How long it may take to connect before roomd hangs up.').prefault('60s'),
  muted: z.boolean().default(true).meta({ description: 'false needs `unmuted: true` on the macro.' }),
};

export function countdownField(standard: string) {
  return duration('How long the room sees the countdown with its Cancel button.').prefault(standard);
}

interface QuietCallArguments {
  readonly countdown: number;
  readonly connectWithin: number;
  readonly muted: boolean;
}

/** A call that a machine lets the room into, and how that is done. */
export interface QuietCall {
  readonly args: QuietCallArguments;
  /** `dial`, for what was not done. */
  readonly verb: string;
  /** `dialled standup@example.com`, for what was. */
  readonly done: string;
  /** Stands above the countdown. */
  readonly title: string;
  /** `Calling Stand-up`; the countdown goes on after it. */
  readonly what: string;
  /** Sentences for a call that ended instead of connecting, and for one that did not connect in time. */
  readonly failures: { readonly ended: string; readonly late: string };
  /** @throws StepError `refused` where it must not begin now. Asked three times, as the room changes meanwhile. */
  refuse(context: StepContext): Promise<void>;
  /** Begins it, without heeding the run's signal: an answer that is not waited for would leave a call that nobody knows. Resolves with the call's id. */
  begin(context: StepContext): Promise<string>;
  /** The call that it may have begun although `begin` failed so; null for none. */
  begunAfter(error: unknown, context: StepContext): Promise<string | null>;
}

/** A call that is up. */
export interface QuietCallUp {
  readonly done: StepResult;
  /** Hangs it up after all, and opens again what was open before. @throws StepError, XapiError */
  readonly takeBack: () => Promise<void>;
}

const SHORTEST_COUNTDOWN_MS = 3_000;
const LONGEST_COUNTDOWN_MS = 600_000;

export function checkQuietCall(
  { countdown, muted }: QuietCallArguments,
  { unmuted }: Pick<CheckContext, 'unmuted'>,
): StepProblem[] {
  const problems: StepProblem[] = [];
  if (countdown < SHORTEST_COUNTDOWN_MS || countdown > LONGEST_COUNTDOWN_MS)
    problems.push(stepProblem(['countdown'], 'the countdown must be between 3s and 10m'));
  if (!muted && !unmuted)
    problems.push(
      stepProblem(
        ['muted'],
        'a call with open microphones needs `unmuted: true` on the macro too, so that nobody overlooks it',
      ),
    );
  return problems;
}

export function quietWaitMs({ countdown, connectWithin }: QuietCallArguments): number {
  return countdown + connectWithin;
}

/**
 * Lets the room into a call that must not listen in: nothing speaks against
 * it, the room saw a countdown and did not cancel, microphones and camera are
 * seen mute before it begins and again when it connects. Fails any of it, then
 * the call is hung up and the mutes are as they were.
 */
export async function beginQuietCall(context: StepContext, call: QuietCall): Promise<StepResult> {
  return (await placeQuietCall(context, call)).done;
}

/** The same, for those who may have to take it back when it is up. */
export async function placeQuietCall(context: StepContext, call: QuietCall): Promise<QuietCallUp> {
  const { args, done } = call;
  await call.refuse(context);
  // A countdown on a screen that sleeps is none.
  await wakeUp(context);
  const placed = await withConsent(context, question(call), (signal) => place({ ...context, signal }, call));
  const { callId } = placed;
  // In this order: microphones stay mute while the call may still be up.
  const takeBack = async (): Promise<void> => {
    await hangUp(context, callId);
    await placed.restore();
  };
  try {
    if (placed.cancelled !== null) throw placed.cancelled;
    await waitUntilConnected(context, { callId, withinMs: args.connectWithin, ...call.failures });
    if (args.muted) await assertBothMute(context);
  } catch (error) {
    throw await undoAfter(error, `call ${callId}`, takeBack);
  }
  const how = args.muted ? 'microphones and camera muted' : 'microphones and camera open as the file says';
  return { done: { result: `${done} (call ${callId}), ${how}`, calls: [callId] }, takeBack };
}

function question({ args: { countdown, muted }, title, what, verb }: QuietCall) {
  const seconds = Math.ceil(countdown / 1000);
  const how = muted ? 'Microphones and camera stay muted.' : 'Microphones and camera will be open.';
  return { title, text: `${what} in ${seconds} seconds. ${how}`, countdownMs: countdown, verb };
}

interface PlacedCall {
  readonly callId: string;
  /** Opens again what was open before. */
  readonly restore: () => Promise<void>;
  /** Why it is to be hung up at once: the room cancelled while the device was beginning it. */
  readonly cancelled: Error | null;
}

/** The room may have changed during the countdown, or while the mutes took effect: hence the two looks. */
async function place(context: StepContext, call: QuietCall): Promise<PlacedCall> {
  await call.refuse(context);
  context.assertMayAct();
  const restore = call.args.muted ? await muteBoth(context) : async () => undefined;
  try {
    await call.refuse(context);
    context.assertMayAct();
    context.signal.throwIfAborted();
  } catch (error) {
    throw await undoAfter(error, 'the mute', restore);
  }
  try {
    const callId = await call.begin(context);
    return { callId, restore, cancelled: context.signal.aborted ? reasonOf(context.signal) : null };
  } catch (error) {
    // It may have begun all the same: nothing is opened before it is known that no call is up.
    throw await undoAfter(error, 'the call it may have begun', async () => {
      const begun = await call.begunAfter(error, context);
      if (begun !== null) await hangUp(context, begun);
      await restore();
    });
  }
}
