import type { XmlElement } from '../lib/xml/element.ts';
import type { Delta, LeafMap, TreeName } from './device.ts';
import { isRecord, leavesFromJson, leavesFromXml } from './document.ts';
import { isWithin, type PathText, pathKey } from './path.ts';

/** Takes a status or configuration delta into `held`: what is gone leaves with all that is below it, then leaves are set. */
export function applyDelta(held: Map<PathText, string>, delta: Pick<Delta, 'leaves' | 'gone'>): void {
  if (delta.gone.length > 0) {
    for (const path of held.keys()) {
      if (delta.gone.some((ghost) => isWithin(path, ghost))) held.delete(path);
    }
  }
  for (const [path, value] of delta.leaves) held.set(path, value);
}

/** The delta in an XML post's root element (`<Status>`, `<Configuration>`, `<Event>`), without its Identification; null for any other root. */
export function deltaFromXml(root: XmlElement): Delta | null {
  const tree = treeName(root.name);
  if (tree === null) return null;
  const children = root.children.filter((child) => child.name !== 'Identification');
  const { leaves, gone } = leavesFromXml({ ...root, children });
  if (tree !== 'Event') return { tree, leaves, gone, bare: new Map() };
  const lonely = new Set<PathText>();
  collectLonely({ ...root, children }, '', lonely);
  return eventDelta(leaves, lonely);
}

/**
 * The deltas in the members of a JSON message, one for each tree it speaks of:
 * `params` of xFeedback/Event (plain), or a feedback post (`wrapped`).
 */
export function deltasFromJson(message: unknown, options: { readonly wrapped?: boolean } = {}): Delta[] {
  if (!isRecord(message)) return [];
  const deltas: Delta[] = [];
  for (const [name, value] of Object.entries(message)) {
    const tree = treeName(name);
    if (tree === null) continue;
    const body = isRecord(value) ? withoutIdentification(value) : value;
    const { leaves, gone } = leavesFromJson(body, '', options);
    if (tree === 'Event') {
      const lonely = new Set<PathText>();
      collectEmpty(body, '', lonely);
      deltas.push(eventDelta(leaves, lonely));
    } else {
      deltas.push({ tree, leaves, gone, bare: new Map() });
    }
  }
  return deltas.filter(({ leaves, gone, bare }) => leaves.size > 0 || gone.length > 0 || bare.size > 0);
}

function treeName(name: string): TreeName | null {
  return name === 'Status' || name === 'Configuration' || name === 'Event' ? name : null;
}

function withoutIdentification(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'Identification'));
}

/** The two events whose value stands at the event's own node (schema child `NameNotUsed`, 26.4.1). */
const BARE_EVENTS: ReadonlySet<string> = new Set(['standby.secondstostandby', 'roomreset.secondstoreset']);

/** Event nodes carry an index of 1 at every level, which says nothing. */
function eventDelta(leaves: LeafMap, lonely: ReadonlySet<PathText>): Delta {
  const args = new Map<PathText, string>();
  const bare = new Map<PathText, string>();
  for (const [path, value] of leaves) {
    const name = withoutOnes(path);
    if (BARE_EVENTS.has(pathKey(name))) bare.set(name, value);
    else if (!lonely.has(path)) args.set(name, value);
  }
  for (const path of lonely) bare.set(withoutOnes(path), '');
  return { tree: 'Event', leaves: args, gone: [], bare };
}

function withoutOnes(path: PathText): PathText {
  return path.replaceAll('[1]', '');
}

/**
 * In XML an event without arguments and an argument that is empty look alike;
 * an only child that is empty is taken for the event (`<Bookings><Updated/>`),
 * since events with arguments carry several.
 */
function collectLonely(parent: XmlElement, above: PathText, lonely: Set<PathText>): void {
  for (const child of parent.children) {
    const item = child.attributes['item'];
    const path = `${above === '' ? '' : `${above}.`}${child.name}${item === undefined ? '' : `[${item}]`}`;
    if (child.children.length > 0) collectLonely(child, path, lonely);
    else if (parent.children.length === 1 && child.text === '') lonely.add(path);
  }
}

function collectEmpty(value: unknown, path: PathText, lonely: Set<PathText>): void {
  if (Array.isArray(value)) {
    for (const member of value) collectEmpty(member, path, lonely);
    return;
  }
  if (!isRecord(value)) return;
  const members = Object.entries(value).filter(([name]) => name !== 'id');
  if (members.length === 0 && path !== '') lonely.add(path);
  for (const [name, child] of members) collectEmpty(child, path === '' ? name : `${path}.${name}`, lonely);
}
