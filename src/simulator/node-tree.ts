import type { NodePath, Token } from './node-path.ts';

/** The value of a leaf as JSON-RPC carries it: integers are native there, text everywhere else. */
export type LeafValue = string | number;

export interface Leaf {
  readonly path: NodePath;
  readonly value: LeafValue;
  /** Name of the value space in /valuespace.xml; configuration only. */
  readonly valueSpaceRef?: string;
}

export type JsonTree = LeafValue | boolean | null | JsonTree[] | { [name: string]: JsonTree };

/** Leaves put back into a tree. A node has a leaf, children or several items, never two of these. */
export interface TreeNode {
  leaf: Leaf | null;
  readonly children: Map<string, TreeNode>;
  readonly items: Map<number, TreeNode>;
}

/** Builds the tree below the first `skip` tokens of the leaves' paths. */
export function nest(leaves: Iterable<Leaf>, skip = 0): TreeNode {
  const root = newNode();
  for (const leaf of leaves) {
    let node = root;
    const { tokens } = leaf.path;
    for (let at = skip; at < tokens.length; at += 1) node = childOf(node, tokens[at] ?? '');
    node.leaf = leaf;
  }
  return root;
}

/** Names in alphabetical order, ids in order of number: the order of the devices' documents. */
export function childrenOf(node: TreeNode): [string, TreeNode][] {
  return [...node.children].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function itemsOf(node: TreeNode): [number, TreeNode][] {
  return [...node.items].sort(([a], [b]) => a - b);
}

/** The form of JSON-RPC: native integers, members of lists with an integer `id` last (LAB). `legacy` makes every value text. */
export function toJson(node: TreeNode, legacy = false): JsonTree {
  if (node.leaf !== null) return legacy ? String(node.leaf.value) : node.leaf.value;
  if (node.items.size > 0) {
    return itemsOf(node).map(([id, item]) => {
      const inner = toJson(item, legacy);
      const shownId = legacy ? String(id) : id;
      return typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? { ...inner, id: shownId }
        : { Value: inner, id: shownId };
    });
  }
  const result: { [name: string]: JsonTree } = {};
  for (const [name, child] of childrenOf(node)) result[name] = toJson(child, legacy);
  return result;
}

/** The form of HttpFeedback with Format JSON: `{"Value": text}` leaves and ids as text (derived from receivers' code; no capture). */
export function toFeedbackJson(node: TreeNode): JsonTree {
  if (node.leaf !== null) return { Value: String(node.leaf.value) };
  if (node.items.size > 0) {
    return itemsOf(node).map(([id, item]) => {
      const inner = toFeedbackJson(item);
      return { ...(typeof inner === 'object' && !Array.isArray(inner) ? inner : {}), id: String(id) };
    });
  }
  const result: { [name: string]: JsonTree } = {};
  for (const [name, child] of childrenOf(node)) result[name] = toFeedbackJson(child);
  return result;
}

function newNode(): TreeNode {
  return { leaf: null, children: new Map(), items: new Map() };
}

function childOf(node: TreeNode, token: Token): TreeNode {
  const siblings: Map<Token, TreeNode> = typeof token === 'number' ? node.items : node.children;
  const present = siblings.get(token);
  if (present !== undefined) return present;
  const made = newNode();
  siblings.set(token, made);
  return made;
}
