import { z } from 'zod';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { words } from '../../fleet/schema-forms.ts';
import { sleep } from '../../lib/abort.ts';
import { messageOf, RoomdError } from '../../lib/errors.ts';
import { isFailure } from '../run-end.ts';
import {
  type CheckContext,
  type Step,
  type StepContext,
  StepError,
  type StepProblem,
  type StepResult,
  stepProblem,
} from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';
import { checkNotifier } from './notify.ts';
import { isAllowedNumber, notAllowed, numberField, type Outgoing, outgoingCall } from './outgoing-call.ts';
import {
  beginQuietCall,
  checkQuietCall,
  countdownField,
  quietCallFields,
  quietWaitMs,
} from './quiet-call.ts';

/** Another system is asked so many times less often than a device: every 5 s where a device is every 500 ms. */
const SELDOMER = 10;

const HelpArguments = z.strictObject({
  queue: numberField(
    'The number of a queue of the contact centre; calls.allow must allow it.',
    '5000',
  ).optional(),
  team: words({
    description: 'The id of a Finesse team: its agent who has been ready the longest is called.',
    examples: ['500'],
  }).optional(),
  within: duration('How long it waits for somebody of the team to be ready.').prefault('30s'),
  otherwise: z
    .strictObject({
      notify: words({ description: 'A name under notifiers.', examples: ['facilities'] }),
      markdown: z
        .string()
        .min(1)
        .meta({
          description: 'The reason stands below it; {{device.name}} and the like are filled in.',
          examples: ['**{{device.name}}** asks for help'],
        }),
    })
    .optional()
    .meta({ description: 'Whom to write to when nobody could be called.' }),
  countdown: countdownField('5s'),
  ...quietCallFields,
});

type HelpArguments = z.output<typeof HelpArguments>;

/** Calls somebody who helps: a queue, else an agent; where nobody can be called, people are told, with the reason. */
export const help: Step<HelpArguments> = {
  name: 'help',
  summary: 'Calls a queue or an agent who is ready, else tells people.',
  page: {
    guards: [
      'A countdown stands on the screen with a Cancel button, and anyone in the room may press it; without a session over which roomd would see that, it does not begin.',
      'Muted, unless `muted: false` says otherwise, which needs `unmuted: true` on the macro.',
      'The queue and the agent’s extension must be among `calls.allow`.',
      'Who presses Cancel wants no help: nobody is called further, and nobody is written to.',
    ],
    errors: [
      'refused: the queue or the extension is not allowed, or the device is in a call',
      'cancelled: somebody pressed Cancel',
      'failed: nobody could be called, and there is no `otherwise`',
    ],
    example: `- help:
    team: "500"
    within: 1m
    otherwise: { notify: ops, markdown: "**{{device.name}}** asks for help" }
`,
  },
  needsDevice: true,
  schema: HelpArguments,
  outputs: { answered: 'bool', by: 'string', reason: 'string' },
  mayCatchUp: false,

  check(args, context) {
    return [...checkWhom(args, context), ...checkOtherwise(args, context), ...checkQuietCall(args, context)];
  },

  waitMs: (args) =>
    (args.queue === undefined ? 0 : quietWaitMs(args)) +
    (args.team === undefined ? 0 : args.within + quietWaitMs(args)),

  describe: ({ queue, team, otherwise, muted }, { values }) =>
    `call for help${muted ? ' with microphones and camera muted' : ''}: ${[
      ...(queue === undefined ? [] : [`the queue ${queue}`]),
      ...(team === undefined ? [] : [`an agent of team ${team} who is ready`]),
      ...(otherwise === undefined
        ? []
        : [`tell ${otherwise.notify}: ${expandTemplate(otherwise.markdown, values)}`]),
    ].join(', else ')}`,

  async run(context, args) {
    const reasons: string[] = [];
    for (const { by, call } of waysOf(args)) {
      try {
        const { result, calls } = await call(context);
        return {
          result,
          ...(calls === undefined ? {} : { calls }),
          output: { answered: true, by, reason: '' },
        };
      } catch (error) {
        // A no of the room, a hold and the end of the run end the step.
        if (!isFailure(error, context.signal)) throw error;
        reasons.push(messageOf(error));
      }
    }
    return await tell(context, args, [...new Set(reasons)].join('; '));
  },
};

