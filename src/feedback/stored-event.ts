import type { StoredEvent } from '../storage/events.ts';
import { type EventSource, type FeedbackEvent, isEventKind } from './event.ts';

/** An event of the log, typed, with its place there and the circumstances of its hearing. */
export interface LoggedEvent {
  readonly seq: number;
  readonly deviceId: number | null;
  readonly source: EventSource;
  readonly receivedAt: number;
  readonly event: FeedbackEvent;
}

/** Types a row of the log; null for a kind that this roomd does not know (a newer one wrote it). */
export function loggedEvent(row: StoredEvent): LoggedEvent | null {
  if (!isEventKind(row.kind)) return null;
  const { kind, path, payload, source } = row;
  return {
    seq: row.seq,
    deviceId: row.deviceId,
    // Rows are written by roomd alone, with the payload of their kind.
    source: source as EventSource,
    receivedAt: row.receivedAt,
    event: { kind, path, payload } as FeedbackEvent,
  };
}
