import { z } from 'zod';
import { duration } from '../../fleet/duration.ts';
import { isLike } from '../../fleet/glob.ts';
import { reasonOf } from '../../lib/abort.ts';
import { type Step, type StepContext, StepError, stepProblem } from '../step.ts';
import { hangUp, readCalls, refuseInCall, waitUntilConnected } from './calls.ts';
import { withConsent } from './consent.ts';
import { assertBothMute, muteBoth } from './mutes.ts';
import { wakeUp } from './standby.ts';
import { undoAfter } from './undo.ts';

const DialArguments = z.strictObject({
  number: z
    .string({
      error: ({ input }) => (typeof input === 'number' ? 'put the number in quotes: "…".' : undefined),
    })
    .min(1, { error: 'it is empty.' })
    .max(150, { error: 'it is longer than 150 characters.' })
    .meta({ description: 'Whom to call; calls.allow must allow it.', examples: ['standup@example.com'] }),
  countdown: duration('How long the room sees the countdown with its Cancel button.').prefault('10s'),
  connectWithin: duration('How long the far end may ring before roomd hangs up.').prefault('60s'),
  protocol: z
    .enum(['H323', 'Sip', 'Spark'])
    .optional()
    .meta({ description: 'How to call; the device chooses where nothing is said.' }),
  displayName: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'Shown in the countdown and in the call.', examples: ['Stand-up'] }),
  muted: z.boolean().default(true).meta({ description: 'false needs `unmuted: true` on the macro.' }),
});

type DialArguments = z.output<typeof DialArguments>;

const SHORTEST_COUNTDOWN_MS = 3_000;
const LONGEST_COUNTDOWN_MS = 600_000;

/**
 * Starts a call that must not listen in: nobody is in a call, the room saw a
 * countdown and did not cancel, microphones and camera are seen mute before it
 * dials and again when the call connects. Fails any of it, then the call is
 * hung up and the mutes are as they were.
 */
export const dial: Step<DialArguments> = {
  name: 'dial',
  summary: 'Calls, after a countdown that anyone in the room can cancel, muted.',
  needsDevice: true,
  schema: DialArguments,
  mayCatchUp: false,

  check({ number, countdown, muted }, { fleet, unmuted }) {
    const problems = [];
    if (!isAllowedNumber(number, fleet.calls.allow))
      problems.push(stepProblem(['number'], notAllowed(number)));
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
  },

  waitMs: ({ countdown, connectWithin }) => countdown + connectWithin,

  describe: ({ number, muted }) => `dial ${number}${muted ? ' with microphones and camera muted' : ''}`,

  async run(context, args) {
    if (!isAllowedNumber(args.number, context.fleet.calls.allow))
      throw new StepError('refused', notAllowed(args.number));
    await refuseInCall(context);
    // A countdown on a screen that sleeps is none.
    await wakeUp(context);
    const placed = await withConsent(context, question(args), (signal) =>
      placeCall({ ...context, signal }, args),
    );
    try {
      if (placed.cancelled !== null) throw placed.cancelled;
      const { number, connectWithin: withinMs } = args;
      await waitUntilConnected(context, { callId: placed.callId, number, withinMs });
      if (args.muted) await assertBothMute(context);
    } catch (error) {
      // In this order: microphones stay mute while the call may still be up.
      throw await undoAfter(error, `call ${placed.callId}`, async () => {
        await hangUp(context, placed.callId);
        await placed.restore();
      });
    }
    return {
      result: `dialled ${args.number} (call ${placed.callId}), ${args.muted ? 'microphones and camera muted' : 'microphones and camera open as the file says'}`,
      calls: [placed.callId],
    };
  },
};

/** `*` in an entry of `calls.allow` stands for anything. */
function isAllowedNumber(number: string, allow: readonly string[]): boolean {
  return allow.some((pattern) => isLike(number, pattern));
}

function notAllowed(number: string): string {
  return `"${number}" is not among the numbers that macros may dial: add it, or a pattern such as "*@example.com", to calls.allow`;
}

function question({ number, displayName, countdown, muted }: DialArguments) {
  const seconds = Math.ceil(countdown / 1000);
  const how = muted ? 'Microphones and camera stay muted.' : 'Microphones and camera will be open.';
  return {
    title: 'A call is about to start',
    text: `Calling ${displayName ?? number} in ${seconds} seconds. ${how}`,
    countdownMs: countdown,
    verb: 'dial',
  };
}

interface PlacedCall {
  readonly callId: string;
  /** Opens again what was open before. */
  readonly restore: () => Promise<void>;
  /** Why it is to be hung up at once: the room cancelled while the device was dialling. */
  readonly cancelled: Error | null;
}

/** The room may have begun a call during the countdown, or while the mutes took effect: hence the two looks. */
async function placeCall(context: StepContext, args: DialArguments): Promise<PlacedCall> {
  await refuseInCall(context);
  context.assertMayAct();
  const restore = args.muted ? await muteBoth(context) : async () => undefined;
  try {
    await refuseInCall(context);
    context.assertMayAct();
    context.signal.throwIfAborted();
  } catch (error) {
    throw await undoAfter(error, 'the mute', restore);
  }
  try {
    const callId = await sendDial(context, args);
    return { callId, restore, cancelled: context.signal.aborted ? reasonOf(context.signal) : null };
  } catch (error) {
    // It may have dialled all the same: nothing is opened before it is known that no call is up.
    throw await undoAfter(error, 'the call it may have begun', async () => {
      const begun = await findCall(context, args.number);
      if (begun !== null) await hangUp(context, begun);
      await restore();
    });
  }
}

/** Sent without the run's signal: an answer that is not waited for would leave a call that nobody knows. */
async function sendDial(context: StepContext, args: DialArguments): Promise<string> {
  const result = await context.device.command('Dial', {
    Number: args.number,
    ...(args.protocol === undefined ? {} : { Protocol: args.protocol }),
    ...(args.displayName === undefined ? {} : { DisplayName: args.displayName }),
  });
  const callId = result.get('CallId') ?? (await findCall(context, args.number));
  if (callId === null)
    throw new StepError('failed', `the device took the dial command but shows no call to ${args.number}`);
  return callId;
}

async function findCall(context: StepContext, number: string): Promise<string | null> {
  const calls = await readCalls(context);
  const ours = calls.find(
    ({ direction, remote }) =>
      direction === 'Outgoing' && remote.toLowerCase().includes(number.toLowerCase()),
  );
  return ours?.id ?? null;
}
