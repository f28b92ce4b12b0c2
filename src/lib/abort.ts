import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';
import { RoomdError } from './errors.ts';

/** The last argument of whatever may take time: when the signal aborts, the work ends with its reason. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

export class DeadlineError extends RoomdError<'deadline'> {
  constructor(what: string, afterMs: number) {
    super('deadline', `${what} did not finish within ${afterMs / 1000} s`, {
      retryable: true,
      details: { afterMs },
    });
  }
}

/** Resolves after `delayMs`, or rejects with the signal's reason; leaves no timer or listener behind. */
export function sleep(delayMs: number, clock: Clock, { signal }: AbortOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Runs `work` with a signal that aborts on the deadline or with the caller's
 * signal, and settles then even if `work` ignores it.
 * @throws DeadlineError when time runs out; the caller's reason when it aborts
 */
export function withDeadline<T>(
  options: { what: string; afterMs: number; clock: Clock; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { what, afterMs, clock, signal } = options;
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal));
      return;
    }
    const inner = new AbortController();
    const end = (reason: Error): void => {
      finish();
      inner.abort(reason);
      reject(reason);
    };
    const onAbort = (): void => end(reasonOf(signal));
    const cancel = clock.after(afterMs, () => end(new DeadlineError(what, afterMs)));
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    new Promise<T>((begun) => begun(work(inner.signal))).then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** The reason of an aborted signal, as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}

/**
 * A signal that ends work on many devices at once has a listener for each of
 * them; for such a signal, and for no other, Node's warning at the eleventh
 * listener would tell of no leak.
 */
export function fanOut<Signal extends AbortSignal | undefined>(signal: Signal): Signal {
  if (signal !== undefined) setMaxListeners(0, signal);
  return signal;
}
