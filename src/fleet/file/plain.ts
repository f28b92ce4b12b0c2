import type { SchemaCursor } from '../schema-cursor.ts';
import type { FileNode } from './tree.ts';

/**
 * A node as a plain value. Where the schema takes text, a scalar is the text
 * as it is written, so that `name: 101`, `password: 0123`, `[+4712345678]` and
 * a configuration value of `1.10` survive; elsewhere it is what YAML 1.2 reads.
 * A value that is left out is null all the same.
 */
export function plainValue(node: FileNode, schema: SchemaCursor): unknown {
  if (node.kind === 'scalar') return node.value !== null && schema.takesText ? node.text : node.value;
  if (node.kind === 'list') return node.items.map((item) => plainValue(item, schema.item()));
  const value: Record<string, unknown> = {};
  for (const [name, entry] of node.entries) value[name] = plainValue(entry.node, schema.child(name));
  return value;
}
