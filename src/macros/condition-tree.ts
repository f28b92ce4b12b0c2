import type { ASTNode } from '@marcbachmann/cel-js';

/** A node of a condition's syntax tree and all nodes below it. */
export function* nodes(node: ASTNode): Iterable<ASTNode> {
  yield node;
  for (const inner of nodesWithin(node.args)) yield* nodes(inner);
}

/** Operands are nodes, texts, or lists of them, depending on the operator. */
function* nodesWithin(args: unknown): Iterable<ASTNode> {
  if (Array.isArray(args)) for (const one of args) yield* nodesWithin(one);
  else if (typeof args === 'object' && args !== null && 'op' in args) yield args as ASTNode;
}

/** The dotted name that a node stands for (`presence`, `device.kind`), null for anything else. */
export function nameOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return null;
  const owner = nameOf(node.args[0]);
  return owner === null ? null : `${owner}.${node.args[1]}`;
}
