import type { z } from 'zod';
import { didYouMean } from '../lib/suggest.ts';
import { type FilePath, nodeAt } from './file/tree.ts';
import type { YamlFile } from './file/yaml-file.ts';
import type { Problem } from './problem.ts';
import type { SchemaCursor } from './schema-cursor.ts';

type Issue = z.core.$ZodIssue;

/** Says what zod found in the words of the file: where, what is wrong, what would be right. */
export class IssueReader {
  readonly #yaml: YamlFile;
  readonly #schema: SchemaCursor;

  constructor(yaml: YamlFile, schema: SchemaCursor) {
    this.#yaml = yaml;
    this.#schema = schema;
  }

  /** The problems of a value that stands at `base` in the file. */
  read(issues: readonly Issue[], base: FilePath): Problem[] {
    return issues.flatMap((issue) => this.#problems(issue, base));
  }

  /** A key that has no meaning at its place. */
  unknownKey(parent: FilePath, key: string): Problem {
    const known = [...this.#schema.at(parent).names];
    const meant = didYouMean(key, known);
    const choice = meant === '' && known.length > 0 ? ` What may stand here: ${known.join(', ')}.` : meant;
    return this.#yaml.keyError([...parent, key], `"${key}" is not known here.${choice}`);
  }

  #problems(issue: Issue, base: FilePath): Problem[] {
    const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.unknownKey(path, key));
    if (issue.code === 'invalid_key')
      return issue.issues.map(({ message }) => this.#yaml.keyError(path, message));
    if (issue.code === 'invalid_union') {
      const branch = meantBranch(issue.errors, nodeAt(this.#yaml.root, path)?.kind === 'scalar');
      if (branch !== null) return branch.flatMap((inner) => this.#problems(inner, path));
    }
    return [this.#yaml.error(path, this.#message(issue, path))];
  }

  #message(issue: Issue, path: FilePath): string {
    const node = nodeAt(this.#yaml.root, path);
    if (node === undefined && issue.code !== 'custom') return this.#missing(path);
    const isEmpty = node?.kind === 'scalar' && node.value === null;
    if (issue.code === 'invalid_type')
      return isEmpty
        ? `"${lastName(path)}" has no value.${this.#example(path)}`
        : this.#wrongKind(issue, path);
    if (issue.code === 'invalid_value') {
      const words = issue.values.map(String);
      const written = node?.kind === 'scalar' ? node.text : '';
      return `${written === '' ? 'this' : `"${written}"`} is not one of: ${words.join(', ')}.${didYouMean(written, words)}`;
    }
    return issue.message;
  }

  #missing(path: FilePath): string {
    return `"${lastName(path)}" is missing.${this.#example(path)}`;
  }

  #wrongKind(issue: Issue & { code: 'invalid_type' }, path: FilePath): string {
    const expected = KIND_WORDS[issue.expected];
    if (expected === undefined || !issue.message.startsWith('Invalid input')) return issue.message;
    const found = nodeAt(this.#yaml.root, path)?.kind;
    const got = found === 'map' ? 'names with values' : found === 'list' ? 'a list' : 'a single value';
    return `${expected} is expected here, not ${got}.${this.#example(path)}`;
  }

  #example(path: FilePath): string {
    const example = this.#schema.at(path).example();
    const name = path.at(-1);
    if (example === null || typeof name !== 'string') return '';
    const value = typeof example === 'string' ? example : JSON.stringify(example);
    return ` Write for example ${name}: ${value}`;
  }
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a map (names with values)',
  record: 'a map (names with values)',
  array: 'a list (lines that begin with "- ")',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Of a union's ways to fail, the one whose form fits what is written; null where none does. */
function meantBranch(branches: readonly (readonly Issue[])[], isScalar: boolean): readonly Issue[] | null {
  // One of several words is meant by a single value only.
  const isForeign = ({ code, path }: Issue): boolean =>
    path.length === 0 && (code === 'invalid_type' || (code === 'invalid_value' && !isScalar));
  const fitting = branches.filter((issues) => !issues.some(isForeign));
  const named = fitting.filter((issues) => !issues.some(({ code }) => code === 'unrecognized_keys'));
  const [only, another] = named.length === 1 ? named : fitting;
  return another === undefined ? (only ?? null) : null;
}

function lastName(path: FilePath): string {
  return String(path.at(-1) ?? 'the file');
}
