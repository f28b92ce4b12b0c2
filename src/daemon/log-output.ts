import { write, writeSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';

const STANDARD_OUTPUT = 1;
const RETRY_MS = 100;
/** Characters that wait for a reader who takes nothing; what comes then is dropped. */
const MOST_WAITING = 4_000_000;

/**
 * Where lines of the log go: standard output, without waiting for whoever
 * reads it. What cannot be written is dropped, so that a reader that is gone
 * neither ends the process nor keeps it from ending.
 */
export class LogOutput {
  readonly #clock: Clock;
  #waiting = '';
  #isWriting = false;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    process.once('exit', () => this.#last());
  }

  write(line: string): void {
    if (this.#waiting.length > MOST_WAITING) return;
    this.#waiting += line;
    if (!this.#isWriting) this.#next();
  }

  #next(): void {
    const chunk = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#isWriting = chunk.length > 0;
    if (this.#isWriting) this.#put(chunk);
  }

  #put(chunk: Buffer): void {
    write(STANDARD_OUTPUT, chunk, (error, written) => {
      const isFull = error?.code === 'EAGAIN';
      if (isFull) this.#clock.after(RETRY_MS, () => this.#put(chunk), { unref: true });
      else if (error === null && written < chunk.length) this.#put(chunk.subarray(written));
      else this.#next();
    });
  }

  /** One try: an end does not wait for a reader. */
  #last(): void {
    try {
      if (this.#waiting !== '') writeSync(STANDARD_OUTPUT, this.#waiting);
    } catch {
      // Nobody is left to be told.
    }
  }
}
