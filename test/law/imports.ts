import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A source file by its path from src, with the text that decides what it imports. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The layers from left to right; a folder imports only folders to its left, neighbours never each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['lib'],
  ['schema'],
  ['xapi', 'storage', 'integrations'],
  ['notify'],
  ['fleet'],
  ['feedback'],
  ['alerts'],
  ['macros'],
  ['actions'],
  ['http', 'chat', 'mqtt'],
  ['daemon'],
  ['cli'],
];

/** The simulator is an independent second implementation of the wire: what it may see, by prefix. */
const SIMULATOR_MAY = [
  'lib/abort.ts',
  'lib/backoff.ts',
  'lib/clock.ts',
  'lib/errors.ts',
  'lib/lifecycle.ts',
  'lib/logger.ts',
  'lib/random.ts',
  'lib/secret.ts',
  'lib/suggest.ts',
  'schema/',
  'simulator/',
];

const IMPORT =
  /(?:^|\n)\s*(?:import\s+|(?:import|export)\s[^;'"()=]*?\sfrom\s+)['"](\.{1,2}\/[^'"]+)['"]|\bimport\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*\)/g;

export function readSources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));
}

/** Every breach of the one law, as sentences; empty when it holds. */
export function breaches(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file)]));
  const found: string[] = [];
  for (const [path, targets] of imports) {
    for (const target of targets) {
      const why = forbidden(path, target);
      if (why !== null) found.push(`${path} imports ${target}: ${why}`);
    }
  }
  return [...found, ...cycles(imports)];
}

function importsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].map((match) =>
    normalize(join(dirname(path), match[1] ?? match[2] ?? '')),
  );
}

function forbidden(from: string, to: string): string | null {
  if (to.startsWith('..')) return 'it leaves src';
  const [source, target] = [roomOf(from), roomOf(to)];
  if (from.startsWith('simulator/')) {
    return SIMULATOR_MAY.some((prefix) => to.startsWith(prefix))
      ? null
      : 'the simulator shares nothing with the clients';
  }
  if (to.startsWith('simulator/'))
    return source === 'cli' ? null : 'only cli and tests may use the simulator';
  if (source === target && source !== 'integrations') return null;
  if (source === 'integrations' && target === 'integrations') {
    return from.split('/')[1] === to.split('/')[1] ? null : 'integrations are strangers to each other';
  }
  const [left, right] = [layerOf(source), layerOf(target)];
  if (left === -1 || right === -1) return `${left === -1 ? source : target} is no known folder`;
  if (left === right) return 'neighbours never import each other';
  return right < left ? null : 'it looks to the right';
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function layerOf(room: string): number {
  return LAYERS.findIndex((layer) => layer.includes(room));
}

/** Cycles by depth-first search; each is told once. */
function cycles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push(`cycle: ${[...trail.slice(start), path].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
