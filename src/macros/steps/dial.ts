import { z } from 'zod';
import { type Step, StepError, stepProblem } from '../step.ts';
import { isAllowedNumber, notAllowed, numberField, type Outgoing, outgoingCall } from './outgoing-call.ts';
import {
  beginQuietCall,
  checkQuietCall,
  countdownField,
  QUIET_GUARDS,
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
  page: {
    guards: [
      QUIET_GUARDS.countdown,
      QUIET_GUARDS.muted,
      'Only numbers that `calls.allow` of the file names.',
      QUIET_GUARDS.takenBack,
    ],
    errors: [
      'refused: the number is not allowed, the device is in a call, or nobody knows whether it is',
      'cancelled: somebody pressed Cancel',
      'failed: nobody took the call in time, it was not muted when it connected, or the device refused',
    ],
    example: `- dial: { number: standup@example.com, countdown: 15s, displayName: Stand-up }
- wait: 15m
- disconnect: { onlyOwn: true }
`,
  },
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
