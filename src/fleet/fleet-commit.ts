import { realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Fleet } from './fleet.ts';
import { GitError, git } from './git.ts';

/** Where a fleet file stands in its git repository. */
export interface FleetCommit {
  /** 40 hex digits, or 64. */
  readonly id: string;
  /** The files that made the fleet had changes that no commit holds. */
  readonly isDirty: boolean;
}

/** An approval does not wait longer for git. */
const TIMEOUT_MS = 5_000;
const FILES_AT_ONCE = 500;

/**
 * The commit that the fleet's files stand at; null without git, without a
 * repository, before its first commit, and where git is too slow. Files that
 * git ignores (private keys, say) or that lie elsewhere make nothing dirty.
 */
export async function fleetCommit({
  file,
  sources,
}: Pick<Fleet, 'file' | 'sources'>): Promise<FleetCommit | null> {
  const folder = dirname(file);
  const options = { timeoutMs: TIMEOUT_MS };
  try {
    const id = (await git(folder, ['rev-parse', '--verify', 'HEAD'], options)).trim();
    const top = (await git(folder, ['rev-parse', '--show-toplevel'], options)).trim();
    const files = await within(top, sources);
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      const specs = files.slice(at, at + FILES_AT_ONCE).map((name) => `:(top,literal)${name}`);
      const changed = await git(folder, ['status', '--porcelain', '--', ...specs], options);
      if (changed.trim() !== '') return { id, isDirty: true };
    }
    return { id, isDirty: false };
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}

/** Names from the top of the work tree; what lies outside is in no commit of it. */
async function within(top: string, sources: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for (const source of sources) {
    const folder = await realpath(dirname(source)).catch(() => dirname(source));
    const name = relative(top, join(folder, source.slice(dirname(source).length + 1)));
    if (name !== '' && !name.startsWith('..')) names.push(name);
  }
  return names;
}

/** A commit as a row of the database holds it. */
export function rowOfCommit(commit: FleetCommit | null): {
  git_commit: string | null;
  git_dirty: number | null;
} {
  return { git_commit: commit?.id ?? null, git_dirty: commit === null ? null : Number(commit.isDirty) };
}

export function commitOf(row: { git_commit: string | null; git_dirty: number | null }): FleetCommit | null {
  return row.git_commit === null ? null : { id: row.git_commit, isDirty: row.git_dirty === 1 };
}
