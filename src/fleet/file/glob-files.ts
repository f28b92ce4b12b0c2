import { join } from 'node:path';
import { isLike } from '../glob.ts';
import type { FleetFiles, FolderEntry } from './fleet-files.ts';

export function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * The files that an absolute path with `*`, `?` or `**` (folders at any depth)
 * stands for, in alphabetical order, and the folders that were looked into. A
 * name that begins with a dot is found only by a pattern that does.
 */
export async function filesLike(
  pattern: string,
  files: FleetFiles,
): Promise<{ paths: readonly string[]; folders: readonly string[] }> {
  const finder = new Finder(files);
  const steps = pattern.split('/').filter((step) => step !== '');
  const paths = await finder.find('/', steps);
  return { paths: [...new Set(paths)].sort(), folders: finder.folders };
}

class Finder {
  readonly folders: string[] = [];
  readonly #files: FleetFiles;

  constructor(files: FleetFiles) {
    this.#files = files;
  }

  async find(folder: string, steps: readonly string[]): Promise<string[]> {
    const [step, ...rest] = steps;
    if (step === undefined) return [];
    const isLast = rest.length === 0;
    // A plain name needs no listing, unless it must be known whether such a file is there.
    if (!isPattern(step) && !isLast) return this.find(join(folder, step), rest);
    const entries = await this.#list(folder);
    if (step !== '**') {
      const fitting = entries.filter(({ name, isFolder }) => isFolder !== isLast && fits(name, step));
      if (isLast) return fitting.map(({ name }) => join(folder, name));
      return this.#each(folder, fitting, rest);
    }
    const inner = entries.filter(({ name, isFolder }) => isFolder && !name.startsWith('.'));
    return [...(await this.find(folder, rest)), ...(await this.#each(folder, inner, steps))];
  }

  async #each(folder: string, entries: readonly FolderEntry[], steps: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const { name } of entries) found.push(...(await this.find(join(folder, name), steps)));
    return found;
  }

  async #list(folder: string): Promise<readonly FolderEntry[]> {
    if (!this.folders.includes(folder)) this.folders.push(folder);
    try {
      return await this.#files.list(folder);
    } catch {
      // A folder that cannot be listed holds nothing; that nothing was found is told.
      return [];
    }
  }
}

function fits(name: string, pattern: string): boolean {
  if (!isPattern(pattern)) return name === pattern;
  return name.startsWith('.') === pattern.startsWith('.') && isLike(name, pattern);
}
