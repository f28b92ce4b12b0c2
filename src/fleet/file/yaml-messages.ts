import type { ErrorCode } from 'yaml';

/** What a YAML syntax error means for the person who edits the file. */
export function syntaxMessage(code: ErrorCode, original: string, text: string, offset: number): string {
  const line = lineAround(text, offset);
  if (insideBraces(line, text, offset)) return BRACKET_IN_BRACES;
  // What the library quotes from the file may be a password, so it is cut off.
  const [sentence = ''] = original.split(/[:"]/);
  return MESSAGES[code] ?? `this is not valid YAML: ${lowerFirst(sentence.trim())}.`;
}

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
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? text.length : end);
}

/** Whether the error comes from a path such as Connector[1] that stands unquoted in `{ … }`. */
function insideBraces(line: string, text: string, offset: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1);
  return before.includes('{') && /[{,]\s*[A-Za-z][\w.]*\[\d+\]/.test(line);
}

function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
