import { type AbortOptions, DeadlineError, sleep, withDeadline } from '../../lib/abort.ts';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { type Logger, silentLogger } from '../../lib/logger.ts';
import type { NewId, Random } from '../../lib/random.ts';
import type { Secret } from '../../lib/secret.ts';
import { MeetingsError } from './errors.ts';
import { ADVICE } from './failure.ts';
import type { Invitee, Meeting, MeetingPlan, MeetingService } from './meetings.ts';

/** A meeting for a room that is to begin at once. */
export interface MeetOrder {
  readonly title: string;
  readonly minutes: number;
  /** The room's IANA zone. */
  readonly timezone: string;
  readonly invitees: readonly Invitee[];
  readonly sendEmail: boolean;
  readonly password: Secret | null;
}

export interface ScheduledMeeting {
  readonly meeting: Meeting;
  /** What the room dials. */
  readonly sipAddress: string;
  /**
   * Takes the meeting back, for whoever could not use it. Tries what may pass
   * again until its deadline, whatever became of the signal that scheduled it;
   * called again, or for a meeting that is gone, it does nothing.
   * @throws MeetingsError when the deadline comes first, or the service refuses
   */
  readonly undo: () => Promise<void>;
}

export interface MeetDeps {
  readonly service: MeetingService;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: NewId;
  /** Told of meetings that stay behind, as `scheduleNow` throws why it failed in the first place. */
  readonly logger?: Logger;
  /** How long taking a meeting back may be tried; 60 s when left out. */
  readonly undoDeadlineMs?: number;
}

const MINUTE_MS = 60_000;
const LONGEST_TITLE = 128;
const MOST_INVITEES = 1000;
const FEWEST_MINUTES = 10;
/** 23 hours and 59 minutes. */
const MOST_MINUTES = 24 * 60 - 1;
const DEFAULT_UNDO_DEADLINE_MS = 60_000;
const UNDO_BACKOFF = { firstMs: 500, mostMs: 10_000 };

/**
 * What to ask the service for. A meeting starts at a whole minute that is yet
 * to come (spec webex-meeting.json, `start`), so at the next one. `mark` becomes
 * the agenda, by which the meeting is known again.
 * @throws MeetingsError `invalid` for an order that no site takes
 */
export function planMeeting(order: MeetOrder, { now, mark }: { now: number; mark: string }): MeetingPlan {
  const { title, minutes, timezone, sendEmail, password } = order;
  const invitees = withoutRepeats(order.invitees);
  if (title.trim() === '' || title.length > LONGEST_TITLE)
    throw refused(`the title needs 1 to ${LONGEST_TITLE} characters`);
  if (!Number.isInteger(minutes) || minutes < FEWEST_MINUTES || minutes > MOST_MINUTES)
    throw refused(`a meeting takes ${FEWEST_MINUTES} to ${MOST_MINUTES} whole minutes`);
  if (invitees.length > MOST_INVITEES) throw refused(`a meeting has at most ${MOST_INVITEES} invitees`);
  const start = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  return {
    title,
    agenda: mark,
    time: { start, end: start + minutes * MINUTE_MS, timezone },
    invitees,
    sendEmail,
    joinBeforeHost: true,
    password,
  };
}

/**
 * Schedules a meeting that begins at once and says what a room dials. Where it
 * fails half-way, or is called off, or nobody knows whether the meeting was
 * made, it is looked for and taken back before the error is thrown.
 * @throws MeetingsError, `no-address` for a meeting that no room can dial; the signal's reason
 */
