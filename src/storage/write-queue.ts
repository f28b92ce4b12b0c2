import { type AbortOptions, reasonOf } from '../lib/abort.ts';
import type { WriteResult } from './database.ts';
import { fromPlain, StorageError } from './errors.ts';
import type { PackedOutcome, PackedWrite, Value } from './protocol.ts';
import type { Statement } from './statement.ts';
import type { Thread } from './thread.ts';

/** A batch is bounded so that the first write in it does not wait long for the last. */
const MOST_STATEMENTS_PER_BATCH = 1_000;
const MOST_BYTES_PER_BATCH = 4 * 1024 * 1024;
/** What may wait in memory; beyond it a write is refused at once with `overloaded`. */
const MOST_WAITING_BYTES = 32 * 1024 * 1024;

interface Waiting {
  readonly statements: readonly Statement[];
  readonly bytes: number;
  readonly resolve: (results: WriteResult[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Group commit: writes that come while a batch is on its way wait and leave
 * together when it returns. Whoever writes faster than the disk is refused
 * rather than heaped up, so that memory stays bounded and the sender hears of
 * it (a webhook answers 503 and the device tries again).
 */
export class WriteQueue {
  readonly #thread: Thread;
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  #running: Promise<void> | null = null;

  constructor(thread: Thread) {
    this.#thread = thread;
  }

  /** Once the batch has left, a write is no longer called off: it settles with what came of it. */
  write(statements: readonly Statement[], { signal }: AbortOptions = {}): Promise<WriteResult[]> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw reasonOf(signal);
      const bytes = statements.reduce((sum, statement) => sum + statement.bytes, 0);
      if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > MOST_WAITING_BYTES) throw overloaded();
      const onAbort = (): void => {
        if (!this.#remove(waiting)) return;
        reject(reasonOf(signal));
      };
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      const waiting: Waiting = {
        statements,
        bytes,
        resolve: (results) => {
          settled();
          resolve(results);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
      this.#waitingBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits and nothing is on its way. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn of the microtask queue lets writes of the same moment share the first commit.
    await Promise.resolve();
    while (this.#waiting.size > 0) await this.#send(this.#takeBatch());
    this.#running = null;
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let statements = 0;
    let bytes = 0;
    for (const waiting of this.#waiting) {
      statements += waiting.statements.length;
      bytes += waiting.bytes;
      const isFull = statements > MOST_STATEMENTS_PER_BATCH || bytes > MOST_BYTES_PER_BATCH;
      if (isFull && batch.length > 0) break;
      batch.push(waiting);
    }
    for (const waiting of batch) this.#remove(waiting);
    return batch;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const reply = await this.#thread.ask({ ask: 'batch', ...pack(batch) });
      if (reply.answer !== 'batch') throw new TypeError(`the writer answered ${reply.answer} to a batch`);
      for (const [at, waiting] of batch.entries()) settle(waiting, reply.outcomes[at] ?? []);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error as Error);
    }
  }

  #remove(waiting: Waiting): boolean {
    if (!this.#waiting.delete(waiting)) return false;
    this.#waitingBytes -= waiting.bytes;
    return true;
  }
}

function pack(batch: readonly Waiting[]): { texts: string[]; writes: PackedWrite[] } {
  const positions = new Map<string, number>();
  const writes = batch.map(({ statements }) => {
    const packed: (number | readonly Value[])[] = [];
    for (const { text, parameters } of statements) {
      let position = positions.get(text);
      if (position === undefined) {
        position = positions.size;
        positions.set(text, position);
      }
      packed.push(position, parameters);
    }
    return packed;
  });
  return { texts: [...positions.keys()], writes };
}

function settle(waiting: Waiting, outcome: PackedOutcome): void {
  if ('code' in outcome) {
    waiting.reject(fromPlain(outcome));
    return;
  }
  const results: WriteResult[] = [];
  for (let at = 0; at < outcome.length; at += 3) {
    results.push({
      changes: outcome[at] as number,
      lastInsertId: outcome[at + 1] as number,
      rows: (outcome[at + 2] as readonly Record<string, unknown>[] | null) ?? [],
    });
  }
  waiting.resolve(results);
}

function overloaded(): StorageError {
  return new StorageError(
    'overloaded',
    `More than ${MOST_WAITING_BYTES / 1024 / 1024} MB wait for the database's disk: try again shortly`,
    { details: { mostWaitingBytes: MOST_WAITING_BYTES } },
  );
}
