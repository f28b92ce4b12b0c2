import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Place, Problem } from '../problem.ts';
import { type FileNode, type FilePath, formatFilePath, type MapEntry } from './tree.ts';

/** Nodes that may come out of one file. A fleet of 5,000 devices has about 200,000; a file whose aliases multiply reaches any number. */
const MOST_NODES = 2_000_000;

class TooManyNodes extends Error {}

interface Whereabouts {
  readonly place: (offset: number) => Place;
  /** The offset of the file's first character. */
  readonly base: number;
}

/** Turns what the YAML library composed into our tree; everything wrong on the way is collected. */
export function buildTree(
  content: Node,
  whereabouts: Whereabouts,
): { root: FileNode | null; problems: readonly Problem[] } {
  const builder = new TreeBuilder(whereabouts);
  try {
    return { root: builder.build(content, []), problems: builder.problems };
  } catch (error) {
    if (!(error instanceof TooManyNodes)) throw error;
    const message = `its aliases (*name) unfold to more than ${MOST_NODES} values; the file is refused.`;
    return {
      root: null,
      problems: [{ severity: 'error', place: whereabouts.place(whereabouts.base), path: '', message }],
    };
  }
}

class TreeBuilder {
  readonly problems: Problem[] = [];
  readonly #place: (offset: number) => Place;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  readonly #base: number;
  #count = 0;

  constructor({ place, base }: Whereabouts) {
    this.#place = place;
    this.#base = base;
  }

  build(node: Node, path: FilePath): FileNode {
    this.#count += 1;
    if (this.#count > MOST_NODES) throw new TooManyNodes();
    if (isAlias(node)) return this.#resolve(node.source, this.#offsetOf(node), path);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    const offset = this.#offsetOf(node);
    if (isScalar(node)) return { kind: 'scalar', value: node.value, text: textOf(node), offset };
    this.#open.add(node);
    try {
      if (isMap(node)) return { kind: 'map', entries: this.#entries(node, path), offset };
      if (isSeq(node)) {
        const items = node.items.map((item, index) => this.build(item as Node, [...path, index]));
        return { kind: 'list', items, offset };
      }
    } finally {
      this.#open.delete(node);
    }
    throw new TypeError('the YAML library composed a node of an unknown kind');
  }

  /** The alias's target, built anew; a scalar stands where the alias stands, what lies inside a map or list stands where it is written. */
  #resolve(name: string, offset: number, path: FilePath): FileNode {
    const target = this.#anchors.get(name);
    if (target === undefined || this.#open.has(target)) {
      const why =
        target === undefined
          ? 'no anchor (&name) of that name stands above; a text that begins with * needs quotes'
          : 'it stands inside the very thing that it names';
      this.#report(offset, path, `this alias leads nowhere: ${why}.`);
      return { kind: 'scalar', value: null, text: '', offset };
    }
    return { ...this.build(target, path), offset };
  }

  #entries(map: YAMLMap, path: FilePath): ReadonlyMap<string, MapEntry> {
    const own = new Map<string, MapEntry>();
    const merged: FileNode[] = [];
    const twice: { name: string; keyOffset: number }[] = [];
    for (const { key, value } of map.items as { key: Node; value: Node | null }[]) {
      const keyOffset = this.#offsetOf(key);
      const name = this.#keyText(key, path);
      if (name === null) continue;
      const inner = [...path, name];
      const node =
        value === null
          ? ({ kind: 'scalar', value: null, text: '', offset: keyOffset } as const)
          : this.build(value, inner);
      if (isMergeKey(key)) merged.push(node);
      else if (own.has(name)) twice.push({ name, keyOffset });
      else own.set(name, { node, keyOffset });
    }
    this.#reportTwice(twice, { map, own, path });
    for (const source of merged) this.#merge(source, own, path);
    return own;
  }

  /** Where an item of a list lacks its dash, its names stand in the item above for a second time: that is told once. */
  #reportTwice(
    twice: readonly { name: string; keyOffset: number }[],
    { map, own, path }: { map: YAMLMap; own: ReadonlyMap<string, MapEntry>; path: FilePath },
  ): void {
    const isNextItem =
      typeof path.at(-1) === 'number' &&
      map.flow !== true &&
      (twice.length > 1 || twice.some(({ name }) => name === own.keys().next().value));
    for (const { name, keyOffset } of isNextItem ? twice.slice(0, 1) : twice) {
      const remedy = isNextItem
        ? 'Put "- " before it if it begins the next item of the list, else keep one of them.'
        : 'Keep one of them.';
      this.#report(keyOffset, [...path, name], `${this.#twice(name, own.get(name))} ${remedy}`);
    }
  }

  /** `<<: *a` and `<<: [*a, *b]`: what the map itself says wins, then the earlier source. */
  #merge(source: FileNode, into: Map<string, MapEntry>, path: FilePath): void {
    if (source.kind === 'list') {
      for (const item of source.items) this.#merge(item, into, path);
    } else if (source.kind === 'map') {
      for (const [name, entry] of source.entries) if (!into.has(name)) into.set(name, entry);
    } else {
      this.#report(source.offset, [...path, '<<'], 'the merge key << takes a map, such as <<: *name.');
    }
  }

  #keyText(key: Node, path: FilePath): string | null {
    if (!isScalar(key)) {
      this.#report(this.#offsetOf(key), path, 'a name is expected here, not a map, a list or an alias.');
      return null;
    }
    const text = textOf(key);
    if (text === '' || text === '__proto__') {
      this.#report(this.#offsetOf(key), path, `"${text}" cannot be a name.`);
      return null;
    }
    return text;
  }

  #twice(name: string, first: MapEntry | undefined): string {
    const where = first === undefined ? '' : `; the first is on line ${this.#place(first.keyOffset).line}`;
    return `"${name}" stands here twice${where}.`;
  }

  #offsetOf(node: Node): number {
    return this.#base + (node.range?.[0] ?? 0);
  }

  #report(offset: number, path: FilePath, message: string): void {
    this.problems.push({
      severity: 'error',
      place: this.#place(offset),
      path: formatFilePath(path),
      message,
    });
  }
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

function textOf(scalar: Scalar): string {
  return scalar.source ?? '';
}
