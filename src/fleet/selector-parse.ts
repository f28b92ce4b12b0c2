import { RoomdError } from '../lib/errors.ts';

/** A selector, read. Columns count from 1. */
export type Selector =
  | { readonly type: 'all' }
  | { readonly type: 'name'; readonly glob: string; readonly column: number }
  | { readonly type: 'attribute'; readonly key: string; readonly glob: string; readonly column: number }
  | { readonly type: 'tag'; readonly key: string; readonly column: number }
  | { readonly type: 'not'; readonly of: Selector }
  | { readonly type: 'and' | 'or'; readonly of: readonly Selector[] };

export class SelectorError extends RoomdError<'selector-invalid'> {
  /** Where in the selector's text, from 1. */
  readonly column: number;

  constructor(text: string, column: number, why: string) {
    super('selector-invalid', `the selector "${text}" cannot be read at column ${column}: ${why}`, {
      details: { text, column },
    });
    this.column = column;
  }
}

/**
 * Reads a selector.
 *
 * | written | means |
 * |---|---|
 * | `all` | every device |
 * | `boardroom-1`, `oslo-*` | by name; `*` stands for anything, `?` for one character |
 * | `name=oslo-*`, `kind=board` | the device's own name or kind |
 * | `site=oslo`, `floor!=3` | a tag's value |
 * | `tag:standup` | the tag is there and is not `false` |
 * | `a & b`, `a \| b`, `a, b`, `!a`, `(a)` | and, or, or, not; `!` binds closest, then `&` |
 *
 * Upper and lower case are the same everywhere.
 * @throws SelectorError
 */
export function parseSelector(text: string): Selector {
  return new Parser(text).whole();
}

type Mark = '(' | ')' | '&' | '|' | ',' | '!' | '=' | '!=' | ':';
type Token =
  | { readonly type: 'symbol'; readonly symbol: Mark; readonly column: number }
  | { readonly type: 'word'; readonly word: string; readonly quoted: boolean; readonly column: number }
  | { readonly type: 'end'; readonly column: number };

const TOKEN = /\s*(?:(!=|[()&|,!=:])|"([^"]*)"|([^\s()&|,!=:"]+))/y;
/** Parentheses and exclamation marks within one another; the parser recurses. */
const DEEPEST = 50;

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): Selector {
    const selector = this.#or();
    const rest = this.#peek();
    if (rest.type !== 'end') this.#fail(rest, 'expected &, | or a comma, or the end');
    return selector;
  }

  #or(): Selector {
    const parts = [this.#and()];
    while (this.#take('|') || this.#take(',')) parts.push(this.#and());
    return joined('or', parts);
  }

  #and(): Selector {
    const parts = [this.#not()];
    while (this.#take('&')) parts.push(this.#not());
    return joined('and', parts);
  }

  #not(): Selector {
    const here = this.#peek();
    this.#depth += 1;
    if (this.#depth > DEEPEST) this.#fail(here, `it is nested more than ${DEEPEST} levels deep`);
    const selector = this.#take('!') ? ({ type: 'not', of: this.#not() } as const) : this.#term();
    this.#depth -= 1;
    return selector;
  }

  #term(): Selector {
    if (this.#take('(')) {
      const inner = this.#or();
      if (!this.#take(')')) this.#fail(this.#peek(), 'expected a closing parenthesis');
      return inner;
    }
    const word = this.#word('expected a device name, all, TAG=VALUE, tag:NAME, ! or (');
    const { column } = word;
    if (this.#take('=')) return this.#attribute(word.word, column);
    if (this.#take('!=')) return { type: 'not', of: this.#attribute(word.word, column) };
    if (this.#take(':')) {
      if (word.word.toLowerCase() !== 'tag')
        this.#fail(word, `"${word.word}:" is not known; expected tag:NAME or ${word.word}=VALUE`);
      return { type: 'tag', key: this.#word('expected the name of a tag behind tag:').word, column };
    }
    if (!word.quoted && word.word.toLowerCase() === 'all') return { type: 'all' };
    return { type: 'name', glob: word.word, column };
  }

  #attribute(key: string, column: number): Selector {
    const lower = key.toLowerCase();
    const { word } = this.#word(`expected a value behind ${key}=`);
    return { type: 'attribute', key: lower === 'name' || lower === 'kind' ? lower : key, glob: word, column };
  }

  #word(expected: string): Token & { type: 'word' } {
    const token = this.#peek();
    if (token.type !== 'word') this.#fail(token, expected);
    this.#next += 1;
    return token;
  }

  #take(symbol: Mark): boolean {
    const token = this.#peek();
    if (token.type !== 'symbol' || token.symbol !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { type: 'end', column: this.#text.length + 1 };
  }

  #fail(at: Token, why: string): never {
    throw new SelectorError(this.#text, at.column, why);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let offset = 0; offset < end; ) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    if (match === null) throw new SelectorError(text, offset + 1, 'a quote is opened and not closed');
    const [whole, symbol, quoted, bare] = match;
    const column = offset + whole.length - whole.trimStart().length + 1;
    if (symbol !== undefined) tokens.push({ type: 'symbol', symbol: symbol as Mark, column });
    else tokens.push({ type: 'word', word: quoted ?? bare ?? '', quoted: quoted !== undefined, column });
    offset += whole.length;
  }
  return tokens;
}

function joined(type: 'and' | 'or', parts: readonly Selector[]): Selector {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { type, of: parts };
}
