import { z } from 'zod';
import { readBookingList, readBookingTitles } from '../../feedback/booking-list.ts';
import { NO_IDENTITIES } from '../../feedback/identity-form.ts';
import { duration, formatDuration } from '../../fleet/duration.ts';
import { isLike } from '../../fleet/glob.ts';
import { decideOccupancy } from '../../fleet/occupancy.ts';
import { words } from '../../fleet/schema-forms.ts';
import { sleep } from '../../lib/abort.ts';
import { messageOf } from '../../lib/errors.ts';
import { formatWall, zoneClocks } from '../../lib/zone.ts';
import type { LeafMap } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import { type Step, type StepContext, StepError, stepProblem } from '../step.ts';
import { checkTemplate, expandTemplate } from '../template.ts';
import { checkShown, shownText } from './text-limit.ts';

/** Bookings Respond: Comment, in UTF-8 bytes. */
const MOST_COMMENT_BYTES = 2_048;
/** How long a calendar may take until the device lists the booking no more. */
const GONE_WITHIN_MS = 60_000;

const clockOf = zoneClocks();

const ReleaseArguments = z.strictObject({
  booking: words({
    description: 'Only the booking of this id; the one that runs when left out.',
    examples: ['{{trigger.id}}'],
  }).optional(),
  comment: z
    .string()
    .min(1, { error: 'it is empty.' })
    .optional()
    .meta({ description: 'Told to the organizer.', examples: ['Nobody came, so the room is free again.'] }),
  unlessLongerThan: duration('A longer booking is left alone.').optional(),
  unlessTitled: z
    .array(words({ examples: ['*board*'] }))
    .default([])
    .meta({
      description: 'Bookings with such titles are left alone; * stands for anything.',
      examples: [['*board*']],
    }),
  shadow: z
    .boolean()
    .default(false)
    .meta({ description: 'true: nothing is released; what would have been is recorded.' }),
});

type ReleaseArguments = z.output<typeof ReleaseArguments>;

interface Running {
  readonly id: string;
  readonly meetingId: string | null;
  readonly title: string;
  readonly startAt: number;
  readonly lengthMs: number;
}

/** Declines the booking that runs in a room where surely nobody is, and sees it gone. Presence that is not known never releases. */
export const release: Step<ReleaseArguments> = {
  name: 'release',
  summary: 'Frees a room that is booked and empty, by declining the booking that runs.',
  page: {
    guards: [
      'Only where presence is surely *no*, by what roomd knows and by what the device says at that moment; a call or sharing keeps the booking.',
      'Only the booking that is meant, and none that is longer, or titled, as the rules say; a title that the device does not tell counts as one to leave alone.',
      '`shadow: true` declines nothing and records what it would have released.',
    ],
    errors: [
      'refused: no booking runs, another one does, a rule leaves it alone, or presence is not surely no',
      'failed: the calendar connection cannot decline, which it says plainly, or lists the booking still after a minute',
    ],
    example: `- release:
    booking: "{{trigger.id}}"
    comment: Nobody came, so the room is free again.
    unlessLongerThan: 4h
    unlessTitled: ["*board*"]
  as: outcome
- notify: { to: ops, markdown: "**{{device.name}}** is free; empty {{steps.outcome.strikes}} times in a row" }
`,
  },
  needsDevice: true,
  schema: ReleaseArguments,
  outputs: { released: 'bool', bookingId: 'string', wouldRelease: 'bool', beganAt: 'string', strikes: 'int' },
  mayCatchUp: false,

  check({ booking = '', comment = '' }, context) {
    return [
      ...checkTemplate(booking, context).map((problem) => stepProblem(['booking'], problem)),
      ...checkShown(['comment'], comment, context, MOST_COMMENT_BYTES),
    ];
  },

  waitMs: () => GONE_WITHIN_MS,

  describe: ({ shadow }) =>
    shadow ? 'say which booking it would release' : 'release the booking that runs, if the room is empty',

  async run(context, args) {
    const { values, device, signal } = context;
    const running = await findRunning(context);
    refuseByRules(running, args, context);
    await refuseUnlessEmpty(context);
    const told = await toldOf(running, context);
    const what = `the booking ${running.id}${told.strikes > 1 ? `, empty ${told.strikes} times in a row` : ''}`;
    if (args.shadow)
      return {
        result: `would have released ${what}`,
        output: { ...told, released: false, wouldRelease: true },
      };
    if (running.meetingId === null)
      throw cannotDecline('it gives no id of the meeting, by which one declines');
    const comment =
      args.comment === undefined ? {} : { Comment: shownText(args.comment, values, MOST_COMMENT_BYTES) };
    context.assertMayAct();
    try {
      await device.command(
        'Bookings.Respond',
        { MeetingId: running.meetingId, Type: 'Decline', ...comment },
        { signal },
      );
    } catch (error) {
      if (!(error instanceof XapiError) || error.retryable) throw error;
      throw cannotDecline(messageOf(error), error);
    }
    await untilGone(context, running.id);
    return {
      result: `released ${what}`,
      output: { ...told, released: true, wouldRelease: false },
    };
  },
};

