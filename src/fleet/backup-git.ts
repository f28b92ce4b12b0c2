import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { RoomdError } from '../lib/errors.ts';

/** `git-failed`: the program is missing or said no; the files are written all the same. */
export class GitError extends RoomdError<'git-failed'> {}

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 100_000;

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

/** An environment of its own: GIT_DIR and its like from outside would lead git elsewhere. */
function git(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir(), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    const said = { out: '', err: '' };
    child.stdout.on(
      'data',
      (chunk: Buffer) => (said.out = (said.out + chunk.toString()).slice(0, MOST_BYTES)),
    );
    child.stderr.on(
      'data',
      (chunk: Buffer) => (said.err = (said.err + chunk.toString()).slice(0, MOST_BYTES)),
    );
    child.once('error', (error) =>
      reject(new GitError('git-failed', `git cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('close', (code) => {
      if (code === 0) resolve(said.out);
      else
        reject(
          new GitError(
            'git-failed',
            `git ${args.find((arg) => /^[a-z]/.test(arg)) ?? ''} in ${folder}: ${lineOf(said.err, code)}`,
          ),
        );
    });
  });
}

function lineOf(text: string, code: number | null): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? `exit ${code ?? 'by a signal'}` : line.slice(0, 300);
}
