import { SchemaError } from './errors.ts';
import type { PatternSegment } from './product-schema.ts';

export type PathPattern = readonly PatternSegment[];

const SEGMENT = /^([A-Za-z][A-Za-z0-9_-]*)(?:\[(?:(\d{1,9})(?:\.\.(\d{1,9}))?|n)\])?$/;
const CONCRETE_INDEX = /\[(\d{1,9})\]/g;

/**
 * Reads a path as schemas write it: names parted by spaces (the vendor's files)
 * or dots, each with `[2]`, `[2..5]` or the open list `[n]` where it is one of a
 * list.
 * @throws SchemaError `pattern-invalid`
 */
export function parsePattern(text: string): PatternSegment[] {
  const words = splitNames(text.trim());
  if (words.length === 0) throw invalid(text, 'it is empty');
  return words.map((word) => {
    const match = SEGMENT.exec(word);
    if (match?.[1] === undefined)
      throw invalid(text, `"${word}" is neither a name nor a name with [1], [1..3] or [n]`);
    const [, name, first, last] = match;
    if (first === undefined) return { name, index: word.endsWith(']') ? { first: null, last: null } : null };
    const index = { first: Number(first), last: Number(last ?? first) };
    if (index.last < index.first) throw invalid(text, `the range of "${word}" ends before it begins`);
    return { name, index };
  });
}

/** The dotted text of a pattern, `Audio.Input.HDMI[1..3].Gain`. */
export function formatPattern(pattern: PathPattern): string {
  return pattern
    .map(({ name, index }) => {
      if (index === null) return name;
      if (index.first === null || index.last === null) return `${name}[n]`;
      return index.first === index.last
        ? `${name}[${index.first}]`
        : `${name}[${index.first}..${index.last}]`;
    })
    .join('.');
}

/** One path that a pattern stands for; `indices` are its wire ids from left to right. */
export interface ConcretePath {
  /** In the canonical form, `Audio.Input.HDMI[2].Gain`. */
  readonly path: string;
  readonly indices: readonly number[];
}

/**
 * Every path that a pattern stands for, in order of wire ids. An open list is
 * taken as 1 to `openCount`; 0 leaves it without members.
 */
export function expandPattern(pattern: PathPattern, openCount: number): ConcretePath[] {
  let paths: ConcretePath[] = [{ path: '', indices: [] }];
  for (const { name, index } of pattern) {
    paths = paths.flatMap(({ path, indices }) => {
      const start = path === '' ? name : `${path}.${name}`;
      if (index === null) return [{ path: start, indices }];
      const members: ConcretePath[] = [];
      for (let id = index.first ?? 1; id <= (index.last ?? openCount); id += 1)
        members.push({ path: `${start}[${id}]`, indices: [...indices, id] });
      return members;
    });
  }
  return paths;
}

/** A path's names without its indices, in lower case: what all spellings and members of a list share. */
export function namesKey(path: string): string {
  return path.replace(/\[[^\]]*\]/g, '').toLowerCase();
}

/** The indices of a concrete path that fit the pattern, or null; the names are taken as equal. */
export function matchIndices(pattern: PathPattern, path: string): number[] | null {
  const segments = path.split('.');
  if (segments.length !== pattern.length) return null;
  const indices: number[] = [];
  for (const [position, { index }] of pattern.entries()) {
    const found = [...(segments[position] ?? '').matchAll(CONCRETE_INDEX)];
    const id = found[0]?.[1];
    if (index === null ? found.length !== 0 : found.length !== 1) return null;
    if (index === null) continue;
    const number = Number(id);
    if (number < (index.first ?? 1) || number > (index.last ?? Number.MAX_SAFE_INTEGER)) return null;
    indices.push(number);
  }
  return indices;
}

/** The canonical path of a pattern with these wire ids. */
export function withIndices(pattern: PathPattern, indices: readonly number[]): string {
  let used = 0;
  return pattern
    .map(({ name, index }) => {
      if (index === null) return name;
      used += 1;
      return `${name}[${indices[used - 1]}]`;
    })
    .join('.');
}

/** The dots inside `[1..3]` part nothing. */
function splitNames(text: string): string[] {
  return text.split(/\s+|\.(?![^[]*\])/).filter((word) => word !== '');
}

function invalid(text: string, why: string): SchemaError {
  return new SchemaError('pattern-invalid', `"${text}" is no schema path: ${why}`, { details: { text } });
}
