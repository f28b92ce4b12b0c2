import type { SessionState } from '../xapi/device.ts';
import { sessionWord } from './session-word.ts';
import type { TimelineKind } from './timeline-sources.ts';

export type TimelineDetail = Readonly<Record<string, unknown>>;

/** What happened, in a sentence for people; times stand beside it. */
export function titleOf(kind: TimelineKind, detail: TimelineDetail): string {
  return TITLES[kind](detail);
}

const TITLES: Readonly<Record<TimelineKind, (detail: TimelineDetail) => string>> = {
  presence: ({ state, maxCount }) => {
    if (state === 'unknown') return 'nobody knows whether somebody is there';
    if (state === 'no') return 'nobody is there';
    return maxCount === null ? 'somebody is there' : `somebody is there, ${text(maxCount)} at most`;
  },
  call: callTitle,
  booking: ({ state }) => `a booking${state === 'scheduled' ? '' : `: ${text(state)}`}`,
  'in-use': ({ value }) => (value === 'yes' ? 'the room is in use' : 'the room is not in use'),
  standby: ({ value }) => (value === 'Off' ? 'awake' : `asleep (${text(value)})`),
  session: ({ value }) =>
    `${value === 'up' || value === 'up-https' ? 'roomd hears it' : 'no session'}: ${session(value)}`,
  software: ({ value }) => `runs ${text(value)}`,
  reboot: ({ value }) => `restarts (${text(value)})`,
  diagnostic: ({ key, value, more }) => `${text(value)}: ${text(field(more, 'description') ?? key)}`,
  peripheral: ({ key, value, more }) =>
    `${text(field(more, 'name') ?? `peripheral ${text(key)}`)}: ${text(value)}`,
  gap: ({ reason }) => `nothing is known: ${text(reason)}`,
  hold: ({ reason, actor, selector }) =>
    `held by ${text(actor)}${selector === null ? '' : ` (${text(selector)})`}: ${text(reason)}`,
  configuration: ({ payload }) => {
    const leaves = Object.entries((field(payload, 'leaves') ?? {}) as Record<string, unknown>);
    const told = leaves.slice(0, 3).map(([path, value]) => `${path} is ${JSON.stringify(value)}`);
    return told.length === 0 ? 'settings are gone' : `${told.join(', ')}${more(leaves.length - 3)}`;
  },
  event: ({ path, payload }) => {
    const args = Object.entries((field(payload, 'arguments') ?? {}) as Record<string, unknown>);
    // Of a leaf without a value a device tells the white space in which it is written.
    const told = args.slice(0, 3).map(([name, value]) => {
      const said = typeof value === 'string' ? value.trim() : value;
      return said === '' ? name : `${name} ${JSON.stringify(said)}`;
    });
    return `${text(path)}${told.length === 0 ? '' : `: ${told.join(', ')}`}${more(args.length - 3)}`;
  },
  slot: ({ payload }) =>
    field(payload, 'healthy') === true ? 'its posts can be relied on' : 'its posts cannot be relied on',
  'slot-token': ({ payload }) => {
    const stage = field(payload, 'stage');
    if (stage === 'begun') return `its posts get another token${by(payload)}`;
    if (stage === 'ended') return 'its token of before is not accepted any more';
    return `its new token is proven by a ${text(field(payload, 'by'))}`;
  },
  flood: ({ payload }) =>
    field(payload, 'stage') === 'begun'
      ? 'it posts too fast and is answered late'
      : 'it posts no faster than it may',
  write: ({ path, payload }) => {
    const from = field(payload, 'from');
    const change = `${from === null ? 'nothing' : JSON.stringify(from)} → ${JSON.stringify(field(payload, 'to'))}`;
    return `${text(path)}: ${change}, ${text(field(payload, 'outcome'))}, by ${text(field(payload, 'actor'))}`;
  },
  run: ({ payload }) => {
    const reason = field(payload, 'reason');
    return `macro ${text(field(payload, 'macro'))}: ${text(field(payload, 'state'))}${reason === null ? '' : `, ${text(reason)}`}`;
  },
  fight: ({ path, payload }) => {
    const [ours, theirs] = [field(payload, 'ours'), field(payload, 'theirs')].map((value) =>
      JSON.stringify(value),
    );
    return `${text(path)} is fought over: ${ours} by roomd, ${theirs} by something else`;
  },
  trust: ({ payload }) => `somebody vouched for it${by(payload)}`,
  retire: ({ payload }) => `retired or taken up again${by(payload)}`,
  'macro-log': ({ payload }) =>
    `macro on the device, ${text(field(payload, 'macro'))}: ${text(field(payload, 'level'))} ${text(field(payload, 'message'))}`,
  alert: ({ payload }) =>
    `alert ${text(field(payload, 'change'))} (${text(field(payload, 'severity'))}): ${text(field(payload, 'title'))}`,
  maintenance: generic('maintenance'),
};

function callTitle({ direction, protocol, outcome, state, cause, remote }: TimelineDetail): string {
  const who = remote === null ? '' : ` with ${text(remote)}`;
  const what = `${direction === null ? 'a' : `an ${text(direction)}`} call${who}${protocol === null ? '' : ` (${text(protocol)})`}`;
  if (outcome === null) return `${what}: ${text(state)}`;
  return `${what}: ${text(outcome)}${cause === null ? '' : `, ${text(cause)}`}`;
}

/** Kinds whose payload other slices own: the sentence that they carry, or what they are about. */
function generic(kind: string): (detail: TimelineDetail) => string {
  return ({ path, payload }) => {
    const said = ['title', 'sentence', 'message', 'reason', 'rule', 'state']
      .map((name) => field(payload, name))
      .filter((value) => typeof value === 'string');
    return `${kind}: ${said.length > 0 ? said.slice(0, 2).join(', ') : text(path ?? 'no more is told')}`;
  };
}

/** A span keeps the state alone: the word that `roomd sessions` has for it. */
function session(value: unknown): string {
  // Spans of sessions are made of events that the recorder alone writes.
  return sessionWord({ state: value as SessionState, reason: null });
}

function by(payload: unknown): string {
  const actor = field(payload, 'actor') ?? field(payload, 'by');
  return typeof actor === 'string' ? ` (${actor})` : '';
}

function more(count: number): string {
  return count > 0 ? ` and ${count} more` : '';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? ((value as Record<string, unknown>)[name] ?? null)
    : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
