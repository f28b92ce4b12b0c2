import type { Leaves } from '../event.ts';
import { remoteIn } from '../identity-form.ts';
import type { RecordRow } from '../projection.ts';

export type Call = RecordRow<'call'>;

/** `isHeard`: its beginning was heard, it was not under way before. */
export function newCall(
  id: string,
  { seq, receivedAt }: { seq: number; receivedAt: number },
  { isHeard }: { isHeard: boolean },
): Call {
  return {
    seq,
    call_id: id,
    direction: null,
    protocol: null,
    state: 'unknown',
    started_at: receivedAt,
    is_start_known: isHeard ? 1 : 0,
    connected_at: null,
    ended_at: null,
    is_end_known: 1,
    outcome: null,
    cause_type: null,
    cause: null,
    duration_s: null,
    remote: null,
    remote_form: 'none',
    people_average: null,
  };
}

/** What a status's or event's leaves add. A post that comes late does not take a call back to before it connected. */
export function withLeaves(call: Call, leaves: Leaves, receivedAt: number): Call {
  const status = leaves['Status'];
  const isNewer = status !== undefined && phaseOf(status) >= phaseOf(call.state);
  const connects = status !== undefined && phaseOf(status) === 1 && call.connected_at === null;
  const remote = call.remote === null ? remoteIn(leaves) : null;
  return {
    ...call,
    state: isNewer ? status : call.state,
    is_end_known: 1,
    direction: directionOf(leaves['Direction']) ?? call.direction,
    protocol: leaves['Protocol']?.toLowerCase() || call.protocol,
    connected_at: connects ? receivedAt : call.connected_at,
    ...(remote === null ? {} : { remote: remote.value, remote_form: remote.form }),
  };
}

/** What the event of its end adds. */
export function withCause(call: Call, said: Leaves): Call {
  const seconds = numberOf(said['Duration']);
  const people = numberOf(said['PeopleCountAverage']);
  const connected_at = call.connected_at ?? (seconds !== null && seconds > 0 ? call.started_at : null);
  const told = {
    ...call,
    connected_at,
    cause_type: said['CauseType'] ?? 'Unknown',
    cause: said['CauseString'] || null,
    duration_s: connected_at === null ? null : (seconds ?? call.duration_s),
    // Zero people in a call is a camera that saw none, or did not count.
    people_average: people !== null && people > 0 ? people : null,
  };
  return call.ended_at === null ? told : { ...told, outcome: outcomeOf(told) };
}

/** What came of a call that is over. */
export function outcomeOf({ connected_at, direction }: Call): Call['outcome'] {
  if (connected_at !== null) return 'connected';
  if (direction === null) return 'unknown';
  return direction === 'incoming' ? 'missed' : 'failed';
}

/** Another call under the same number: the other way, or by another protocol. */
export function isAnother(call: Call, leaves: Leaves): boolean {
  const direction = directionOf(leaves['Direction']);
  const differs = direction !== null && call.direction !== null && direction !== call.direction;
  return differs || (call.connected_at !== null && phaseOf(leaves['Status'] ?? 'Connected') === 0);
}

/** Before it connects, connected, over. */
function phaseOf(status: string): number {
  if (['Connected', 'OnHold', 'Preserved', 'RemotePreserved'].includes(status)) return 1;
  if (status === 'Disconnecting' || status === 'Idle') return 2;
  return status === 'unknown' ? -1 : 0;
}

function directionOf(text: string | undefined): Call['direction'] {
  const word = text?.toLowerCase();
  return word === 'incoming' || word === 'outgoing' ? word : null;
}

/** A number that is not negative; null for any other text. */
export function numberOf(text: string | undefined): number | null {
  const number = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** The leaves of each call, by the device's number of it. */
export function callLeaves(leaves: Leaves): Map<string, Record<string, string>> {
  const byId = new Map<string, Record<string, string>>();
  for (const [path, value] of Object.entries(leaves)) {
    const match = CALL_LEAF.exec(path);
    if (match === null) continue;
    const [, id = '', name = ''] = match;
    const call = byId.get(id) ?? {};
    call[name] = value;
    byId.set(id, call);
  }
  return byId;
}

const CALL_LEAF = /^Call\[(\d+)\]\.(\w+)$/;

/** The device's number of a call that is gone; null for another path. */
export function idOf(path: string): string | null {
  return /^Call\[(\d+)\]$/.exec(path)?.[1] ?? null;
}
