import { oneWay } from '../../../src/simulator/settings.ts';
import type { Played } from './play.ts';
import { common, grown, length, merged, type Span, without } from './spans.ts';

const { presenceYesMs, presenceNoMs, rebootMs, bootLeadMs } = oneWay;

/** A silent peer is found out within 20 s, and a break of three more is none. */
const NOTICE_MS = 23_000;
/** So long after a break what it left behind may still come. */
const RECOVERY_MS = 150_000;
/** Of timers that fall into the same moment. */
const SLACK_MS = 100;

/** What may be said of a room, by what really happened in it and to the ways that lead from it. */
export interface Truth {
  /** Neither a session nor a post could have told anything: nobody can know. */
  readonly isUnknown: readonly Span[];
  /** No session was there, nor for as long before and after as it takes to find that out: it may be unknown. */
  readonly mayBeUnknown: readonly Span[];
  /** The detector has said yes or no, and whoever listened has heard it. */
  readonly isOccupied: readonly Span[];
  readonly isEmpty: readonly Span[];
  /** Something did not work, or did a moment ago. */
  readonly troubled: readonly Span[];
}

export function truthOf(
  { week, absences }: Pick<Played, 'week' | 'absences'>,
  { room, life }: Played['rooms'][number],
  { aliveMs }: { aliveMs: number },
): Truth {
  const { session, webhook } = room.couldTell();
  const noSession = without([week], session);
  // Posts come in order: one that is taken tells that none before it is missing, be it late itself.
  const toldLate = noSession.flatMap(({ from, to }) => {
    const last = room.posts.findLast((at) => at > from && at <= to);
    return last === undefined ? [] : [{ from, to: last }];
  });
  const blind = without(without(noSession, webhook), toldLate);
  const reboots = life.reboots.map((at) => ({ from: at, to: at + bootLeadMs + rebootMs }));
  const killed = absences.filter(({ isKilled }) => isKilled);
  const { feedbackRetries, feedbackRetrySpacingMs, feedbackTimeoutMs } = room.state.settings;
  const troubled = merged(grown([...life.outages, ...absences, ...reboots, ...noSession], 0, RECOVERY_MS));
  const late = {
    troubled,
    // A post that fails is sent again, each time after its time limit and a pause.
    lateMs: NOTICE_MS + (feedbackRetries + 1) * (feedbackTimeoutMs + feedbackRetrySpacingMs),
  };
  const visits = merged(life.visits);
  return {
    isUnknown: grown(blind, -NOTICE_MS, 0),
    mayBeUnknown: merged([...grown(noSession, 0, 1_000), ...grown(killed, aliveMs + SLACK_MS, 0)]),
    // A detector that starts anew says no before it says yes.
    isOccupied: without(settled(visits, presenceYesMs, late), grown(reboots, 0, 2 * presenceYesMs)),
    isEmpty: settled(without([week], visits), presenceNoMs, late),
    troubled,
  };
}

/** The times without their beginnings: as long as the detector takes, and near trouble as long as news of it may. */
function settled(
  spans: readonly Span[],
  detectorMs: number,
  { troubled, lateMs }: { troubled: readonly Span[]; lateMs: number },
): Span[] {
  const begun = grown(
    spans.map(({ from }) => ({ from, to: from })),
    0,
    detectorMs + SLACK_MS,
  );
  const late = grown(begun, 0, lateMs).filter((span) => length(common([span], troubled)) > 0);
  return without(spans, [...begun, ...late]);
}
