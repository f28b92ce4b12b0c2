import type { ChangePayload, GapPayload, HappeningPayload, Leaves } from '../event.ts';
import type { DeviceEvent, Projected, Projection, RowWrite } from '../projection.ts';
import {
  type Call,
  callLeaves,
  idOf,
  isAnother,
  newCall,
  numberOf,
  outcomeOf,
  withCause,
  withLeaves,
} from './call-row.ts';

export interface CallsState {
  /** Under way, by the device's own number; one that nobody hears any more has the state `unknown`. */
  readonly open: Readonly<Record<string, Call>>;
  /** Ended lately: what still comes of them tells why they ended, and begins no new call. */
  readonly ended: readonly Call[];
  /** Nobody hears the device since its last gap. */
  readonly isBlind: boolean;
  /** What was before is erased, also as the beginning of a call that a later event tells of. */
  readonly erasedUntil: number;
}

/** Posts of a call that ended come no later than this: a device tries ten times, a second apart (facts, section 3). */
const JOIN_MS = 10 * 60_000;

const NEW: CallsState = { open: {}, ended: [], isBlind: false, erasedUntil: 0 };

/** Calls, joined by the device's own number of them. Numbers come again after a reboot, so they mean only what is under way or ended lately. */
export const calls: Projection<CallsState> = {
  name: 'calls',
  version: 1,
  tables: ['call'],
  apply(known, event) {
    const { ended, ...rest } = known ?? NEW;
    const late = ended.filter(({ ended_at }) => event.receivedAt - (ended_at ?? 0) <= JOIN_MS);
    return stepOf({ ...rest, ended: late }, event);
  },
  open({ open, ended }) {
    return [...Object.values(open), ...ended].map(write);
  },
};

function stepOf(state: CallsState, heard: DeviceEvent): Projected<CallsState> | null {
  const { event } = heard;
  switch (event.kind) {
    case 'status':
      return ofStatus(state, event.payload, heard);
    case 'event':
      return ofHappening(state, event, heard);
    case 'snapshot':
      return ofSnapshot(state, event.payload.leaves, heard);
    case 'gap':
      return ofGap(state, event.payload);
    default:
      return null;
  }
}

function ofStatus(
  state: CallsState,
  { leaves, gone }: ChangePayload,
  heard: DeviceEvent,
): Projected<CallsState> | null {
  const told = callLeaves(leaves);
  const over = gone.flatMap((path) => (path === 'Call' ? Object.keys(state.open) : (idOf(path) ?? [])));
  if (told.size === 0 && over.length === 0) return null;
  let step: Projected<CallsState> = { state, writes: [] };
  for (const [id, call] of told) step = followed(step, ofLeaves(step.state, id, call, heard));
  for (const id of over) step = followed(step, ended(step.state, id, heard));
  return step;
}

/** Leaves of one call. One that ended lately is not begun anew by a post that comes late. */
function ofLeaves(state: CallsState, id: string, leaves: Leaves, heard: DeviceEvent): Projected<CallsState> {
  const known = state.open[id];
  const status = leaves['Status'];
  if (known === undefined && (status === 'Idle' || state.ended.some(({ call_id }) => call_id === id)))
    return { state, writes: [] };
  const before = known ?? newCall(id, heard, { isHeard: !state.isBlind });
  const call = withLeaves(before, leaves, heard.receivedAt);
  if (status === 'Idle') return ended({ ...state, open: { ...state.open, [id]: call } }, id, heard);
  return put(state, call);
}

function ofHappening(
  state: CallsState,
  { path, payload }: { path: string; payload: HappeningPayload },
  heard: DeviceEvent,
): Projected<CallsState> | null {
  // A reboot ends every call, and their numbers are given anew.
  if (path === 'BootEvent') {
    const step = endedAll(state, heard.receivedAt);
    return { ...step, state: { ...step.state, ended: [] } };
  }
  const direction = DIRECTIONS[path];
  const id = payload.arguments['CallId'];
  if (direction === undefined || id === undefined) return null;
  if (path === 'CallDisconnect') return ofDisconnect(state, id, payload.arguments, heard);
  const isConnected = path === 'CallSuccessful';
  const leaves: Leaves = {
    ...payload.arguments,
    ...(direction === null ? {} : { Direction: direction }),
    ...(isConnected ? { Status: 'Connected' } : {}),
  };
  return ofLeaves(state, id, leaves, heard);
}

const DIRECTIONS: Readonly<Record<string, 'Incoming' | 'Outgoing' | null>> = {
  IncomingCallIndication: 'Incoming',
  OutgoingCallIndication: 'Outgoing',
  CallSuccessful: null,
  CallDisconnect: null,
};

