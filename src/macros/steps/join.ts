import { z } from 'zod';
import { type Step, StepError, stepProblem } from '../step.ts';
import { isAllowedNumber, numberField, type Outgoing, outgoingCall } from './outgoing-call.ts';
import {
  beginQuietCall,
  checkQuietCall,
  countdownField,
  QUIET_GUARDS,
  quietCallFields,
  quietWaitMs,
} from './quiet-call.ts';

const JoinArguments = z.strictObject({
  number: numberField(
    'The meeting: a Webex address, or a number that calls.allow allows.',
    'standup@example.webex.com',
  ),
  countdown: countdownField('10s'),
  ...quietCallFields,
  displayName: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'Shown in the countdown and in the meeting.', examples: ['Stand-up'] }),
});

type JoinArguments = z.output<typeof JoinArguments>;

/** Joins a Webex meeting that the room must not listen in to; see `beginQuietCall`. */
export const join: Step<JoinArguments> = {
  name: 'join',
  summary: 'Joins a Webex meeting, after a countdown that anyone in the room can cancel, muted.',
  page: {
    guards: [
      QUIET_GUARDS.countdown,
      QUIET_GUARDS.muted,
      'Only Webex addresses, and numbers that `calls.allow` names.',
      QUIET_GUARDS.takenBack,
    ],
    errors: [
      'refused: the number is not allowed, the device is in a call, or nobody knows whether it is',
      'cancelled: somebody pressed Cancel',
      'failed: the meeting did not let it in within `connectWithin`, or the device refused',
    ],
    example: `- join: { number: standup@example.webex.com, connectWithin: 90s }
`,
  },
  needsDevice: true,
  schema: JoinArguments,
  mayCatchUp: false,

  check(args, context) {
    return [
      ...(isAllowedMeeting(args.number, context.fleet.calls.allow)
        ? []
        : [stepProblem(['number'], notAllowed(args.number))]),
      ...checkQuietCall(args, context),
    ];
  },

  waitMs: quietWaitMs,

  describe: ({ number, muted }) =>
    `join the Webex meeting ${number}${muted ? ' with microphones and camera muted' : ''}`,

  async run(context, args) {
    if (!isAllowedMeeting(args.number, context.fleet.calls.allow))
      throw new StepError('refused', notAllowed(args.number));
    return await beginQuietCall(context, outgoingCall(args, JOIN));
  },
};

const JOIN: Outgoing<JoinArguments> = {
  verb: 'join',
  done: 'joined',
  title: 'A meeting is about to start',
  what: 'Joining',
  command: 'Webex.Join',
  arguments: () => ({}),
};

function isAllowedMeeting(number: string, allow: readonly string[]): boolean {
  return isWebexAddress(number) || isAllowedNumber(number, allow);
}

function isWebexAddress(number: string): boolean {
  return /^[^\s@/]+@(?:[a-z0-9-]+\.)*webex\.com$/i.test(number);
}

function notAllowed(number: string): string {
  return `"${number}" is neither a Webex address (…@example.webex.com) nor among the numbers that macros may dial: add it to calls.allow`;
}
