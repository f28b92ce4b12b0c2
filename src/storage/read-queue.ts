import { type AbortOptions, reasonOf } from '../lib/abort.ts';
import { StorageError } from './errors.ts';
import type { Statement } from './statement.ts';
import type { Thread } from './thread.ts';

/** Reads that may wait for a thread; beyond it a read is refused at once with `overloaded`. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (rows: readonly Record<string, unknown>[]) => void;
  readonly reject: (error: Error) => void;
}

/** Hands reads to whichever reader is free, in the order they came. A reader that dies is left out. */
export class ReadQueue {
  readonly #idle: Thread[];
  readonly #waiting = new Set<Waiting>();
  readonly #running = new Set<Promise<void>>();
  #death: Error | null = null;

  constructor(threads: readonly Thread[]) {
    this.#idle = [...threads];
  }

  /** When the signal aborts, the caller is free at once; a query that already runs ends unheard. */
  read(statement: Statement, { signal }: AbortOptions = {}): Promise<readonly Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw reasonOf(signal);
      if (this.#waiting.size >= MOST_WAITING) throw overloaded();
      const onAbort = (): void => {
        this.#waiting.delete(waiting);
        reject(reasonOf(signal));
      };
      const waiting: Waiting = {
        statement,
        resolve: (rows) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(rows);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
      this.#dispatch();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  async drained(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #dispatch(): void {
    for (const waiting of this.#waiting) {
      const thread = this.#idle.pop();
      if (thread === undefined && this.#running.size > 0) return;
      this.#waiting.delete(waiting);
      if (thread === undefined) waiting.reject(this.#death ?? overloaded());
      else this.#run(thread, waiting);
    }
  }

  #run(thread: Thread, { statement, resolve, reject }: Waiting): void {
    const { text, parameters } = statement;
    const running = thread
      .ask({ ask: 'read', text, parameters })
      .then((reply) => resolve(reply.answer === 'rows' ? reply.rows : []), reject)
      .then(() => {
        this.#running.delete(running);
        if (thread.death === null) this.#idle.push(thread);
        else this.#death = thread.death;
        this.#dispatch();
      });
    this.#running.add(running);
  }
}

function overloaded(): StorageError {
  return new StorageError(
    'overloaded',
    `More than ${MOST_WAITING} reads wait for the database: try again shortly`,
  );
}
