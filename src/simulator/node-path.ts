/** A name or, right after it, the wire id of one of several nodes of that name. */
export type Token = string | number;

/**
 * Where a node stands in a tree. `text` is the dotted form
 * (`Video.Output.Connector[1].Resolution`), `keys` are the tokens in lower
 * case: the device compares names without regard to case.
 */
export interface NodePath {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly keys: readonly Token[];
}

/** Reads the dotted form. Text that is no path gives a path that no node has. */
export function nodePath(text: string): NodePath {
  const tokens: Token[] = [];
  for (const word of text.split('.')) {
    const bracket = word.indexOf('[');
    if (bracket < 0) tokens.push(word);
    else tokens.push(word.slice(0, bracket), Number(word.slice(bracket + 1, -1)));
  }
  return { text, tokens, keys: keysOf(tokens) };
}

/** The dotted form of tokens. */
export function textOf(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens)
    text += typeof token === 'number' ? `[${token}]` : text === '' ? token : `.${token}`;
  return text;
}

export function keysOf(tokens: readonly Token[]): Token[] {
  return tokens.map((token) => (typeof token === 'string' ? token.toLowerCase() : token));
}

/** Whether `keys` begins with `prefix`. */
export function startsWith(keys: readonly Token[], prefix: readonly Token[]): boolean {
  return prefix.length <= keys.length && prefix.every((token, at) => token === keys[at]);
}

/** The names of a path without its ids, lower case: what a schema knows it by. */
export function namesOf(keys: readonly Token[]): string {
  return keys.filter((token) => typeof token === 'string').join('.');
}

/**
 * Whether a query covers the node: it names the node or one above it. `*`
 * stands for one token, `**` for any number; ids may be left out (TG: xQuery,
 * xFeedback/Subscribe).
 */
export function covers(query: readonly Token[], keys: readonly Token[]): boolean {
  return matches(query, 0, keys, 0, false);
}

/** Whether a query covers the node or may cover one below it: who is told that the node is gone. */
export function touches(query: readonly Token[], keys: readonly Token[]): boolean {
  return matches(query, 0, keys, 0, true);
}

/**
 * The query of an XPath-like feedback expression such as `/Status/Call[1]/Status`
 * or `/Status/Call[@item='1']`, lower case, from the tree's name on; null where
 * it is none. `//` is any number of steps.
 */
export function parseExpression(expression: string): Token[] | null {
  const query: Token[] = [];
  for (const word of expression
    .trim()
    .replace(/^\/(?!\/)/, '')
    .replaceAll('//', '/**/')
    .split('/')) {
    if (word === '') continue;
    const match = /^(\*\*?|[A-Za-z][\w.-]*)(?:\[(?:@item\s*=\s*['"]?)?(\d+)['"]?\])?$/.exec(word);
    if (match?.[1] === undefined) return null;
    query.push(match[1].toLowerCase());
    if (match[2] !== undefined) query.push(Number(match[2]));
  }
  return query.length === 0 ? null : query;
}

function matches(
  query: readonly Token[],
  at: number,
  keys: readonly Token[],
  depth: number,
  whenShort: boolean,
): boolean {
  const wanted = query[at];
  if (wanted === undefined) return true;
  const met = keys[depth];
  if (met === undefined) return whenShort;
  if (wanted === '**')
    return matches(query, at + 1, keys, depth, whenShort) || matches(query, at, keys, depth + 1, whenShort);
  const skipsId = typeof met === 'number' && typeof wanted === 'string';
  if (wanted === '*')
    return (
      matches(query, at + 1, keys, depth + 1, whenShort) ||
      (skipsId && matches(query, at, keys, depth + 1, whenShort))
    );
  if (skipsId) return matches(query, at, keys, depth + 1, whenShort);
  return wanted === met && matches(query, at + 1, keys, depth + 1, whenShort);
}
