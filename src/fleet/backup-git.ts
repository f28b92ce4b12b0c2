import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError, git } from './git.ts';

/**
 * Whether the folder lies in the work tree of a git repository.
 * @throws GitError where it seems to, and there is no git to ask
 */
export async function isInRepository(folder: string): Promise<boolean> {
  try {
    return (await git(folder, ['rev-parse', '--is-inside-work-tree'])).trim() === 'true';
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.cause !== undefined && hasGitAbove(folder)) throw error;
    return false;
  }
}

function hasGitAbove(folder: string): boolean {
  const above = dirname(folder);
  return existsSync(join(folder, '.git')) || (above !== folder && hasGitAbove(above));
}

/**
 * Commits what has changed below `path`, a path within `folder`, and nothing
 * else that may be staged. Hooks do not run, nothing is signed and nothing is
 * pushed. Returns the commit, null where nothing differs from the last one.
 * @throws GitError
 */
export async function commitPath(
  folder: string,
  { path, message }: { path: string; message: string },
): Promise<string | null> {
  const spec = `:(literal)${path}`;
  await git(folder, ['add', '--all', '--force', '--', spec]);
  if ((await git(folder, ['status', '--porcelain', '--untracked-files=no', '--', spec])).trim() === '')
    return null;
  await git(folder, [
    ...(await identity(folder)),
    'commit',
    '--quiet',
    '--no-gpg-sign',
    '--only',
    '-m',
    message,
    '--',
    spec,
  ]);
  return (await git(folder, ['rev-parse', 'HEAD'])).trim();
}

/** The person's own name where git knows one, roomd's otherwise. */
async function identity(folder: string): Promise<string[]> {
  try {
    await git(folder, ['config', 'user.email']);
    return [];
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return ['-c', 'user.name=roomd', '-c', 'user.email=roomd@localhost'];
  }
}
