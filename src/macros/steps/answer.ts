import { z } from 'zod';
import { isLike } from '../../fleet/glob.ts';
import { words } from '../../fleet/schema-forms.ts';
import { XapiError } from '../../xapi/errors.ts';
import { type Step, type StepContext, StepError } from '../step.ts';
import { type Call, readCalls } from './calls.ts';
import {
  beginQuietCall,
  checkQuietCall,
  countdownField,
  QUIET_GUARDS,
  type QuietCall,
  quietCallFields,
  quietWaitMs,
} from './quiet-call.ts';
import { cutShort } from './text-limit.ts';

const AnswerArguments = z.strictObject({
  from: z
    .array(words({ examples: ['*@example.com'] }))
    .min(1, { error: 'name at least one caller, or a pattern such as "*@example.com".' })
    .meta({ description: 'Whose calls it answers; * stands for anything.', examples: [['*@example.com']] }),
  countdown: countdownField('5s'),
  ...quietCallFields,
});

const MOST_SHOWN = 40;

type AnswerArguments = z.output<typeof AnswerArguments>;

/** Answers the call that rings, where its caller is allowed; it must not listen in: see `beginQuietCall`. */
export const answer: Step<AnswerArguments> = {
  name: 'answer',
  summary: 'Answers an incoming call, after a countdown that anyone in the room can cancel, muted.',
  page: {
    guards: [
      'Only calls of those whom `from` names; a caller can claim an address that is not his, so name few.',
      'A countdown stands on the screen with a Cancel button, and anyone in the room may press it; without a session over which roomd would see that, it does not begin. The call goes on ringing then.',
      QUIET_GUARDS.muted,
      'It never answers beside another call.',
    ],
    errors: [
      'refused: nothing rings, something else is under way, or the caller is not among `from`',
      'cancelled: somebody pressed Cancel',
      'failed: the call was gone, or was not muted when it was answered',
    ],
    example: `- answer: { from: ["*@example.com"], countdown: 5s }
`,
  },
  needsDevice: true,
  schema: AnswerArguments,
  mayCatchUp: false,
  check: (args, context) => checkQuietCall(args, context),
  waitMs: quietWaitMs,

  describe: ({ from, muted }) =>
    `answer a call from ${from.join(' or ')}${muted ? ' with microphones and camera muted' : ''}`,

  async run(context, args) {
    const ringing = onlyRinging(await readCalls(context, context.signal), args.from);
    return await beginQuietCall(context, incomingCall(ringing, args));
  },
};

function incomingCall(ringing: Call, args: AnswerArguments): QuietCall {
  const caller = callerOf(ringing);
  const unmet = `the call from ${caller} did not connect`;
  return {
    args,
    verb: 'answer',
    done: `answered ${caller}`,
    title: 'A call is about to be answered',
    what: `Answering ${caller}`,
    failures: { ended: unmet, late: unmet },
    refuse: async (context) => {
      const { id } = onlyRinging(await readCalls(context, context.signal), args.from);
      if (id !== ringing.id) throw new StepError('refused', 'did not answer: another call rings by now');
    },
    begin: async ({ device }) => {
      await device.command('Call.Accept', { CallId: Number(ringing.id) });
      return ringing.id;
    },
    begunAfter: (error, context) => acceptedAfter(error, ringing, context),
  };
}

/** A device that says no has begun nothing, and the call that is then up is somebody else's doing. */
async function acceptedAfter(error: unknown, { id }: Call, context: StepContext): Promise<string | null> {
  if (!(error instanceof XapiError) || !error.retryable) return null;
  const call = (await readCalls(context)).find((one) => one.id === id);
  return call === undefined || call.status === 'Ringing' ? null : id;
}

/** @throws StepError `refused` unless exactly one call is there, and it rings and is from one of these */
function onlyRinging(calls: readonly Call[], from: readonly string[]): Call {
  const ringing = calls.find(({ direction, status }) => direction === 'Incoming' && status === 'Ringing');
  if (ringing === undefined) throw new StepError('refused', 'did not answer: no call is ringing');
  if (calls.length > 1) throw new StepError('refused', 'did not answer: the device is in another call');
  const isAllowed = ringing.remotes.some((remote) => from.some((pattern) => isLike(remote, pattern)));
  if (!isAllowed)
    throw new StepError('refused', `did not answer: ${callerOf(ringing)} is not among ${from.join(', ')}`);
  return ringing;
}

/** As far as it fits into a countdown; the far end says it, so it may be long. */
function callerOf({ remotes: [caller = 'an unknown caller'] }: Call): string {
  return cutShort(caller, MOST_SHOWN);
}
