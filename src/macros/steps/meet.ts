import { z } from 'zod';
import { formatDuration } from '../../fleet/duration.ts';
import type { DesiredDevice } from '../../fleet/fleet.ts';
import { integer, words } from '../../fleet/schema-forms.ts';
import { messageOf } from '../../lib/errors.ts';
import { devicesLike, devicesOf } from '../devices.ts';
import type { MadeMeeting, MeetingOrder } from '../ports.ts';
import {
  type CheckContext,
  type FreeContext,
  type Step,
  StepError,
  type StepProblem,
  stepProblem,
} from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';
import { type Absent, joinAll, lookAt, nobody, told } from './joint-call.ts';
import { type Outgoing, outgoingCall } from './outgoing-call.ts';
import {
  checkQuietCall,
  countdownField,
  type QuietCall,
  type QuietCallUp,
  quietCallFields,
  quietWaitMs,
} from './quiet-call.ts';
import { cutShort } from './text-limit.ts';
import { undoAfter } from './undo.ts';

/** What the service takes; see `planMeeting`. */
const LONGEST_TITLE = 128;
const FEWEST_MINUTES = 10;
const MOST_MINUTES = 24 * 60 - 1;
const MOST_INVITEES = 1000;
/** As far as it fits into a countdown. */
const MOST_SHOWN = 40;

const MeetArguments = z.strictObject({
  title: words({
    description: 'What the meeting is called, at most 128 characters; {{…}} are filled in.',
    examples: ['Handover {{localDate}}'],
  }),
  minutes: integer()
    .min(FEWEST_MINUTES, { error: `a meeting takes at least ${FEWEST_MINUTES} minutes.` })
    .max(MOST_MINUTES, { error: `a meeting takes at most ${MOST_MINUTES} minutes.` })
    .meta({ description: 'How long it takes.', examples: [30] }),
  invitees: z
    .array(words({ examples: ['ada@example.com'] }))
    .max(MOST_INVITEES, { error: `a meeting has at most ${MOST_INVITEES} invitees.` })
    .default([])
    .meta({
      description: 'E-mail addresses of people who are invited, too.',
      examples: [['ada@example.com']],
    }),
  sendEmail: z.boolean().default(true).meta({ description: 'Whether Webex writes to them.' }),
  devices: words({
    description: 'A selector of the devices that join, where it is not the run’s own.',
    examples: ['site=oslo'],
  }).optional(),
  parallel: integer()
    .min(1, { error: 'at least 1.' })
    .max(64, { error: 'at most 64.' })
    .default(4)
    .meta({ description: 'So many devices at a time.' }),
  countdown: countdownField('10s'),
  ...quietCallFields,
});

type MeetArguments = z.output<typeof MeetArguments>;

/**
 * Makes a Webex meeting that begins at once and has rooms join it, each as
 * `dial` would. Its address needs no place in `calls.allow`: roomd made the
 * meeting itself. Where nobody joins, or the step is ended from outside, who
 * joined is hung up and the meeting deleted; otherwise it stays.
 */
export const meet: Step<MeetArguments> = {
  name: 'meet',
  summary: 'Makes a Webex meeting that begins at once, and has rooms join it, muted, after a countdown.',
  page: {
    guards: [
      'Each room joins under the rule of [dial](dial.md): a countdown with Cancel, muted.',
      'The address needs no place in `calls.allow`: roomd made the meeting itself a moment ago.',
      'Where nobody joins, or the run is ended meanwhile, who joined is hung up and the meeting is deleted.',
      'A macro for devices holds all the devices that it names from its beginning to its end.',
    ],
    errors: [
      'refused: no device is meant, or all are in a call',
      'cancelled: somebody in the only room pressed Cancel',
      'failed: no meeting was made, or nobody joined it',
    ],
    example: `- meet: { title: "Handover {{localDate}}", minutes: 30, devices: all, parallel: 4 }
  as: meeting
- notify: { to: ops, markdown: "{{steps.meeting.joined}} rooms joined {{steps.meeting.sipAddress}}" }
`,
  },
  needsDevice: false,
  schema: MeetArguments,
  outputs: { meetingId: 'string', sipAddress: 'string', joined: 'int' },
  mayCatchUp: false,

  check(args, context) {
    return [
      ...(context.fleet.systems.meetings === null
        ? [
            stepProblem(
              [],
              'meet needs systems.meetings: write where Webex Meetings is and how roomd logs in.',
            ),
          ]
        : []),
      ...checkWho(args, context),
      ...checkTexts(args, context),
      ...checkQuietCall(args, context),
    ];
  },

  waitMs: (args, countOf) =>
    Math.ceil((args.devices === undefined ? 1 : countOf(args.devices)) / args.parallel) * quietWaitMs(args),

  alsoOn: ({ devices }) => devices ?? null,

  describe: ({ title, minutes, devices, muted }, { values }) =>
    `make the Webex meeting "${expandTemplate(title, values)}" of ${formatDuration(minutes * 60_000)} and join it${devices === undefined ? '' : ` on ${devices}`}${muted ? ' with microphones and camera muted' : ''}`,

  async run(context, args) {
    const targets =
      args.devices === undefined ? ownDevice(context) : devicesLike(args.devices, context.fleet);
    // A meeting that nobody could join would be made in vain, and Webex counts them.
    const { fit, absent } = await lookAt(targets, MEET.verb, context);
    const [first] = fit;
    if (first === undefined) throw nobody(absent);
    const order = orderOf(args, { timezone: first.timezone, values: context.values });
    context.assertMayAct();
    const meeting = await schedule(order, context);
    const joined = new Map<DesiredDevice, QuietCallUp>();
    try {
      const call = callTo(meeting, order.title, args);
      const failed = await joinAll(fit, joined, { call, parallel: args.parallel, context });
      context.signal.throwIfAborted();
      if (joined.size === 0) throw nobody([...absent, ...failed]);
      return resultOf(order.title, meeting, {
        joined,
        absent: [...absent, ...failed],
        own: context.deviceName,
      });
    } catch (error) {
      throw await undoAfter(error, `the meeting ${meeting.meetingId}`, () => takeBack(meeting, joined));
    }
  },
};

