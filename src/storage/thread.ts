import { Worker } from 'node:worker_threads';
import { type AbortOptions, reasonOf } from '../lib/abort.ts';
import { fromPlain, StorageError } from './errors.ts';
import type { Note, Reply, Request, ThreadSettings } from './protocol.ts';

interface Asked {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A database thread as the main thread sees it: asked one thing at a time.
 * When it dies, what was asked is rejected with `crashed`, and so is all that
 * is asked afterwards.
 */
export class Thread {
  readonly #worker: Worker;
  readonly #settings: ThreadSettings;
  readonly #exited: Promise<void>;
  readonly notes: Note[] = [];
  #asked: Asked | null = null;
  #death: StorageError | null = null;

  private constructor(worker: Worker, settings: ThreadSettings) {
    this.#worker = worker;
    this.#settings = settings;
    worker.on('message', (reply: Reply) => this.#settle((asked) => asked.resolve(reply)));
    worker.on('error', (error) => this.#die(error));
    worker.on('messageerror', (error) => this.#die(error));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#die(undefined);
        resolve();
      });
    });
  }

  /** Resolves when the thread has the file open; the caller then owns it and closes it. */
  static async start(
    settings: ThreadSettings,
    { signal, spawn = spawnWorker }: AbortOptions & { spawn?: typeof spawnWorker } = {},
  ): Promise<Thread> {
    signal?.throwIfAborted();
    const thread = new Thread(spawn(settings), settings);
    const onAbort = (): void => void thread.#worker.terminate();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const reply = await thread.#next();
      if (reply.answer === 'failed') throw fromPlain(reply.error);
      if (reply.answer === 'ready') thread.notes.push(...reply.notes);
      return thread;
    } catch (error) {
      await thread.#worker.terminate();
      throw signal?.aborted ? reasonOf(signal) : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Why it can be asked nothing more; null while it lives. */
  get death(): StorageError | null {
    return this.#death;
  }

  /** @throws StorageError what the thread answered, or `crashed` */
  async ask(request: Request): Promise<Reply> {
    const answered = this.#next();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    if (this.#death === null) this.#worker.postMessage(request);
    const reply = await answered;
    if (reply.answer === 'failed') throw fromPlain(reply.error);
    return reply;
  }

  /** Lets the thread close the file and end; a dead one is only waited for. */
  async close(): Promise<void> {
    if (this.#death === null) await this.ask({ ask: 'close' });
    await this.#exited;
  }

  #next(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#death === null) this.#asked = { resolve, reject };
      else reject(this.#death);
    });
  }

  #settle(how: (asked: Asked) => void): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked !== null) how(asked);
  }

  #die(cause: unknown): void {
    this.#death ??= new StorageError(
      'crashed',
      `The ${this.#settings.role} thread of the database ${this.#settings.path} ended unexpectedly; whether writes under way are kept is unknown: restart roomd`,
      { cause, details: { path: this.#settings.path, role: this.#settings.role } },
    );
    const death = this.#death;
    this.#settle((asked) => asked.reject(death));
  }
}

/** Runs `worker.ts` in tests, `worker.js` in dist: tsc does not rewrite URLs. */
export function spawnWorker(settings: ThreadSettings): Worker {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new Worker(new URL(`./worker${extension}`, import.meta.url), { workerData: settings });
}
