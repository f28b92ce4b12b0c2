import { formatPlace, type Place, type Problem } from '../problem.ts';
import { type FileNode, formatFilePath, type MapEntry } from './tree.ts';
import { type YamlFile, yamlFile } from './yaml-file.ts';

/**
 * What only the fleet file itself may say. An included file often belongs to
 * another team: it brings rooms, and decides neither how the daemon runs and
 * logs in, nor what holds for everyone, nor what macros may dial or run.
 */
const MAIN_ONLY: ReadonlySet<string> = new Set([
  'daemon',
  'credentials',
  'defaults',
  'calls',
  'commands',
  'http',
  'notifiers',
  'systems',
  'inventory',
  'rollout',
]);

/** Several files as one tree: lists are put behind one another, names beside one another. */
export class JoinedTree {
  readonly problems: Problem[] = [];
  readonly #parts: { readonly yaml: YamlFile; readonly base: number }[] = [];
  readonly #entries = new Map<string, MapEntry>();
  /** For each list that was joined, every item's number within its own file. */
  readonly #numbers = new Map<string, number[]>();
  #main: YamlFile | null = null;
  #nextBase = 0;

  /** Where the offsets of the next file begin. */
  get nextBase(): number {
    return this.#nextBase;
  }

  /** The fleet file itself. */
  begin(yaml: YamlFile, length: number): void {
    this.#main = yaml;
    this.#take(yaml, length);
    if (yaml.root.kind !== 'map') return;
    for (const [key, entry] of yaml.root.entries) this.#entries.set(key, entry);
  }

  add(yaml: YamlFile, length: number): void {
    this.#take(yaml, length);
    if (yaml.root.kind !== 'map') return;
    for (const [key, entry] of yaml.root.entries) {
      // The version has been judged, and what is included is read by itself.
      if (key === 'version' || key === 'include') continue;
      if (MAIN_ONLY.has(key))
        this.problems.push(
          yaml.keyError(
            [key],
            `"${key}" stands in the fleet file itself, ${this.#place(0).file}, and nowhere else; an included file holds profiles, layers, devices and macros.`,
          ),
        );
      else this.#join(key, entry, yaml);
    }
  }

  yaml(): YamlFile | null {
    const root = this.#main?.root;
    if (root === undefined) return null;
    if (root.kind !== 'map') return this.#main;
    return yamlFile({ ...root, entries: this.#entries }, (offset) => this.#place(offset));
  }

  asInFile(problem: Problem): Problem {
    const match = /^([\w-]+)\[(\d+)\]/.exec(problem.path);
    const number = this.#numbers.get(match?.[1] ?? '')?.[Number(match?.[2])];
    if (match === null || number === undefined) return problem;
    return { ...problem, path: `${match[1]}[${number}]${problem.path.slice(match[0].length)}` };
  }

  #take(yaml: YamlFile, length: number): void {
    this.#parts.push({ yaml, base: this.#nextBase });
    // One beyond the end, where things that are missing at the end are placed.
    this.#nextBase += length + 1;
  }

  #join(key: string, entry: MapEntry, yaml: YamlFile): void {
    const before = this.#entries.get(key);
    if (before === undefined) {
      this.#entries.set(key, entry);
      return;
    }
    const [first, second] = [before.node, entry.node];
    if (first.kind === 'list' && second.kind === 'list') {
      const numbers = this.#numbers.get(key) ?? [...first.items.keys()];
      this.#numbers.set(key, [...numbers, ...second.items.keys()]);
      this.#entries.set(key, { ...before, node: { ...first, items: [...first.items, ...second.items] } });
    } else if (first.kind === 'map' && second.kind === 'map') {
      this.#entries.set(key, {
        ...before,
        node: { ...first, entries: this.#names(key, first, second.entries) },
      });
    } else {
      this.problems.push(
        yaml.keyError(
          [key],
          `"${key}" is ${kindOf(second)} here and ${kindOf(first)} in ${formatPlace(this.#place(before.keyOffset))}; write both alike.`,
        ),
      );
    }
  }

  #names(
    key: string,
    first: FileNode & { kind: 'map' },
    added: ReadonlyMap<string, MapEntry>,
  ): ReadonlyMap<string, MapEntry> {
    const entries = new Map(first.entries);
    for (const [name, entry] of added) {
      const before = entries.get(name);
      if (before === undefined) entries.set(name, entry);
      else
        this.problems.push({
          severity: 'error',
          place: this.#place(entry.keyOffset),
          path: formatFilePath([key, name]),
          message: `"${name}" stands in ${formatPlace(this.#place(before.keyOffset))}, too. Keep one of them.`,
        });
    }
    return entries;
  }

  /** The part that an offset belongs to is the last that begins at or before it. */
  #place(offset: number): Place {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#parts[middle]?.base ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const part = this.#parts[low];
    if (part === undefined) throw new RangeError('a tree without files has no places');
    return part.yaml.place(offset);
  }
}

function kindOf(node: FileNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'names with values';
  return node.value === null ? 'empty' : 'a single value';
}
