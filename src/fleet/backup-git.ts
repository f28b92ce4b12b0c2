import { GitError, git } from './git.ts';

/** Whether the folder lies in the work tree of a git repository; false also where there is no git. */
export async function isInRepository(folder: string): Promise<boolean> {
  try {
    return (await git(folder, ['rev-parse', '--is-inside-work-tree'])).trim() === 'true';
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
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
