import { dirname, join, relative, resolve } from 'node:path';
import { formatPlace, type Place, type Problem } from '../problem.ts';
import { type FleetFiles, utf8Text, whyUnreadable } from './fleet-files.ts';
import { filesLike, isPattern } from './glob-files.ts';
import { JoinedTree } from './join.ts';
import { type FileNode, nodeAt } from './tree.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** The fleet file with everything that it includes, as one tree. */
export interface FleetTree {
  /** Null where the fleet file itself cannot be read as YAML. */
  readonly yaml: YamlFile | null;
  readonly problems: readonly Problem[];
  /** Absolute paths of all files that were read or looked for, the fleet file first. */
  readonly sources: readonly string[];
  /** Absolute paths of the folders that a pattern looked into: a new file there may belong to the fleet. */
  readonly folders: readonly string[];
  /** Whether nothing that the files name is missing, so that a name which leads nowhere truly does. */
  readonly isWhole: boolean;
  /** A problem with its path as it is within its own file: the third device of an included file is `devices[2]`. */
  asInFile(problem: Problem): Problem;
  /** Files in the order in which they are read, as places name them. */
  readonly order: readonly string[];
}

export interface ReadTreeOptions {
  readonly files: FleetFiles;
  /** The fleet file's own text, where it comes from elsewhere. */
  readonly readMain?: ((file: string) => Promise<string>) | undefined;
  /** What is wrong with a file's version. */
  readonly judgeVersion: (yaml: YamlFile) => { problem: Problem; isFinal: boolean } | null;
}

export async function readFleetTree(file: string, options: ReadTreeOptions): Promise<FleetTree> {
  return new TreeReader(file, options).read();
}

const MOST_FILES = 10_000;

/** A file that is being read, and the line that asked for it; null for the fleet file itself. */
interface OpenFile {
  /** As places name it. */
  readonly file: string;
  readonly path: string;
  readonly askedBy: Place | null;
}

class TreeReader {
  readonly #main: OpenFile;
  readonly #options: ReadTreeOptions;
  readonly #problems: Problem[] = [];
  /** Absolute path → the line that asked for it. */
  readonly #askedFor = new Map<string, Place | null>();
  readonly #folders = new Set<string>();
  readonly #order: string[] = [];
  readonly #joined = new JoinedTree();
  #isWhole = true;

  constructor(file: string, options: ReadTreeOptions) {
    this.#main = { file, path: resolve(file), askedBy: null };
    this.#options = options;
  }

  async read(): Promise<FleetTree> {
    this.#askedFor.set(this.#main.path, null);
    await this.#readFile(this.#main, []);
    return {
      yaml: this.#joined.yaml(),
      problems: [...this.#problems, ...this.#joined.problems],
      sources: [...this.#askedFor.keys()],
      folders: [...this.#folders],
      isWhole: this.#isWhole,
      asInFile: (problem) => this.#joined.asInFile(problem),
      order: this.#order,
    };
  }

  async #readFile(open: OpenFile, above: readonly OpenFile[]): Promise<void> {
    this.#order.push(open.file);
    const text = await this.#text(open);
    if (text === null) return;
    const { yaml, problems } = readYaml(text, open.file, this.#joined.nextBase);
    const wrongVersion = yaml === null ? null : this.#versionOf(yaml, open);
    if (wrongVersion !== null) this.#problems.push(wrongVersion.problem);
    if (wrongVersion?.isFinal !== true) this.#problems.push(...problems);
    if (yaml === null || wrongVersion?.isFinal === true) {
      this.#isWhole = false;
      return;
    }
    if (open.askedBy === null) this.#joined.begin(yaml, text.length);
    else this.#joined.add(yaml, text.length);
    await this.#includes(yaml, [...above, open]);
  }

  async #text({ file, path, askedBy }: OpenFile): Promise<string | null> {
    const { files, readMain } = this.#options;
    try {
      if (askedBy === null && readMain !== undefined) return await readMain(file);
      return utf8Text(await files.read(path));
    } catch (error) {
      this.#isWhole = false;
      const why = whyUnreadable(error);
      const hint =
        askedBy === null && why === 'there is no such file' ? ' (`roomd init` writes one to start from)' : '';
      this.#problem(askedBy, `${file} cannot be read: ${why}${hint}.`);
      return null;
    }
  }

  /** An included file may leave its version out, being part of a file that has one. */
  #versionOf(yaml: YamlFile, { askedBy }: OpenFile): { problem: Problem; isFinal: boolean } | null {
    if (askedBy !== null && yaml.root.kind === 'map' && !yaml.root.entries.has('version')) return null;
    return this.#options.judgeVersion(yaml);
  }

  async #includes(yaml: YamlFile, open: readonly OpenFile[]): Promise<void> {
    const list = nodeAt(yaml.root, ['include']);
    if (list === undefined) return;
    if (list.kind !== 'list') {
      this.#problems.push(
        yaml.error(
          ['include'],
          'a list of files is expected here. Write for example include: [sites/*.yaml]',
        ),
      );
      return;
    }
    for (const [index, item] of list.items.entries()) {
      const written = textOf(item);
      const place = yaml.locate(['include', index]);
      if (written === null) {
        this.#problems.push(
          yaml.error(['include', index], 'the path of a file is expected here, such as sites/oslo.yaml.'),
        );
        continue;
      }
      for (const path of await this.#pathsOf(written, place, open)) await this.#include(path, place, open);
    }
  }

  /** The files that one line stands for; a pattern never means the file that it stands in. */
  async #pathsOf(written: string, place: Place, open: readonly OpenFile[]): Promise<readonly string[]> {
    const here = open.at(-1) ?? this.#main;
    const wanted = resolve(dirname(here.path), written);
    if (!isPattern(written)) return [wanted];
    const { paths, folders } = await filesLike(wanted, this.#options.files);
    for (const folder of folders) this.#folders.add(folder);
    const others = paths.filter((path) => path !== here.path);
    // A folder that was renamed must not take its rooms out of the fleet unnoticed.
    if (others.length === 0) {
      this.#isWhole = false;
      this.#problem(place, `no file fits ${written}; mend the path, or take this line out.`);
    }
    return others;
  }

  async #include(path: string, place: Place, open: readonly OpenFile[]): Promise<void> {
    const file = join(dirname(this.#main.file), relative(dirname(this.#main.path), path));
    const cycle = open.findIndex((other) => other.path === path);
    if (cycle !== -1) {
      const next = open[cycle + 1]?.askedBy ?? null;
      this.#problem(
        place,
        next === null
          ? `${file} includes itself here; take this line out.`
          : `this includes ${file}, which includes this file (${formatPlace(next)}); a file cannot be part of itself. Take one of the two lines out.`,
      );
      return;
    }
    const first = this.#askedFor.get(path);
    if (first !== undefined) {
      this.#problem(
        place,
        `${file} is included twice: the first time in ${formatPlace(first)}. Keep one of the two.`,
      );
      return;
    }
    this.#askedFor.set(path, place);
    if (this.#askedFor.size === MOST_FILES + 1)
      this.#problem(place, `a fleet has at most ${MOST_FILES} files.`);
    if (this.#askedFor.size <= MOST_FILES) await this.#readFile({ file, path, askedBy: place }, open);
  }

  #problem(place: Place | null, message: string): void {
    this.#problems.push({ severity: 'error', place, path: place === null ? '' : 'include', message });
  }
}

function textOf(item: FileNode): string | null {
  return item.kind === 'scalar' && item.value !== null && item.text !== '' ? item.text : null;
}
