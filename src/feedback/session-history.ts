import type { AbortOptions } from '../lib/abort.ts';
import type { Database } from '../storage/database.ts';
import type { SessionState } from '../xapi/device.ts';
import type { SessionPayload } from './event.ts';
import { type SessionWord, sessionWord } from './session-word.ts';

/** How a device's session stood from `from` to `to` (null: still), UTC milliseconds. */
export interface SessionInterval {
  readonly from: number;
  readonly to: number | null;
  readonly word: SessionWord;
  /** Why; null where all was well, and where the events that tell it are no longer kept. */
  readonly reason: string | null;
}

export interface Availability {
  /** Milliseconds in which the session was up, was up in part, was not; and of which nothing is known. */
  readonly upMs: number;
  readonly degradedMs: number;
  readonly outMs: number;
  readonly unknownMs: number;
  /** Of the time that is known, the part in which the session was up, if only in part: 0 to 1; null where nothing is known. */
  readonly share: number | null;
}

export interface SessionSpan {
  readonly seq: number;
  readonly value: SessionState;
  readonly from: number;
  readonly to: number | null;
}

/** What a `session` event told. */
export interface SessionTold extends SessionPayload {
  readonly seq: number;
  readonly at: number;
}

interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * A device's session within [from, to), clipped to it, in order of time. Spans
 * are kept longer than the events that tell why.
 */
export async function sessionHistory(
  database: Database,
  { deviceId, from, to }: TimeSpan & { readonly deviceId: number },
  options?: AbortOptions,
): Promise<SessionInterval[]> {
  const { query } = database;
  const rows = await database.read(
    query
      .selectFrom('span')
      .select(['seq', 'value', 'from_at', 'to_at'])
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'session')
      .where('from_at', '<', to)
      .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', from)]))
      .orderBy('from_at', 'desc')
      .limit(MOST),
    options,
  );
  const spans = rows.toReversed().map(
    ({ seq, value, from_at, to_at }): SessionSpan => ({
      seq,
      value: value as SessionState,
      from: from_at,
      to: to_at,
    }),
  );
  const told = await database.read(
    query
      .selectFrom('event')
      .select(['seq', 'received_at', 'payload_json'])
      .where('device_id', '=', deviceId)
      .where('kind', '=', 'session')
      .where('seq', '>=', spans[0]?.seq ?? Number.MAX_SAFE_INTEGER)
      .where('received_at', '<', to)
      .orderBy('seq', 'desc')
      .limit(MOST * 2),
    options,
  );
  const events = told.toReversed().map(
    ({ seq, received_at: at, payload_json }): SessionTold => ({
      // Events of the kind `session` are written by the recorder alone.
      ...(JSON.parse(payload_json) as SessionPayload),
      seq,
      at,
    }),
  );
  return sessionIntervals(spans, events).flatMap((interval) => clipped(interval, { from, to }));
}

/** The latest so many spans are shown. */
const MOST = 1_000;

/** Spans with their reasons; one whose reason changed while it stood is cut there. */
export function sessionIntervals(
  spans: readonly SessionSpan[],
  events: readonly SessionTold[],
): SessionInterval[] {
  return spans.flatMap((span) => {
    const cuts = events.filter(
      ({ seq, at, state }) =>
        seq >= span.seq && state === span.value && at >= span.from && (span.to === null || at < span.to),
    );
    const first = cuts[0]?.seq === span.seq ? [] : [{ at: span.from, reason: null }];
    const starts = [...first, ...cuts];
    return starts.map(
      ({ at, reason }, index): SessionInterval => ({
        from: index === 0 ? span.from : at,
        to: starts[index + 1]?.at ?? span.to,
        word: sessionWord({ state: span.value, reason }),
        reason,
      }),
    );
  });
}

export function availabilityOf(intervals: readonly SessionInterval[], { from, to }: TimeSpan): Availability {
  const sums = { up: 0, degraded: 0, out: 0 };
  for (const interval of intervals) {
    const ms = Math.max(0, Math.min(interval.to ?? to, to) - Math.max(interval.from, from));
    if (interval.word === 'off') continue;
    sums[interval.word === 'up' || interval.word === 'degraded' ? interval.word : 'out'] += ms;
  }
  const known = sums.up + sums.degraded + sums.out;
  return {
    upMs: sums.up,
    degradedMs: sums.degraded,
    outMs: sums.out,
    unknownMs: Math.max(0, to - from - known),
    share: known === 0 ? null : (sums.up + sums.degraded) / known,
  };
}

function clipped(interval: SessionInterval, { from, to }: TimeSpan): SessionInterval[] {
  const clippedFrom = Math.max(interval.from, from);
  const clippedTo = interval.to === null ? null : Math.min(interval.to, to);
  return clippedTo !== null && clippedTo <= clippedFrom
    ? []
    : [{ ...interval, from: clippedFrom, to: clippedTo }];
}
