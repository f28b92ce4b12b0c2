import { nearest } from '../lib/suggest.ts';
import type { MapEntry } from './file/tree.ts';
import { type YamlFile, yamlFile } from './file/yaml-file.ts';
import { IssueReader } from './issues.ts';
import type { Problem } from './problem.ts';
import type { SchemaCursor } from './schema-cursor.ts';

/**
 * Tells which sections are unknown, and gives each that is only misspelt the
 * name that is meant: else all that leads there would be told as well.
 */
export function nameSections(
  yaml: YamlFile,
  schema: SchemaCursor,
): { yaml: YamlFile; problems: readonly Problem[] } {
  const { root } = yaml;
  if (root.kind !== 'map') return { yaml, problems: [] };
  const issues = new IssueReader(yaml, schema);
  const { names } = schema;
  const entries = new Map<string, MapEntry>();
  const problems: Problem[] = [];
  for (const [key, entry] of root.entries) {
    if (names.has(key)) {
      entries.set(key, entry);
      continue;
    }
    problems.push(issues.unknownKey([], key));
    const [meant] = nearest(key, names, 1);
    if (meant !== undefined && !root.entries.has(meant)) entries.set(meant, entry);
  }
  return { yaml: yamlFile({ ...root, entries }, (offset) => yaml.place(offset)), problems };
}
