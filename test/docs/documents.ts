import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A Markdown file by its path from the root. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

export interface Fence {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

/** Every Markdown file at the root and below the folders that ship. */
export function documents(): Document[] {
  const paths = ['.', 'docs', 'examples', 'systemd'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
  return paths.toSorted().map((path) => ({ path, text: document(path) }));
}

export function document(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function fences({ text }: Document): Fence[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    text: match[2] ?? '',
    line: text.slice(0, match.index).split('\n').length,
  }));
}

/** Links within the repository that lead nowhere, as sentences. */
export function brokenLinks({ path, text }: Document): string[] {
  const prose = text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      if (file !== '' && !existsSync(join(ROOT, linked)))
        return [`${path}: ${target}: there is no such file`];
      if (anchor === undefined || anchors(file === '' ? text : document(linked)).has(anchor)) return [];
      return [`${path}: ${target}: there is no such heading`];
    });
}

/** As GitHub makes them of headings. */
function anchors(text: string): Set<string> {
  const headings = [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
