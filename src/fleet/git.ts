import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { RoomdError } from '../lib/errors.ts';

/** `git-failed`: the program is missing, too slow, or said no. */
export class GitError extends RoomdError<'git-failed'> {}

const TIMEOUT_MS = 60_000;
const MOST_BYTES = 100_000;

/**
 * Runs git in a folder and returns what it printed. The environment is its
 * own: GIT_DIR and its like from outside would lead git elsewhere.
 * @throws GitError
 */
export function git(
  folder: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.hooksPath=/dev/null', ...args], {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir(), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
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
