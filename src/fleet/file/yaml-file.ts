import { Composer, type CST, type Document, LineCounter, Parser } from 'yaml';
import type { Place, Problem } from '../problem.ts';
import { buildTree } from './build-tree.ts';
import { type FileNode, type FilePath, formatFilePath, keyOffsetOf, offsetOf } from './tree.ts';
import { mistakesIn } from './yaml-messages.ts';

const LARGEST_FILE = 32 * 1024 * 1024;
/** Deeper nesting is no fleet. The cap also keeps the recursive composer far from the end of the stack, where V8 may abort the whole process. */
const DEEPEST = 64;

/** One file, or several joined, that could be read as YAML, with its places. */
export interface YamlFile {
  readonly root: FileNode;
  /** The place of an offset within the root; joined files follow one another as if they were one text. */
  place(offset: number): Place;
  /** The place of a path, or of the nearest thing around it. */
  locate(path: FilePath): Place;
  error(path: FilePath, message: string): Problem;
  warning(path: FilePath, message: string): Problem;
  /** An error that points at the key that ends the path instead of its value. */
  keyError(path: FilePath, message: string): Problem;
}

/**
 * Reads YAML 1.2. A file with any mistake in its syntax comes back as problems
 * alone, since the rest of it cannot be trusted. Offsets count from `base`, so
 * that several files can be told apart once they are joined.
 */
export function readYaml(
  text: string,
  file: string,
  base = 0,
): { yaml: YamlFile; problems: readonly Problem[] } | { yaml: null; problems: readonly Problem[] } {
  const whole = (message: string, line = 1, column = 1): { yaml: null; problems: Problem[] } => ({
    yaml: null,
    problems: [{ severity: 'error', place: { file, line, column }, path: '', message }],
  });
  if (text.length > LARGEST_FILE) return whole('the file is larger than 32 MB; no fleet file is.');
  const lines = new LineCounter();
  const inFile = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const tooDeep = firstTooDeep(tokens);
  if (tooDeep !== null) {
    const { line, column } = inFile(tooDeep);
    return whole(
      `the file is nested more than ${DEEPEST} levels deep here; a fleet file is not.`,
      line,
      column,
    );
  }
  const documents = compose(tokens, text);
  const mistakes = mistakesIn(
    text,
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
  );
  const syntax = mistakes.map(
    ({ offset, message }): Problem => ({ severity: 'error', place: inFile(offset), path: '', message }),
  );
  const second = documents[1];
  if (second !== undefined)
    syntax.push({
      severity: 'error',
      place: inFile(second.range[0]),
      path: '',
      message: 'a second YAML document begins here (`---`); a fleet file is one document.',
    });
  if (syntax.length > 0) return { yaml: null, problems: syntax };
  const content = documents[0]?.contents ?? null;
  if (content === null)
    return whole('the file is empty; `roomd init` writes one to start from. Its first line is `version: 1`.');
  const place = (offset: number): Place => inFile(offset - base);
  const { root, problems } = buildTree(content, { place, base });
  if (root === null) return { yaml: null, problems };
  return { problems, yaml: yamlFile(root, place) };
}

/** A tree with its places. */
export function yamlFile(root: FileNode, place: (offset: number) => Place): YamlFile {
  const problem = (
    severity: Problem['severity'],
    offset: number,
    path: FilePath,
    message: string,
  ): Problem => ({ severity, place: place(offset), path: formatFilePath(path), message });
  return {
    root,
    place,
    locate: (path) => place(offsetOf(root, path)),
    error: (path, message) => problem('error', offsetOf(root, path), path, message),
    warning: (path, message) => problem('warning', offsetOf(root, path), path, message),
    keyError: (path, message) => problem('error', keyOffsetOf(root, path), path, message),
  };
}

function compose(tokens: readonly CST.Token[], text: string): Document.Parsed[] {
  const composer = new Composer<Document.Parsed['contents'] & object>({
    version: '1.2',
    schema: 'core',
    merge: false,
    // Duplicates are found while the tree is built, where both places are known.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return [...composer.compose(tokens, true, text.length)] as Document.Parsed[];
}

/** The offset of the first token that is nested too deep, null where none is. Walks with a list of its own, not the stack. */
function firstTooDeep(tokens: readonly CST.Token[]): number | null {
  const rest: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { token, depth } = next;
    if (depth > DEEPEST) return token.offset;
    if (token.type === 'document') {
      if (token.value) rest.push({ token: token.value, depth });
      continue;
    }
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) rest.push({ token: item.key, depth: depth + 1 });
      if (item.value) rest.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}
