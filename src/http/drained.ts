import type { Response } from 'express';
import type { Clock } from '../lib/clock.ts';

/** A reader that takes nothing for so long has gone, or means no good. */
export const SLOW_READER_MS = 30_000;

/** Resolves when what was written has left, or nobody waits for it any more; with false when the reader took nothing in time. */
export function drained(response: Response, signal: AbortSignal, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (isTaken: boolean): void => {
      cancel();
      response.off('drain', onDrain);
      signal.removeEventListener('abort', onDrain);
      resolve(isTaken);
    };
    const onDrain = (): void => done(true);
    const cancel = clock.after(SLOW_READER_MS, () => done(false), { unref: true });
    response.once('drain', onDrain);
    signal.addEventListener('abort', onDrain, { once: true });
    if (signal.aborted) done(true);
  });
}
