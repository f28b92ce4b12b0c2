import type { FeedbackEvent } from '../../../src/feedback/event.ts';
import type {
  DeviceEvent,
  Projection,
  RecordRow,
  RecordTable,
  RowWrite,
} from '../../../src/feedback/projection.ts';
import { rowKey } from '../../../src/feedback/record-tables.ts';

export interface Told {
  readonly at: number;
  readonly event: FeedbackEvent;
}

export function status(at: number, leaves: Record<string, string>, gone: readonly string[] = []): Told {
  return {
    at,
    event: { kind: 'status', path: Object.keys(leaves)[0] ?? gone[0] ?? '', payload: { leaves, gone } },
  };
}

export function happening(at: number, path: string, said: Record<string, string> = {}): Told {
  return { at, event: { kind: 'event', path, payload: { arguments: said, value: null } } };
}

export function snapshot(at: number, leaves: Record<string, string>): Told {
  return { at, event: { kind: 'snapshot', path: null, payload: { leaves } } };
}

export function gap(
  at: number,
  from = at,
  more: { isOutage?: boolean; isErasure?: boolean; to?: number } = {},
): Told {
  return { at, event: { kind: 'gap', path: null, payload: { from, to: null, reason: 'test', ...more } } };
}

/** The rows of one table after these events, in the order of their beginning. */
export function rowsAfter<Table extends RecordTable>(
  projection: Projection<unknown>,
  table: Table,
  told: readonly Told[],
): RecordRow<Table>[] {
  const rows = new Map<string, RowWrite>();
  let state: unknown = null;
  for (const [index, { at, event }] of told.entries()) {
    const heard: DeviceEvent = { seq: index + 1, deviceId: 1, source: 'webhook', receivedAt: at, event };
    const projected = projection.apply(state, heard);
    if (projected === null) continue;
    // States survive a restart as JSON.
    state = JSON.parse(JSON.stringify(projected.state));
    for (const write of projected.writes) {
      if (write.isGone === true) rows.delete(rowKey(1, write));
      else rows.set(rowKey(1, write), write);
    }
  }
  return [...rows.values()]
    .filter((write) => write.table === table)
    .toSorted((one, other) => one.row.seq - other.row.seq)
    .map(({ row }) => row as RecordRow<Table>);
}
