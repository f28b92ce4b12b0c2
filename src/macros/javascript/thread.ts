import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { RoomdError } from '../../lib/errors.ts';
import type { Answer, SandboxJob, SandboxNews } from './protocol.ts';

/**
 * | code | meaning |
 * |---|---|
 * | script-failed | the script threw, or broke a limit |
 * | script-crashed | its thread ended, or did not give way: the fault may lie with roomd |
 */
export type JavaScriptErrorCode = 'script-failed' | 'script-crashed';

export class JavaScriptError extends RoomdError<JavaScriptErrorCode> {}

interface Conversation {
  /** Of real time, whatever the clock of the rest: a thread computes in it. */
  readonly watch: Clock;
  readonly signal?: AbortSignal;
  /** What the thread tells; true where that was the last that is of interest. */
  readonly hear: (news: SandboxNews, answer: (answer: Answer) => void) => boolean;
}

/** What a thread may take for its start, and for whatever its own limits do not end: some builtins cannot be interrupted. */
const PATIENCE_MS = 10_000;
/** Of the thread itself, without the engine's own memory. */
const RESOURCES = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/**
 * Does a job in a thread of its own and hears it until it is done. Whatever
 * comes, the thread has ended when this settles.
 * @throws JavaScriptError `script-crashed`; the signal's reason
 */
export async function converse(job: SandboxJob, { watch, signal, hear }: Conversation): Promise<void> {
  signal?.throwIfAborted();
  const worker = spawn(job);
  const over = new AbortController();
  const timer: { callOff: (() => void) | null } = { callOff: null };
  try {
    await new Promise<void>((resolve, reject) => {
      const crashed = (why: string, cause?: unknown): void =>
        reject(new JavaScriptError('script-crashed', `the thread of the script ${why}`, { cause }));
      const expectSoon = (): void => {
        timer.callOff?.();
        timer.callOff = watch.after(job.limits.turnMostMs + PATIENCE_MS, () =>
          crashed('did not give way and was ended'),
        );
      };
      signal?.addEventListener('abort', () => reject(reasonOf(signal)), { signal: over.signal });
      worker.on('error', (error) => crashed(`broke down: ${error.message}`, error));
      worker.on('exit', () => crashed('ended unexpectedly'));
      worker.on('message', (news: SandboxNews) => {
        if (news.says === 'idle') timer.callOff?.();
        if (news.says === 'checked') expectSoon();
        const isLast = hear(news, (answer) => {
          if (over.signal.aborted) return;
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
          worker.postMessage(answer);
          expectSoon();
        });
        if (isLast) resolve();
      });
      expectSoon();
    });
  } finally {
    over.abort();
    timer.callOff?.();
    await worker.terminate();
  }
}

/** Runs `worker.ts` in tests, `worker.js` in dist. What could get out of the engine would find no environment, no input and no output. */
function spawn(job: SandboxJob): Worker {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: job,
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: RESOURCES,
  });
}