const HELP: Outgoing<HelpArguments & { number: string; displayName?: string }> = {
  verb: 'call for help',
  done: 'called',
  title: 'A call for help is about to start',
  what: 'Calling',
  command: 'Dial',
  arguments: () => ({}),
};

interface Way {
  readonly by: 'queue' | 'agent';
  readonly call: (context: StepContext) => Promise<StepResult>;
}

function waysOf(args: HelpArguments): Way[] {
  const { queue, team } = args;
  const ways: Way[] = [];
  if (queue !== undefined)
    ways.push({ by: 'queue', call: (context) => callFor(context, { ...args, number: queue }) });
  if (team !== undefined)
    ways.push({
      by: 'agent',
      call: async (context) => {
        const { name, extension } = await whoIsReady(context, { team, withinMs: args.within });
        return await callFor(context, { ...args, number: extension, displayName: name });
      },
    });
  return ways;
}

function callFor(
  context: StepContext,
  args: HelpArguments & { number: string; displayName?: string },
): Promise<StepResult> {
  if (!isAllowedNumber(args.number, context.fleet.calls.allow))
    return Promise.reject(new StepError('refused', notAllowed(args.number)));
  return beginQuietCall(context, outgoingCall(args, HELP));
}

/** @throws StepError `failed` with why there was nobody, RoomdError for a failure that does not pass by itself */
async function whoIsReady(
  { ports, clock, timing, signal }: StepContext,
  { team, withinMs }: { team: string; withinMs: number },
): Promise<{ readonly name: string; readonly extension: string }> {
  const until = clock.monotonic() + withinMs;
  for (;;) {
    let why: string;
    try {
      const choice = await ports.finesse.teamReady(team, { signal });
      if (choice.agent !== null) return choice.agent;
      ({ why } = choice);
    } catch (error) {
      if (!(error instanceof RoomdError && error.retryable)) throw error;
      why = messageOf(error);
    }
    const leftMs = until - clock.monotonic();
    if (leftMs <= 0) throw new StepError('failed', `${why} (waited ${formatDuration(withinMs)})`);
    await sleep(Math.min(timing.pollMs * SELDOMER, leftMs), clock, { signal });
  }
}

async function tell(
  { values, ports, assertMayAct }: StepContext,
  { otherwise }: HelpArguments,
  reason: string,
): Promise<StepResult> {
  if (otherwise === undefined) throw new StepError('failed', `nobody could be called: ${reason}`);
  assertMayAct();
  const markdown = `${expandTemplate(otherwise.markdown, values)}\n\nNobody could be called: ${reason}`;
  const id = await ports.enqueue(otherwise.notify, { markdown });
  return {
    result: `nobody could be called (${reason}); message ${id} to ${otherwise.notify} is in the outbox`,
    output: { answered: false, by: 'space', reason },
  };
}

function checkWhom({ queue, team }: HelpArguments, { fleet }: CheckContext): StepProblem[] {
  const { allow } = fleet.calls;
  if (queue === undefined && team === undefined)
    return [stepProblem([], 'say whom to call: queue, team, or both.')];
  return [
    ...(queue === undefined || isAllowedNumber(queue, allow)
      ? []
      : [stepProblem(['queue'], notAllowed(queue))]),
    ...(team === undefined || fleet.systems.finesse !== null
      ? []
      : [
          stepProblem(
            ['team'],
            'help with a team needs systems.finesse: write where Finesse is and how roomd logs in.',
          ),
        ]),
    ...(team === undefined || allow.length > 0
      ? []
      : [
          stepProblem(
            ['team'],
            'macros may dial no number at all: add the extensions of the agents, such as "50??" or "50*", to calls.allow',
          ),
        ]),
  ];
}

function checkOtherwise({ otherwise }: HelpArguments, context: CheckContext): StepProblem[] {
  if (otherwise === undefined) return [];
  return [
    ...checkNotifier(['otherwise', 'notify'], otherwise.notify, context.fleet),
    ...checkTemplate(otherwise.markdown, context).map((problem) =>
      stepProblem(['otherwise', 'markdown'], problem),
    ),
  ];
}