export async function scheduleNow(
  order: MeetOrder,
  deps: MeetDeps,
  { signal }: AbortOptions = {},
): Promise<ScheduledMeeting> {
  const plan = planMeeting(order, { now: deps.clock.now(), mark: `roomd ${deps.newId()}` });
  const id = await create(plan, deps, signal);
  const undo = undoer(deps, `taking back the meeting ${id}`, (inner) => remove(id, deps, inner));
  try {
    const meeting = await deps.service.get(id, { signal });
    const { sipAddress } = meeting;
    if (sipAddress === null)
      throw new MeetingsError(
        'no-address',
        `the meeting ${id} was given no SIP address. ${ADVICE['no-address']}`,
      );
    return { meeting, sipAddress, undo };
  } catch (error) {
    await undo().catch((left: unknown) => tellOfLeft(deps, { id, title: plan.title }, left));
    throw error;
  }
}

async function create(plan: MeetingPlan, deps: MeetDeps, signal: AbortSignal | undefined): Promise<string> {
  signal?.throwIfAborted();
  try {
    return await deps.service.create(plan, { signal });
  } catch (error) {
    const isInDoubt = signal?.aborted === true || (error instanceof MeetingsError && error.isInDoubt);
    const undo = undoer(deps, 'looking for a meeting that may have been made', (inner) =>
      removeMarked(plan, deps, inner),
    );
    if (isInDoubt)
      await undo().catch((left: unknown) => tellOfLeft(deps, { id: null, title: plan.title }, left));
    throw error;
  }
}

function tellOfLeft({ logger = silentLogger }: MeetDeps, meeting: object, left: unknown): void {
  logger.error({ meeting, reason: messageOf(left) }, 'a meeting that nobody uses could not be taken back');
}

/** Runs `work` until it succeeds, once for all callers; after a failure the next caller tries anew. */
function undoer(
  deps: MeetDeps,
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
): () => Promise<void> {
  let under: Promise<void> | null = null;
  return () => {
    under ??= persist(deps, what, work).catch((error: unknown) => {
      under = null;
      throw error;
    });
    return under;
  };
}

/** Tries what may pass again, as long as the deadline allows for the wait before. */
async function persist(
  { clock, random, undoDeadlineMs: afterMs = DEFAULT_UNDO_DEADLINE_MS }: MeetDeps,
  what: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const endsAt = clock.monotonic() + afterMs;
  try {
    await withDeadline({ what, afterMs, clock }, async (signal) => {
      for (let failures = 1; ; failures += 1) {
        try {
          return await work(signal);
        } catch (error) {
          if (!(error instanceof MeetingsError) || !error.retryable) throw error;
          const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, UNDO_BACKOFF, random));
          if (clock.monotonic() + waitMs >= endsAt) throw error;
          await sleep(waitMs, clock, { signal });
        }
      }
    });
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new MeetingsError('deadline', error.message, { cause: error });
  }
}

async function remove(id: string, { service }: MeetDeps, signal: AbortSignal): Promise<void> {
  try {
    await service.delete(id, { signal });
  } catch (error) {
    const isGone = error instanceof MeetingsError && error.code === 'not-found';
    if (!isGone) throw error;
  }
}

/** Deletes the meeting that carries the plan's mark, and no other that only looks like it. */
async function removeMarked(plan: MeetingPlan, deps: MeetDeps, signal: AbortSignal): Promise<void> {
  const { start } = plan.time;
  const range = { from: start, to: start + 2 * MINUTE_MS };
  for await (const { id, title } of deps.service.list(range, { signal })) {
    if (title !== plan.title) continue;
    const { agenda } = await deps.service.get(id, { signal });
    if (agenda === plan.agenda) return remove(id, deps, signal);
  }
}

function withoutRepeats(invitees: readonly Invitee[]): Invitee[] {
  const byEmail = new Map<string, Invitee>();
  for (const invitee of invitees) {
    const key = invitee.email.toLowerCase();
    if (!/^[^\s@]+@[^\s@]+$/.test(key)) throw refused(`"${invitee.email}" is no e-mail address`);
    if (!byEmail.has(key)) byEmail.set(key, invitee);
  }
  return [...byEmail.values()];
}

function refused(why: string): MeetingsError {
  return new MeetingsError('invalid', `${why}; nothing was sent`);
}
