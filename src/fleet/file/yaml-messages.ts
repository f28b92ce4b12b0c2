import type { ErrorCode, YAMLError } from 'yaml';

/** A mistake in the syntax of YAML, for the person who edits the file. */
export interface Mistake {
  readonly offset: number;
  readonly message: string;
}

const MOST_TOLD = 3;

/** What is wrong with one word and leaves the lines around it as they were meant. */
const WITHIN_A_WORD: ReadonlySet<ErrorCode> = new Set([
  'BAD_ALIAS',
  'BAD_SCALAR_START',
  'TAB_AS_INDENT',
  'TAG_RESOLVE_FAILED',
]);

/**
 * What to tell of the errors in a text: the first, and few others that cannot
 * come from it. Behind the first, the library takes the structure of the whole
 * rest amiss.
 */
export function mistakesIn(text: string, errors: readonly YAMLError[]): Mistake[] {
  const inOrder = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const [first, ...later] = inOrder;
  if (first === undefined) return [];
  const told = [firstMistake(text, first, later)];
  for (const error of later)
    if (WITHIN_A_WORD.has(error.code) && told.length < MOST_TOLD) told.push(mistake(text, error));
  return told;
}

function firstMistake(text: string, first: YAMLError, later: readonly YAMLError[]): Mistake {
  const [offset] = first.pos;
  if (offset > 0 && text.startsWith('${', offset - 1)) return bareReference(text, offset - 1);
  return wrongIndent(text, first, later) ?? mistake(text, first);
}

function mistake(text: string, error: YAMLError): Mistake {
  const [offset] = error.pos;
  return { offset, message: syntaxMessage(codeOf(error), error.message, text, offset) };
}

/** The library's code; a line within a list that is indented otherwise counts there as a missing character. */
function codeOf({ code, message }: YAMLError): ErrorCode {
  return message.startsWith('Sequence item without') ? 'BAD_INDENT' : code;
}

/** Inside brackets, the brace of a secret reference opens a map. */
function bareReference(text: string, offset: number): Mistake {
  // What is not spelled like a reference may be a password.
  const [reference] = /^\$\{\w+:[\w./@-]+\}/.exec(text.slice(offset, offset + 300)) ?? [];
  const what =
    reference === undefined ? 'a text that holds { or }: "${env:NAME}"' : `${reference}: "${reference}"`;
  return {
    offset,
    message: `put quotes around ${what}. Inside [ ] or { } the braces of a bare one mean a map.`,
  };
}

const STRUCTURE: ReadonlySet<ErrorCode> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MULTILINE_IMPLICIT_KEY',
  'TAB_AS_INDENT',
]);

function wrongIndent(text: string, first: YAMLError, later: readonly YAMLError[]): Mistake | null {
  if (!STRUCTURE.has(codeOf(first))) return null;
  const [start] = first.pos;
  // A line that is too deep is read as the rest of the value above it, until its colon.
  const continued = later.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === start);
  const at = sayingLine(text, lineStart(text, continued?.pos[1] ?? start));
  const line = lineAround(text, at);
  const indent = indentOf(line);
  if (indent.includes('\t'))
    return { offset: at + indent.indexOf('\t'), message: syntaxMessage('TAB_AS_INDENT', '', text, at) };
  const offset = at + indent.length;
  const isIndent = codeOf(first) === 'BAD_INDENT';
  if (!isIndent && continued === undefined) return null;
  const above = linesAbove(text, at);
  const [before = ''] = above;
  if (indent.length > contentColumn(before)) return { offset, message: TOO_DEEP };
  const beside = above.find((other) => indentOf(other).length <= indent.length) ?? '';
  return isIndent && beside.startsWith(`${indent}- `) && !line.startsWith(`${indent}- `)
    ? { offset, message: NO_DASH }
    : null;
}

/** The beginning of the first line from here on that is neither empty nor a comment. */
function sayingLine(text: string, start: number): number {
  const skipped = /(?:[ \t]*(?:#.*)?\n)*/y;
  skipped.lastIndex = start;
  return start + (skipped.exec(text)?.[0].length ?? 0);
}

/** The lines above an offset that say something, the nearest first; no more of them than one item of a list has. */
function linesAbove(text: string, offset: number): string[] {
  return text
    .slice(Math.max(0, offset - 20_000), offset)
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .toReversed();
}

/** What a YAML syntax error means for the person who edits the file. */
function syntaxMessage(code: ErrorCode, original: string, text: string, offset: number): string {
  const line = lineAround(text, offset);
  if (insideBraces(line, text, offset)) return BRACKET_IN_BRACES;
  // What the library quotes from the file may be a password, so it is cut off.
  const [sentence = ''] = original.split(/[:"]/);
  return MESSAGES[code] ?? `this is not valid YAML: ${lowerFirst(sentence.trim())}.`;
}

const TOO_DEEP =
  'this line is indented deeper than the one before it, which has its value already: things that belong together start in one column.';

const NO_DASH =
  'this line stands where the items of a list begin: put "- " before it if it begins one, else indent it like the lines of the item above.';

const BRACKET_IN_BRACES =
  'inside braces, a name with [ ] must stand in quotes: { "Video.Output.Connector[1].Resolution": Auto }.';

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a tab indents this line; YAML takes spaces only.',
  BAD_INDENT:
    'this line is not indented like its neighbours (things that belong together start in one column), or a [ or { above is not closed.',
  BLOCK_AS_IMPLICIT_KEY:
    'a value stands where a name is expected: look for a second ": " on the line, or for a line that is indented too far. A text that holds ": " needs quotes.',
  MULTILINE_IMPLICIT_KEY: 'a name must stand on one line; look for a missing colon or quote above.',
  MISSING_CHAR:
    'something that was opened is not closed before here: look for a missing quote, comma, ] or }.',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes.',
  TAG_RESOLVE_FAILED:
    'a word that begins with ! is a YAML tag, which fleet files do not use; put the text in quotes.',
  BAD_ALIAS: 'this is no valid anchor or alias (&name, *name).',
};

function lineAround(text: string, offset: number): string {
  const end = text.indexOf('\n', offset);
  return text.slice(lineStart(text, offset), end === -1 ? text.length : end);
}

function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** Where the text of a line begins, behind the dashes of lists. */
function contentColumn(line: string): number {
  return /^(?: |- )*/.exec(line)?.[0].length ?? 0;
}

/** Whether the error comes from a path such as Connector[1] that stands unquoted in `{ … }`. */
function insideBraces(line: string, text: string, offset: number): boolean {
  const before = text.slice(lineStart(text, offset), offset + 1);
  return before.includes('{') && /[{,]\s*[A-Za-z][\w.]*\[\d+\]/.test(line);
}

function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