/** Comes after the call is gone from the status (facts, section 3), or in its place; and may come twice. */
function ofDisconnect(
  state: CallsState,
  id: string,
  said: Leaves,
  heard: DeviceEvent,
): Projected<CallsState> | null {
  const last = state.ended.findLast(({ call_id }) => call_id === id);
  const open = state.open[id];
  if (open === undefined && last !== undefined) {
    if (last.cause_type !== null) return null;
    const call = withCause(last, said);
    return {
      state: { ...state, ended: state.ended.map((one) => (one === last ? call : one)) },
      writes: [write(call)],
    };
  }
  const seconds = numberOf(said['Duration']);
  const from = Math.max(heard.receivedAt - (seconds ?? 0) * 1_000, state.erasedUntil);
  const before: Call = open ?? {
    ...newCall(id, heard, { isHeard: !state.isBlind }),
    started_at: from,
    is_start_known: 0,
  };
  const call = withCause(
    withLeaves(before, { ...said, Direction: said['OrigCallDirection'] ?? '' }, heard.receivedAt),
    said,
  );
  const step = ended({ ...state, open: { ...state.open, [id]: call } }, id, heard);
  return step;
}

/** A whole status is the truth: a call that it lacks is over, and nobody heard it end. */
function ofSnapshot(known: CallsState, leaves: Leaves, heard: DeviceEvent): Projected<CallsState> | null {
  const told = callLeaves(leaves);
  if (told.size === 0 && Object.keys(known.open).length === 0 && !known.isBlind) return null;
  // After a gap the device may have rebooted, so its numbers may be new ones.
  const state = { ...known, isBlind: false, ended: known.isBlind ? [] : known.ended };
  let step: Projected<CallsState> = { state, writes: [] };
  for (const [id, call] of Object.entries(state.open)) {
    if (!told.has(id) || isAnother(call, told.get(id) ?? {}))
      step = followed(step, unheardEnd(step.state, id, heard.receivedAt));
  }
  for (const [id, call] of told) {
    if (call['Status'] === 'Idle' || call['Status'] === undefined) continue;
    const isNew = step.state.open[id] === undefined;
    const seen = { ...step.state, ended: step.state.ended.filter(({ call_id }) => call_id !== id) };
    const after = ofLeaves(seen, id, call, heard);
    step = followed(step, isNew ? underWay(after, id, call, heard) : after);
  }
  return step;
}

/** First heard of in the middle: since when it is connected, the device says. */
function underWay(
  { state }: Projected<CallsState>,
  id: string,
  leaves: Leaves,
  { receivedAt }: DeviceEvent,
): Projected<CallsState> {
  const call = state.open[id];
  if (call === undefined) return { state, writes: [] };
  const seconds = numberOf(leaves['Duration']) ?? 0;
  const from = Math.max(receivedAt - seconds * 1_000, state.erasedUntil);
  const connected = call.connected_at === null ? null : from;
  return put(state, { ...call, started_at: from, is_start_known: 0, connected_at: connected });
}

/** From here on nobody hears how calls end. */
function ofGap(known: CallsState, { to, isErasure }: GapPayload): Projected<CallsState> {
  const erasedUntil = isErasure === true ? (to ?? known.erasedUntil) : known.erasedUntil;
  const open = Object.values(known.open).map((call) => ({ ...call, state: 'unknown', is_end_known: 0 }));
  const state = {
    ...known,
    erasedUntil,
    isBlind: true,
    open: Object.fromEntries(open.map((call) => [call.call_id, call])),
  };
  return { state, writes: open.map(write) };
}

function ended(state: CallsState, id: string, { receivedAt }: DeviceEvent): Projected<CallsState> {
  const call = state.open[id];
  if (call === undefined) return { state, writes: [] };
  const at = Math.max(receivedAt, call.started_at);
  const lasted = call.connected_at === null ? null : Math.round((at - call.connected_at) / 1_000);
  return close(state, {
    ...call,
    state: 'ended',
    ended_at: at,
    is_end_known: 1,
    outcome: outcomeOf(call),
    duration_s: call.duration_s ?? lasted,
  });
}

function unheardEnd(state: CallsState, id: string, at: number): Projected<CallsState> {
  const call = state.open[id];
  if (call === undefined) return { state, writes: [] };
  const outcome = call.connected_at === null ? 'unknown' : 'connected';
  const latest = Math.max(at, call.started_at);
  return close(state, { ...call, state: 'ended', ended_at: latest, is_end_known: 0, outcome });
}

function endedAll(state: CallsState, at: number): Projected<CallsState> {
  let step: Projected<CallsState> = { state, writes: [] };
  for (const id of Object.keys(state.open)) step = followed(step, unheardEnd(step.state, id, at));
  return step;
}

function close(state: CallsState, call: Call): Projected<CallsState> {
  const open = { ...state.open };
  delete open[call.call_id];
  return { state: { ...state, open, ended: [...state.ended, call] }, writes: [write(call)] };
}

function put(state: CallsState, call: Call): Projected<CallsState> {
  return { state: { ...state, open: { ...state.open, [call.call_id]: call } }, writes: [write(call)] };
}

function followed(first: Projected<CallsState>, then: Projected<CallsState>): Projected<CallsState> {
  return { state: then.state, writes: [...first.writes, ...then.writes] };
}

function write(row: Call): RowWrite {
  return { table: 'call', row };
}
