import { formatPath, PathError, type PathText, parsePath, pathKey } from '../xapi/path.ts';
import { type FileNode, type FilePath, formatFilePath, type MapEntry } from './file/tree.ts';
import { Wrong } from './forms.ts';
import type { Place, Problem } from './problem.ts';
import { hasControlCharacter } from './schema-forms.ts';

/** One setting as one layer writes it. */
export interface WrittenSetting {
  readonly path: PathText;
  /** The scalar's source text, references not yet filled. */
  readonly text: string;
  readonly place: Place;
  readonly filePath: string;
}

/** The settings of one layer by `pathKey`. */
export type WrittenSettings = ReadonlyMap<string, WrittenSetting>;

interface Level {
  readonly names: readonly string[];
  readonly filePath: FilePath;
}

/**
 * Turns a layer's `configuration` into settings: trees are joined into paths,
 * each in the canonical form. Empty values and lists are the schema's to
 * report and are passed over here.
 */
export function flattenSettings(
  root: FileNode,
  filePath: FilePath,
  place: (offset: number) => Place,
): { settings: WrittenSettings; problems: readonly Problem[] } {
  const settings = new Map<string, WrittenSetting>();
  const problems: Problem[] = [];
  const report = (where: FilePath, offset: number, message: string): void => {
    problems.push({ severity: 'error', place: place(offset), path: formatFilePath(where), message });
  };
  const take = (level: Level, { node, keyOffset }: MapEntry): void => {
    if (node.kind === 'map') {
      descend(node.entries, level);
      return;
    }
    if (node.kind === 'list' || node.value === null) return;
    const path = readPath(level.names.join('.'));
    if (path instanceof PathError) {
      report(level.filePath, keyOffset, `${path.message}.`);
      return;
    }
    if (hasControlCharacter(node.text)) {
      report(level.filePath, node.offset, 'a value stands on one line, without tabs and line breaks in it.');
      return;
    }
    const first = settings.get(pathKey(path));
    if (first !== undefined) {
      const where = `line ${first.place.line}, column ${first.place.column}`;
      report(
        level.filePath,
        keyOffset,
        `${path} is set twice here: the first time on ${where}. Keep one of them.`,
      );
      return;
    }
    settings.set(pathKey(path), {
      path,
      text: node.text,
      place: place(node.text === '' ? keyOffset : node.offset),
      filePath: formatFilePath(level.filePath),
    });
  };
  const descend = (entries: ReadonlyMap<string, MapEntry>, { names, filePath }: Level): void => {
    for (const [name, entry] of entries)
      take({ names: [...names, name], filePath: [...filePath, name] }, entry);
  };
  if (root.kind === 'map') descend(root.entries, { names: [], filePath });
  return { settings, problems };
}

/** A setting, or all settings below a path, as `lock` and its like name them. */
export function readSettingPath(text: string): PathText | Wrong {
  const path = readPath(text);
  return path instanceof PathError ? new Wrong(`${path.message}.`) : path;
}

/** A path as `drift` names it; `all` is every setting and comes back as the empty path. */
export function readDriftPath(text: string): PathText | Wrong {
  return text === 'all' ? '' : readSettingPath(text);
}

/** The tree's own name in front (`xConfiguration Standby Control`) is how people copy paths from the vendor's guides. */
function readPath(text: string): PathText | PathError {
  try {
    const segments = parsePath(text);
    const [first, ...rest] = segments;
    const tree = first?.name.toLowerCase();
    if (tree === 'xstatus' || tree === 'xcommand' || tree === 'xevent')
      return new PathError(text, `${first?.name} is no configuration, it cannot be set`);
    return tree === 'xconfiguration' || (tree === 'configuration' && rest.length > 0)
      ? formatPath(rest)
      : formatPath(segments);
  } catch (error) {
    if (error instanceof PathError) return error;
    throw error;
  }
}
