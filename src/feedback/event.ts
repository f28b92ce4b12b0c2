import type { IdentityForm } from '../storage/tables/records.ts';
import type { Delta, LeafMap, SessionState } from '../xapi/device.ts';
import type { XapiErrorCode } from '../xapi/errors.ts';
import { isWithin, type PathText } from '../xapi/path.ts';
import { NO_IDENTITIES, type Privacy } from './identity-form.ts';
import { storedLeaf } from './privacy.ts';

/** Leaves as a plain object, the form they are stored in. */
export type Leaves = Readonly<Record<PathText, string>>;

/** Where an event was learned. */
export type EventSource = 'webhook' | 'session' | 'sweep' | 'roomd';

/**
 * Everything that the log of events can hold, by kind. `path` is the node
 * that the event is about, null where it is about the whole device or fleet.
 *
 * - `status`, `configuration`: leaves that changed and nodes that are gone
 * - `event`: something happened on the device; `value` is the bare value of those that have one
 * - `snapshot`: status read as a whole; what it lacks, the device does not have
 * - `gap`: nothing is known in [from, to); null while nobody knows when it ends
 * - `bookings`: the device's list of bookings for a span of time, read as a whole
 * - `session`, `slot`: how roomd hears the device
 * - `write`, `run`, `hold`: what roomd did
 * - `fight`: a setting that is changed back again and again; opened, ended
 * - `trust`: a person vouched for another certificate or unit
 * - `macro-log`: a macro on the device wrote a line to its log
 * - `flood`: a device posts too fast and is held back; begun, ended
 * - `slot-token`: the token of a device's slot is replaced; begun, proven, ended
 * - `retire`: a person retired the device, or took it up again
 * - `alert`: a step in the life of an alert; `maintenance`: one began or was ended
 * - `access`: a token or user was made, changed or taken out
 * - `chat`: somebody had the bot do something, pressed a card, or was refused
 */
export type FeedbackEvent =
  | { readonly kind: 'status'; readonly path: PathText; readonly payload: ChangePayload }
  | { readonly kind: 'configuration'; readonly path: PathText; readonly payload: ChangePayload }
  | { readonly kind: 'event'; readonly path: PathText; readonly payload: HappeningPayload }
  | { readonly kind: 'snapshot'; readonly path: null; readonly payload: { readonly leaves: Leaves } }
  | { readonly kind: 'gap'; readonly path: null; readonly payload: GapPayload }
  | { readonly kind: 'bookings'; readonly path: null; readonly payload: BookingsPayload }
  | { readonly kind: 'session'; readonly path: null; readonly payload: SessionPayload }
  | { readonly kind: 'slot'; readonly path: null; readonly payload: { readonly healthy: boolean } }
  | { readonly kind: 'write'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'run'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'hold'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'fight'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'trust'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'macro-log'; readonly path: PathText; readonly payload: MacroLogPayload }
  | { readonly kind: 'flood'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'slot-token'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'retire'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'alert'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'maintenance'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'chat'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'deed'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'access'; readonly path: null; readonly payload: RoomdPayload };

export type EventKind = FeedbackEvent['kind'];

const KINDS: Readonly<Record<EventKind, true>> = {
  status: true,
  configuration: true,
  event: true,
  snapshot: true,
  gap: true,
  bookings: true,
  session: true,
  slot: true,
  write: true,
  run: true,
  hold: true,
  fight: true,
  trust: true,
  'macro-log': true,
  flood: true,
  'slot-token': true,
  retire: true,
  alert: true,
  maintenance: true,
  chat: true,
  deed: true,
  access: true,
};

export const EVENT_KINDS = Object.keys(KINDS) as readonly EventKind[];

export function isEventKind(text: string): text is EventKind {
  return Object.hasOwn(KINDS, text);
}

export interface ChangePayload {
  readonly leaves: Leaves;
  readonly gone: readonly PathText[];
}

export interface HappeningPayload {
  /** Arguments by name relative to the event's path (`PanelId`). */
  readonly arguments: Leaves;
  /** The value of an event that carries a bare one (`Standby.SecondsToStandby`). */
  readonly value: string | null;
}

export interface GapPayload {
  /** UTC milliseconds. */
  readonly from: number;
  readonly to: number | null;
  readonly reason: string;
  /** roomd itself did not run. */
  readonly isOutage?: boolean;
  /** It was known and is erased. */
  readonly isErasure?: boolean;
}

