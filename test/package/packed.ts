import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is packed is what was built: npm run build. */
export const isBuilt =
  existsSync(join(ROOT, 'dist/cli/main.js')) && existsSync(join(ROOT, 'dist/web/index.html'));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** `npm pack`; with a folder the tarball is made there. */
export function pack(folder: string | null): Packed {
  const where = folder === null ? ['--dry-run'] : ['--pack-destination', folder];
  const told = execFileSync('npm', ['pack', '--json', ...where], { cwd: ROOT, encoding: 'utf8' });
  const [packed] = JSON.parse(told) as Packed[];
  if (packed === undefined) throw new Error('npm pack made nothing');
  return packed;
}
