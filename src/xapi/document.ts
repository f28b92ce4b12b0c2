import type { XmlElement } from '../lib/xml/element.ts';
import { writeXml, type XmlNode } from '../lib/xml/writer.ts';
import type { LeafMap, Setting } from './device.ts';
import { XapiError } from './errors.ts';
import { formatPath, formatSegment, isWithin, type PathText, parsePath, pathKey } from './path.ts';

/** What a tree holds: its leaves, and the nodes it says are gone (ghosts). */
export interface Leaves {
  readonly leaves: Map<PathText, string>;
  readonly gone: PathText[];
}

export interface XmlLeaves extends Leaves {
  readonly valueSpaceRefs: Map<PathText, string>;
}

/**
 * The leaves below an element, which itself is not part of their paths. Indices
 * are `item` attributes (wire ids). Elements that repeat without one are told
 * apart by position from 1, as the device numbers the items of an array.
 */
export function leavesFromXml(root: XmlElement): XmlLeaves {
  const found: XmlLeaves = { leaves: new Map(), gone: [], valueSpaceRefs: new Map() };
  collectXml(root, '', found);
  return found;
}

function collectXml(parent: XmlElement, above: PathText, found: XmlLeaves): void {
  const positions = new Map<string, number>();
  const repeated = repeatedNames(parent.children);
  for (const child of parent.children) {
    const position = (positions.get(child.name) ?? 0) + 1;
    positions.set(child.name, position);
    const item = child.attributes['item'] ?? (repeated.has(child.name) ? String(position) : null);
    const path = below(above, item === null ? child.name : `${child.name}[${item}]`);
    if (isTrue(child.attributes['ghost'])) {
      found.gone.push(path);
    } else if (child.children.length > 0) {
      collectXml(child, path, found);
    } else {
      found.leaves.set(path, child.text);
      const ref = child.attributes['valueSpaceRef'];
      if (ref !== undefined) found.valueSpaceRefs.set(path, valueSpaceName(ref));
    }
  }
}

/** The name of a value space, as /valuespace.xml has it. */
export function valueSpaceName(ref: string): string {
  return ref.replace(/^\/Valuespace\//, '');
}

/** Names that several children share, none of which has an id. */
function repeatedNames(children: readonly XmlElement[]): ReadonlySet<string> {
  const once = new Set<string>();
  const repeated = new Set<string>();
  for (const { name } of children) (once.has(name) ? repeated : once).add(name);
  for (const { name, attributes } of children) if (attributes['item'] !== undefined) repeated.delete(name);
  return repeated;
}

/**
 * The leaves of a JSON tree at `base`. Numbers and booleans become the text
 * that XML would carry; array members carry their wire id as `id`; nulls are
 * no value. `wrapped`: leaves are `{"Value": text}`, as in feedback posts;
 * over a websocket they are plain, and `Value` is a name like any other.
 */
export function leavesFromJson(
  tree: unknown,
  base: PathText = '',
  options: { readonly wrapped?: boolean } = {},
): Leaves {
  const found: Leaves = { leaves: new Map(), gone: [] };
  collectJson(tree, base, found, options.wrapped ?? false);
  return found;
}

function collectJson(value: unknown, path: PathText, found: Leaves, wrapped: boolean): void {
  const text = textOf(value);
  if (text !== null) {
    if (path !== '') found.leaves.set(path, text);
  } else if (Array.isArray(value)) {
    value.forEach((member: unknown, position) => {
      const id = isRecord(member) ? textOf(member['id']) : null;
      collectJson(member, `${path}[${id ?? position + 1}]`, found, wrapped);
    });
  } else if (isRecord(value)) {
    collectObject(value, path, found, wrapped);
  }
}

function collectObject(
  value: Readonly<Record<string, unknown>>,
  path: PathText,
  found: Leaves,
  wrapped: boolean,
): void {
  if (isTrue(value['ghost'])) {
    found.gone.push(path);
    return;
  }
  const inner = wrapped ? textOf(value['Value']) : null;
  if (inner !== null) {
    found.leaves.set(path, inner);
    return;
  }
  for (const [name, child] of Object.entries(value)) {
    if (name !== 'id' && name !== 'ghost') collectJson(child, below(path, name), found, wrapped);
  }
}

/** The text of a scalar, as XML would carry it; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTrue(mark: unknown): boolean {
  return mark === true || (typeof mark === 'string' && mark.toLowerCase() === 'true');
}

function below(above: PathText, name: string): PathText {
  return above === '' ? name : `${above}.${name}`;
}

/**
 * One putxml document of all settings, nested and merged, `item` attributes
 * for indices. An empty list gives an empty `<Configuration/>`.
 * @throws XapiError `bad-value` where two settings contradict each other; XmlError where a value cannot be written; PathError
 */
export function configurationToXml(settings: readonly Setting[]): string {
  const root: Branch = { node: { name: 'Configuration' }, branches: new Map(), text: null };
  for (const setting of settings) place(root, setting);
  return writeXml(toNode(root));
}

interface Branch {
  readonly node: { readonly name: string; readonly item?: string };
  readonly branches: Map<string, Branch>;
  text: string | null;
}

function place(root: Branch, { path, value }: Setting): void {
  const segments = parsePath(path);
  let branch = root;
  segments.forEach((segment, depth) => {
    const key = pathKey(formatSegment(segment));
    const known = branch.branches.get(key);
    const isLeaf = depth === segments.length - 1;
    if (known !== undefined && (isLeaf || known.text !== null))
      throw new XapiError(
        'bad-value',
        `${formatPath(segments)} is given twice, or lies below another setting`,
      );
    const next: Branch = known ?? {
      node:
        segment.index === null ? { name: segment.name } : { name: segment.name, item: String(segment.index) },
      branches: new Map(),
      text: isLeaf ? value : null,
    };
    branch.branches.set(key, next);
    branch = next;
  });
}

function toNode(branch: Branch): XmlNode {
  return {
    name: branch.node.name,
    ...(branch.node.item === undefined ? {} : { attributes: { item: branch.node.item } }),
    ...(branch.text === null ? {} : { text: branch.text }),
    children: [...branch.branches.values()].map(toNode),
  };
}

/**
 * The leaves at or below `path`, compared without regard to case; a path
 * without any index (`Call.Status`) means every item of the lists on its way.
 */
export function leavesWithin(leaves: LeafMap, path: PathText): Map<PathText, string> {
  const isGeneral = !path.includes('[');
  const isWanted = (leaf: PathText): boolean =>
    isWithin(leaf, path) || (isGeneral && isWithin(leaf.replace(/\[\d+\]/g, ''), path));
  return new Map([...leaves].filter(([leaf]) => isWanted(leaf)));
}
