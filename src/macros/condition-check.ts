import type { ASTNode } from '@marcbachmann/cel-js';
import { didYouMean } from '../lib/suggest.ts';
import { nameOf, nodes } from './condition-tree.ts';
import { type Language, WORDS } from './vocabulary.ts';

/** Everything wrong with a condition, one sentence each; empty where it can be used. */
export function checkCondition(text: string, language: Language): string[] {
  const check = language.environment.check(text);
  if (!check.valid) return [explain(text, language, check.error)];
  const tree = language.environment.parse(text).ast;
  const problems = [...checkMatches(text, tree), ...checkWords(text, tree)];
  if (check.type !== 'bool')
    problems.push(
      `the condition is a ${check.type ?? 'value'}, neither true nor false: compare it with something, for example presence == 'yes'.`,
    );
  return problems;
}

function explain(
  text: string,
  { names, fields }: Language,
  error: { summary: string; range?: { start: number; end: number } } | undefined,
): string {
  if (error === undefined) return 'the condition cannot be read.';
  const { summary, range } = error;
  const where = range === undefined ? '' : `${position(text, range.start)}: `;
  const unknown = /^Unknown variable: (.*)$/.exec(summary)?.[1];
  if (unknown !== undefined) return `${where}"${unknown}" is not known.${meant(unknown, names)}`;
  const field = /^No such key: (.*)$/.exec(summary)?.[1];
  if (field !== undefined) {
    return `${where}there is no "${field}" here.${meant(field, fields)}`;
  }
  const single = /^Unexpected character: ([=&|])$/.exec(summary)?.[1];
  if (single !== undefined)
    return `${where}a single ${single} ${single === '=' ? 'compares' : 'joins'} nothing here: write ${single}${single}.`;
  if (summary.includes('EOF')) return `${where}the condition ends too early.`;
  return `${where}${summary}.`;
}

function meant(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  return near === '' ? ` Known are ${known.join(', ')}.` : near;
}

/** A regular expression can take seconds on a short text, and nothing here needs one. */
function checkMatches(text: string, tree: ASTNode): string[] {
  return [...nodes(tree)]
    .filter(({ op, args }) => (op === 'rcall' || op === 'call') && args[0] === 'matches')
    .map(
      ({ start }) =>
        `${position(text, start)}: matches() is not to be used; startsWith(), endsWith(), contains() and == are.`,
    );
}

function checkWords(text: string, tree: ASTNode): string[] {
  const problems: string[] = [];
  for (const node of nodes(tree)) {
    if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') continue;
    const [left, right] = node.args;
    const name = nameOf(left) ?? nameOf(right);
    const words = name === null ? undefined : WORDS[name];
    if (words === undefined) continue;
    for (const literal of literals(nameOf(left) === null ? left : right)) {
      if (words.includes(literal.text)) continue;
      problems.push(
        `${position(text, literal.start)}: ${name} is never '${literal.text}'; it is one of ${words.join(', ')}.${didYouMean(literal.text, words)}`,
      );
    }
  }
  return problems;
}

function literals(node: ASTNode): { text: string; start: number }[] {
  if (node.op === 'value')
    return typeof node.args === 'string' ? [{ text: node.args, start: node.start }] : [];
  return node.op === 'list' ? node.args.flatMap(literals) : [];
}

/** A condition may be folded over lines of the file, so its own lines and columns are told. */
function position(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  const column = (lines.at(-1)?.length ?? 0) + 1;
  return lines.length === 1 ? `at its column ${column}` : `at its line ${lines.length}, column ${column}`;
}