/** Of the booking: its id, its beginning on the wall of the room, and how often in a row its series was empty, this time included; 0 where nobody can tell. */
async function toldOf({ id, startAt }: Running, { ports, desired, signal }: StepContext) {
  const { booking } = await ports.records(desired.name, signal);
  const strikes = booking?.id === id ? booking.strikes : null;
  return {
    bookingId: id,
    beganAt: formatWall(clockOf(desired.timezone).wallAt(startAt)).slice(11),
    strikes: strikes === null ? 0 : strikes + 1,
  };
}

function cannotDecline(why: string, cause?: unknown): StepError {
  return new StepError('failed', `the calendar connection of this device cannot decline: ${why}`, { cause });
}

function listBookings({ device, signal }: StepContext): Promise<LeafMap> {
  return device.command('Bookings.List', { Days: 2, DayOffset: 0 }, { signal });
}

/** The booking that runs by the device's own word; where it says nothing, by the clock. */
async function findRunning(context: StepContext): Promise<Running> {
  const { device, clock, signal } = context;
  const current = (await device.readStatus('Bookings', { signal })).get('Bookings.Current.Id');
  if (current === '') refuse('no booking runs');
  const result = await listBookings(context);
  const now = clock.now();
  const booking = readBookingList(result, NO_IDENTITIES).find(({ id, startAt, endAt }) =>
    current === undefined ? startAt <= now && now < endAt : id === current,
  );
  if (booking === undefined) {
    const why =
      current === undefined ? 'no booking runs' : `the booking that runs (${current}) is not listed`;
    throw new StepError('refused', `did not release: ${why}`);
  }
  const { id, meetingId, startAt, endAt } = booking;
  return {
    id,
    meetingId,
    title: readBookingTitles(result).get(id) ?? '',
    startAt,
    lengthMs: endAt - startAt,
  };
}

function refuse(why: string): never {
  throw new StepError('refused', `did not release: ${why}`);
}

function refuseByRules(
  { id, title, lengthMs }: Running,
  { booking, unlessLongerThan, unlessTitled }: ReleaseArguments,
  { values }: StepContext,
): void {
  const meant = booking === undefined ? id : expandTemplate(booking, values);
  if (meant !== id) refuse(`the booking that runs is ${id}, not ${meant}`);
  if (unlessLongerThan !== undefined && lengthMs > unlessLongerThan)
    refuse(`the booking ${id} is ${formatDuration(lengthMs)} long`);
  // A calendar may keep a title to itself; what is not known is not guessed.
  if (unlessTitled.length > 0 && title === '')
    refuse(`the device does not tell the title of the booking ${id}`);
  const like = unlessTitled.find((pattern) => isLike(title, pattern));
  if (like !== undefined) refuse(`the title of the booking ${id} is like "${like}"`);
}

/** Both what feedback holds and what the device says at this moment must be that nobody is there. */
async function refuseUnlessEmpty({ ports, desired, device, clock, signal }: StepContext): Promise<void> {
  const { presence } = ports.state(desired.name);
  if (presence !== 'no') refuse(`presence is ${presence}`);
  const status = new Map<string, string>();
  // Bookings are left out: that one runs is the point.
  for (const path of ['Call', 'Conference.Presentation', 'RoomAnalytics'])
    for (const [leaf, value] of await device.readStatus(path, { signal })) status.set(leaf, value);
  const { state, reason } = decideOccupancy(status, { now: clock.now(), detector: 'on' });
  if (state !== 'free') refuse(reason);
}

async function untilGone(context: StepContext, id: string): Promise<void> {
  const { clock, timing, signal } = context;
  const until = clock.monotonic() + GONE_WITHIN_MS;
  for (;;) {
    const listed = readBookingList(await listBookings(context), NO_IDENTITIES);
    if (!listed.some((booking) => booking.id === id)) return;
    if (clock.monotonic() >= until)
      throw new StepError(
        'failed',
        `the device took the decline and lists the booking ${id} still: its calendar connection may not decline`,
      );
    await sleep(timing.pollMs, clock, { signal });
  }
}
