import { z } from 'zod';
import { type Step, StepError, stepProblem } from '../step.ts';
import { isAllowedNumber, numberField, type Outgoing, outgoingCall } from './outgoing-call.ts';
import {
  beginQuietCall,
  checkQuietCall,
  countdownField,
  quietCallFields,
  quietWaitMs,
} from './quiet-call.ts';

const DialArguments = z.strictObject({
  number: numberField('Whom to call; calls.allow must allow it.', 'standup@example.com'),
  countdown: countdownField('10s'),
  ...quietCallFields,
  protocol: z
    .enum(['H323', 'Sip', 'Spark'])
    .optional()
    .meta({ description: 'How to call; the device chooses where nothing is said.' }),
  displayName: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'Shown in the countdown and in the call.', examples: ['Stand-up'] }),
});

type DialArguments = z.output<typeof DialArguments>;

/** Starts a call that must not listen in; see `beginQuietCall`. */
export const dial: Step<DialArguments> = {
  name: 'dial',
  summary: 'Calls, after a countdown that anyone in the room can cancel, muted.',
  needsDevice: true,
  schema: DialArguments,
  mayCatchUp: false,

  check(args, context) {
    return [
      ...(isAllowedNumber(args.number, context.fleet.calls.allow)
        ? []
        : [stepProblem(['number'], notAllowed(args.number))]),
      ...checkQuietCall(args, context),
    ];
  },

  waitMs: quietWaitMs,

  describe: ({ number, muted }) => `dial ${number}${muted ? ' with microphones and camera muted' : ''}`,

  async run(context, args) {
    if (!isAllowedNumber(args.number, context.fleet.calls.allow))
      throw new StepError('refused', notAllowed(args.number));
    return await beginQuietCall(context, outgoingCall(args, DIAL));
  },
};

const DIAL: Outgoing<DialArguments> = {
  verb: 'dial',
  done: 'dialled',
  title: 'A call is about to start',
  what: 'Calling',
  command: 'Dial',
  arguments: ({ protocol }) => (protocol === undefined ? {} : { Protocol: protocol }),
};

function notAllowed(number: string): string {
  return `"${number}" is not among the numbers that macros may dial: add it, or a pattern such as "*@example.com", to calls.allow`;
}