export interface BookingsPayload {
  /** The span of time that was asked for, UTC milliseconds: a booking in it that is not listed is none. */
  readonly from: number;
  readonly to: number;
  readonly bookings: readonly ListedBooking[];
}

export interface ListedBooking {
  /** The device's own id of it. */
  readonly id: string;
  readonly meetingId: string | null;
  readonly startAt: number;
  readonly endAt: number;
  readonly organizer: string | null;
  readonly organizerForm: IdentityForm;
  /** See `seriesOf`; left out where nothing is kept. */
  readonly series?: string;
}

export interface SessionPayload {
  readonly state: SessionState;
  readonly reason: string | null;
  readonly errorCode: XapiErrorCode | null;
}

/** One line that a macro on a device wrote, as it is kept. */
export interface MacroLogPayload {
  /** In the device's own words: `INFO`, `ERROR`. */
  readonly level: string;
  readonly macro: string;
  /** On one line and of a limited length, without the device's password. */
  readonly message: string;
  /** The device's own number of the line; null where it tells none. */
  readonly offset: number | null;
  /** The device's own time of it, as it wrote it; null where it tells none. */
  readonly at: string | null;
  /** Lines right before it that were not kept because too many came. */
  readonly leftOut: number;
}

/** Written by the slices that own these deeds; feedback only passes them on. */
export type RoomdPayload = Readonly<Record<string, unknown>>;

/**
 * The events that a delta amounts to, without the identities that may not be
 * stored. A status delta of nothing but identities is none; an event still
 * happened.
 */
export function eventsOf(delta: Delta, privacy: Privacy = NO_IDENTITIES): FeedbackEvent[] {
  return delta.tree === 'Event' ? happenings(delta, privacy) : changes(delta, privacy);
}

/** The leaves that may be stored, in the form in which they may. */
export function storedLeaves(tree: Delta['tree'], leaves: LeafMap, privacy: Privacy): Leaves {
  const kept: Record<PathText, string> = {};
  for (const [path, value] of leaves) {
    const stored = storedLeaf(tree, path, value, privacy);
    if (stored !== null) kept[stored[0]] = stored[1];
  }
  return kept;
}

function changes({ tree, leaves, gone }: Delta, privacy: Privacy): FeedbackEvent[] {
  const kept = storedLeaves(tree, leaves, privacy);
  const path = commonNode([...Object.keys(kept), ...gone]);
  if (path === null) return [];
  return [{ kind: tree === 'Status' ? 'status' : 'configuration', path, payload: { leaves: kept, gone } }];
}

/** One event for each node whose children are the leaves; a node below another belongs to that one. */
function happenings({ leaves, bare }: Delta, privacy: Privacy): FeedbackEvent[] {
  const nodes: PathText[] = [];
  for (const leaf of leaves.keys()) {
    const node = parentOf(leaf);
    if (!nodes.includes(node)) nodes.push(node);
  }
  const tops = nodes.filter((node) => !nodes.some((other) => other !== node && isWithin(node, other)));
  const events: FeedbackEvent[] = [];
  for (const path of tops) {
    const args: Record<string, string> = {};
    for (const [leaf, value] of leaves) {
      const stored = isWithin(leaf, path) ? storedLeaf('Event', leaf, value, privacy) : null;
      if (stored !== null) args[stored[0].slice(path.length + 1)] = stored[1];
    }
    events.push({ kind: 'event', path, payload: { arguments: args, value: null } });
  }
  for (const [path, value] of bare) {
    events.push({ kind: 'event', path, payload: { arguments: {}, value: value === '' ? null : value } });
  }
  return events;
}

function parentOf(path: PathText): PathText {
  const end = path.lastIndexOf('.');
  return end === -1 ? path : path.slice(0, end);
}

/** The deepest node that holds all of the paths; null for none, the empty path where they share nothing. */
function commonNode(paths: readonly PathText[]): PathText | null {
  const [first, ...others] = paths;
  if (first === undefined) return null;
  let node = first;
  for (const path of others) {
    while (node !== '' && !isWithin(path, node)) node = node.includes('.') ? parentOf(node) : '';
  }
  return node;
}
