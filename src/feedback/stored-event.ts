import type { NewEvent, StoredEvent } from '../storage/events.ts';
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

/** A row for the log, of what was heard of a device. */
export function toStore(
  deviceId: number,
  { event, source, at }: { event: FeedbackEvent; source: EventSource; at: number },
): NewEvent {
  const { kind, path, payload } = event;
  return { deviceId, kind, path, payload, source, receivedAt: at, deviceAt: null };
}
