import type { TreeName } from './device.ts';
import { formatPath, PathError, type PathText, parsePath, type Segment } from './path.ts';

/** A feedback expression such as `/Status/RoomAnalytics`, taken apart. */
export interface Expression {
  readonly text: string;
  readonly tree: TreeName;
  readonly path: readonly Segment[];
}

/**
 * Reads a feedback expression. The tree's name may be in lower case, as
 * devices accept it. `/Configuration` alone is good; the guides advise against
 * `/Status` alone, and it is refused, as is `/Event`.
 * @throws PathError
 */
export function parseExpression(text: string): Expression {
  const [root, ...path] = parsePath(text);
  const tree = TREES[(root?.name ?? '').toLowerCase()];
  if (tree === undefined || root?.index !== null)
    throw new PathError(text, 'a feedback expression begins with /Status, /Event or /Configuration');
  if (path.length === 0 && tree !== 'Configuration')
    throw new PathError(text, `name what is wanted below /${tree}; the whole of it is too much for a device`);
  return { text, tree, path };
}

/** The status paths that a list of expressions covers. */
export function statusPaths(expressions: readonly Expression[]): PathText[] {
  return expressions.filter(({ tree }) => tree === 'Status').map(({ path }) => formatPath(path));
}

const TREES: Readonly<Record<string, TreeName>> = {
  status: 'Status',
  event: 'Event',
  configuration: 'Configuration',
};
