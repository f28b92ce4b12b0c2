import type { Delta, LeafMap, SessionState } from '../xapi/device.ts';
import type { XapiErrorCode } from '../xapi/errors.ts';
import { isWithin, type PathText } from '../xapi/path.ts';
import { isIdentity } from './privacy.ts';

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
 * - `session`, `slot`: how roomd hears the device
 * - `write`, `run`, `hold`: what roomd did
 * - `alert`: a step in the life of an alert; `maintenance`: one began or was ended
 */
export type FeedbackEvent =
  | { readonly kind: 'status'; readonly path: PathText; readonly payload: ChangePayload }
  | { readonly kind: 'configuration'; readonly path: PathText; readonly payload: ChangePayload }
  | { readonly kind: 'event'; readonly path: PathText; readonly payload: HappeningPayload }
  | { readonly kind: 'snapshot'; readonly path: null; readonly payload: { readonly leaves: Leaves } }
  | { readonly kind: 'gap'; readonly path: null; readonly payload: GapPayload }
  | { readonly kind: 'session'; readonly path: null; readonly payload: SessionPayload }
  | { readonly kind: 'slot'; readonly path: null; readonly payload: { readonly healthy: boolean } }
  | { readonly kind: 'write'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'run'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'hold'; readonly path: PathText | null; readonly payload: RoomdPayload }
  | { readonly kind: 'alert'; readonly path: null; readonly payload: RoomdPayload }
  | { readonly kind: 'maintenance'; readonly path: null; readonly payload: RoomdPayload };

export type EventKind = FeedbackEvent['kind'];

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
}

export interface SessionPayload {
  readonly state: SessionState;
  readonly reason: string | null;
  readonly errorCode: XapiErrorCode | null;
}

/** Written by the slices that own these deeds; feedback only passes them on. */
export type RoomdPayload = Readonly<Record<string, unknown>>;

/**
 * The events that a delta amounts to, without identities. A status delta of
 * nothing but identities is none; an event still happened.
 */
export function eventsOf(delta: Delta): FeedbackEvent[] {
  return delta.tree === 'Event' ? happenings(delta) : changes(delta);
}

/** The leaves that may be stored. */
export function withoutIdentities(tree: Delta['tree'], leaves: LeafMap): Leaves {
  const kept: Record<PathText, string> = {};
  for (const [path, value] of leaves) if (!isIdentity(tree, path)) kept[path] = value;
  return kept;
}

function changes({ tree, leaves, gone }: Delta): FeedbackEvent[] {
  const kept = withoutIdentities(tree, leaves);
  const path = commonNode([...Object.keys(kept), ...gone]);
  if (path === null) return [];
  return [{ kind: tree === 'Status' ? 'status' : 'configuration', path, payload: { leaves: kept, gone } }];
}

/** One event for each node whose children are the leaves; a node below another belongs to that one. */
function happenings({ leaves, bare }: Delta): FeedbackEvent[] {
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
      if (isWithin(leaf, path) && !isIdentity('Event', leaf)) args[leaf.slice(path.length + 1)] = value;
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
