import { RoomdError } from '../lib/errors.ts';

/** One name of a path, with its wire id where the node is one of a list. */
export interface Segment {
  readonly name: string;
  readonly index: number | null;
}

/**
 * A path in the one canonical form: `Video.Output.Connector[1].Resolution`,
 * the names as the device spells them, indices being wire ids. Status, Event
 * and Command paths look the same; which tree is meant is known beside it.
 */
export type PathText = string;

export class PathError extends RoomdError<'path-invalid'> {
  constructor(text: string, why: string) {
    super('path-invalid', `"${text}" is no xAPI path: ${why}`, { details: { text } });
  }
}

const SEGMENT = /^([A-Za-z][A-Za-z0-9_-]*)(?:\[(\d{1,9})\])?$/;

/**
 * Reads a path in any of the forms people write: dots, spaces or slashes
 * between names; an index as `[1]` or, with spaces or slashes, as a word of
 * its own (`Video Output Connector 1 Resolution`); a leading `xConfiguration`
 * or `/Configuration/` is the tree's name and is kept out by the caller.
 * @throws PathError
 */
export function parsePath(text: string): Segment[] {
  const words = text
    .trim()
    .split(/[./\s]+/)
    .filter((word) => word !== '');
  if (words.length === 0) throw new PathError(text, 'it is empty');
  const segments: Segment[] = [];
  for (const word of words) {
    if (/^\d{1,9}$/.test(word)) {
      const last = segments.pop();
      if (last === undefined || last.index !== null)
        throw new PathError(text, `the index ${word} has no name before it`);
      segments.push({ name: last.name, index: Number(word) });
      continue;
    }
    const match = SEGMENT.exec(word);
    if (match?.[1] === undefined)
      throw new PathError(text, `"${word}" is neither a name nor a name with an index such as Connector[1]`);
    segments.push({ name: match[1], index: match[2] === undefined ? null : Number(match[2]) });
  }
  return segments;
}

/** The canonical text of a path. */
export function formatPath(segments: readonly Segment[]): PathText {
  return segments.map(formatSegment).join('.');
}

export function formatSegment({ name, index }: Segment): string {
  return index === null ? name : `${name}[${index}]`;
}

/** `parsePath` and `formatPath` in one step. */
export function canonicalPath(text: string): PathText {
  return formatPath(parsePath(text));
}

/** What two spellings of one path share: devices compare names without regard to case. */
export function pathKey(path: PathText): string {
  return path.toLowerCase();
}

/** Whether `path` is `ancestor` or lies below it; `Call` holds `Call[80].Status`. Case does not matter. */
export function isWithin(path: PathText, ancestor: PathText): boolean {
  const long = pathKey(path);
  const short = pathKey(ancestor);
  if (short === '') return true;
  if (!long.startsWith(short)) return false;
  const next = long[short.length];
  return next === undefined || next === '.' || next === '[';
}
