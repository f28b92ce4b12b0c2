/**
 * The fleet file as a tree that still knows where everything stands. Aliases
 * and merge keys are resolved; `offset` counts characters from the start of
 * the file.
 */
export type FileNode = ScalarNode | MapNode | ListNode;

interface ScalarNode {
  readonly kind: 'scalar';
  /** As YAML 1.2 reads it: `012` is 12, `On` is "On". */
  readonly value: unknown;
  /** As it is written, without quotes: `012` is "012". */
  readonly text: string;
  readonly offset: number;
}

interface MapNode {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly offset: number;
}

export interface MapEntry {
  readonly node: FileNode;
  readonly keyOffset: number;
}

interface ListNode {
  readonly kind: 'list';
  readonly items: readonly FileNode[];
  readonly offset: number;
}

export type FilePath = readonly (string | number)[];

/** The node at a path, undefined where there is none. */
export function nodeAt(root: FileNode, path: FilePath): FileNode | undefined {
  let node: FileNode | undefined = root;
  for (const step of path) node = node === undefined ? undefined : child(node, step)?.node;
  return node;
}

/**
 * Where a person should look for `path`: at a scalar itself, at the key of a
 * map, a list or an empty value; for what is absent, at the nearest thing
 * around it.
 */
export function offsetOf(root: FileNode, path: FilePath): number {
  let node = root;
  let offset = root.offset;
  for (const step of path) {
    const next = child(node, step);
    if (next === undefined) break;
    node = next.node;
    const isWritten = node.kind === 'scalar' && node.text !== '';
    offset = isWritten || next.keyOffset === null ? node.offset : next.keyOffset;
  }
  return offset;
}

/** Where the key that ends `path` stands; what is absent is treated as in `offsetOf`. */
export function keyOffsetOf(root: FileNode, path: FilePath): number {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const own = parent?.kind === 'map' && last !== undefined ? parent.entries.get(String(last)) : undefined;
  return own?.keyOffset ?? offsetOf(root, path);
}

/** `devices[3].host`; names that are no plain words are quoted. */
export function formatFilePath(path: FilePath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

function child(
  node: FileNode,
  step: string | number,
): { node: FileNode; keyOffset: number | null } | undefined {
  if (node.kind === 'map') return node.entries.get(String(step));
  if (node.kind !== 'list' || typeof step !== 'number') return undefined;
  const item = node.items[step];
  return item === undefined ? undefined : { node: item, keyOffset: null };
}
