import type { DeviceNews, EventFields } from './device-core.ts';
import { covers, type NodePath, nodePath, type Token, touches } from './node-path.ts';
import { type JsonTree, type Leaf, nest, type TreeNode, toFeedbackJson, toJson } from './node-tree.ts';
import { CONFIGURATION_STYLE, escapeXml, STATUS_STYLE, type TreeStyle, writeChildren } from './xml-writer.ts';

export type FeedbackTree = 'Status' | 'Configuration' | 'Event';
export type FeedbackNews = Exclude<DeviceNews, { kind: 'power' }>;

export function treeOf(news: FeedbackNews): FeedbackTree {
  switch (news.kind) {
    case 'leaf':
      return news.tree;
    case 'ghost':
      return 'Status';
    case 'event':
      return 'Event';
    default:
      return news satisfies never;
  }
}

/** Whether somebody who registered for a query (lower case, from the tree's name on) is told of the news. */
export function concerns(query: readonly Token[], news: FeedbackNews): boolean {
  const tree = treeOf(news).toLowerCase();
  if (news.kind === 'leaf') return covers(query, [tree, ...news.leaf.path.keys]);
  return touches(query, [tree, ...news.path.keys]);
}

export interface SocketForm {
  readonly legacy: boolean;
  readonly ghost: JsonTree;
  readonly eventIds: boolean;
}

/** The news as the object below the tree's name in an xFeedback/Event. */
export function toSocketJson(news: FeedbackNews, form: SocketForm): JsonTree {
  if (news.kind === 'leaf') return toJson(nest([news.leaf]), form.legacy);
  if (news.kind === 'ghost') {
    return replaceGhost(toJson(nest([ghostLeaf(news.path)]), form.legacy), form.ghost);
  }
  return wrapEvent(news.path, socketFields(news.fields, form), form.eventIds ? 1 : null);
}

/** The news as the object below the tree's name in a JSON post. */
export function toPostJson(news: FeedbackNews): JsonTree {
  if (news.kind === 'leaf') return toFeedbackJson(nest([news.leaf]));
  if (news.kind === 'ghost') {
    return replaceGhost(toFeedbackJson(nest([ghostLeaf(news.path)])), 'True');
  }
  const fields =
    typeof news.fields === 'number'
      ? { Value: String(news.fields) }
      : Object.fromEntries(
          Object.entries(news.fields).map(([name, value]) => [name, { Value: String(value) }]),
        );
  return wrapEvent(news.path, fields, '1');
}

/** The news as the elements below the root of an XML post: only what changed (LAB). */
export function toPostXml(news: FeedbackNews): string {
  if (news.kind === 'leaf') {
    const style: TreeStyle = news.tree === 'Status' ? STATUS_STYLE : CONFIGURATION_STYLE;
    return writeChildren(nest([news.leaf]), style);
  }
  if (news.kind === 'ghost') return ghostXml(nest([{ path: news.path, value: '' }]), '  ');
  return eventXml(news.path, news.fields);
}

/** The `ghost` mark of a node as a leaf below it, so that it nests as any other. */
function ghostLeaf(path: NodePath): Leaf {
  return { path: nodePath(`${path.text}.ghost`), value: 'True' };
}

function replaceGhost(tree: JsonTree, ghost: JsonTree): JsonTree {
  if (Array.isArray(tree)) return tree.map((item) => replaceGhost(item, ghost));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [
      name,
      name === 'ghost' ? ghost : replaceGhost(value, ghost),
    ]),
  );
}

function socketFields(fields: EventFields, form: SocketForm): JsonTree {
  if (typeof fields === 'number') return form.legacy ? String(fields) : fields;
  const shown: { [name: string]: JsonTree } = {};
  for (const [name, value] of Object.entries(fields)) shown[name] = form.legacy ? String(value) : value;
  return shown;
}

/** Events carry an id at every level where the transport does so (ssh, XML). */
function wrapEvent(path: NodePath, fields: JsonTree, id: JsonTree): JsonTree {
  let inner = fields;
  for (const token of path.tokens.toReversed()) {
    if (id !== null && typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      inner = { ...inner, id };
    inner = { [String(token)]: inner };
  }
  return inner;
}

function ghostXml(node: TreeNode, indent: string): string {
  for (const [name, child] of node.children) {
    const [member] = child.items;
    if (member !== undefined && member[1].leaf !== null)
      return `${indent}<${name} ghost="True" item="${member[0]}" maxOccurrence="n"/>\n`;
    if (child.leaf !== null) return `${indent}<${name} ghost="True"/>\n`;
    const id = member === undefined ? '' : ` item="${member[0]}" maxOccurrence="n"`;
    return `${indent}<${name}${id}>\n${ghostXml(member?.[1] ?? child, `${indent}  `)}${indent}</${name}>\n`;
  }
  return '';
}

function eventXml(path: NodePath, fields: EventFields): string {
  const names = path.tokens.map(String);
  const open = names.map((name, depth) => `${'  '.repeat(depth + 1)}<${name} item="1">`);
  const close = names.map((name, depth) => `${'  '.repeat(depth + 1)}</${name}>\n`).toReversed();
  if (typeof fields === 'number') return `${open.join('\n')}${fields}${close.join('').trimStart()}`;
  const inner = Object.entries(fields)
    .map(
      ([name, value]) =>
        `${'  '.repeat(names.length + 1)}<${name} item="1">${escapeXml(String(value))}</${name}>\n`,
    )
    .join('');
  return `${open.join('\n')}\n${inner}${close.join('')}`;
}