const MEET: Outgoing<MeetArguments & { number: string; displayName: string }> = {
  verb: 'meet',
  done: 'joined',
  title: 'A meeting is about to start',
  what: 'Joining',
  command: 'Dial',
  arguments: () => ({}),
};

function ownDevice({ deviceName, fleet }: FreeContext): readonly DesiredDevice[] {
  if (deviceName === null) throw new StepError('refused', 'the run has no device of its own: name devices');
  return fleet.devices.filter(({ name }) => name === deviceName);
}

function orderOf(
  { title, minutes, invitees, sendEmail }: MeetArguments,
  { timezone, values }: Pick<FreeContext, 'values'> & { timezone: string },
): MeetingOrder {
  return {
    title: expandTemplate(title, values),
    minutes,
    timezone,
    invitees: invitees.map((email) => ({ email: expandTemplate(email, values), displayName: null })),
    sendEmail,
  };
}

async function schedule(order: MeetingOrder, { ports, signal }: FreeContext): Promise<MadeMeeting> {
  try {
    return await ports.meetings.schedule(order, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new StepError('failed', `no meeting was made: ${messageOf(error)}`, { cause: error });
  }
}

function callTo({ sipAddress: number }: MadeMeeting, title: string, args: MeetArguments): QuietCall {
  return outgoingCall({ ...args, number, displayName: cutShort(title, MOST_SHOWN) }, MEET);
}

/** Everything is tried, whatever fails; the first failure is thrown then. */
async function takeBack(
  meeting: MadeMeeting,
  joined: ReadonlyMap<DesiredDevice, QuietCallUp>,
): Promise<void> {
  const calls = [...joined.values()];
  const left = await Promise.allSettled([...calls.map((call) => call.takeBack()), meeting.undo()]);
  const failed = left.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function resultOf(
  title: string,
  { meetingId, sipAddress }: MadeMeeting,
  {
    joined,
    absent,
    own,
  }: {
    joined: ReadonlyMap<DesiredDevice, QuietCallUp>;
    absent: readonly Absent[];
    own: string | null;
  },
) {
  const of = joined.size + absent.length;
  const without = absent.length === 0 ? '' : `; without ${told(absent)}`;
  const ownCall = [...joined].find(([{ name }]) => name === own)?.[1];
  return {
    result: `"${title}" at ${sipAddress}: joined on ${joined.size} of ${of} devices${without}`,
    calls: ownCall?.done.calls ?? [],
    output: { meetingId, sipAddress, joined: joined.size },
  };
}

function checkWho({ devices }: MeetArguments, { fleet, hasDevice }: CheckContext): StepProblem[] {
  if (devices !== undefined)
    return devicesOf(devices, fleet).problems.map((problem) => ({ ...problem, path: ['devices'] }));
  return hasDevice
    ? []
    : [stepProblem([], 'the macro says `scope: fleet`, so the run has no device of its own: name devices.')];
}

function checkTexts({ title, invitees }: MeetArguments, context: CheckContext): StepProblem[] {
  return [
    ...checkTemplate(title, context).map((problem) => stepProblem(['title'], problem)),
    ...(isWhole(title) && title.length > LONGEST_TITLE
      ? [stepProblem(['title'], `a title has at most ${LONGEST_TITLE} characters.`)]
      : []),
    ...invitees.flatMap((email, at) => [
      ...checkTemplate(email, context).map((problem) => stepProblem(['invitees', at], problem)),
      ...(isWhole(email) && !/^[^\s@]+@[^\s@]+$/.test(email)
        ? [stepProblem(['invitees', at], `"${email}" is no e-mail address.`)]
        : []),
    ]),
  ];
}

/** Whether it stands as it will be. */
function isWhole(text: string): boolean {
  return !text.includes('{{');
}
