import { setTimeout as wait } from 'node:timers/promises';

/** Bytes, once nothing is left to collect. */
export interface Memory {
  readonly rss: number;
  /** The main thread's heap and what its objects hold outside it. */
  readonly heap: number;
}

/** Needs --expose-gc. The least of several looks: a collector gives pages back late. */
export async function settledMemory(): Promise<Memory> {
  if (globalThis.gc === undefined) throw new Error('--expose-gc is missing');
  const looks: Memory[] = [];
  for (let look = 0; look < 6; look += 1) {
    globalThis.gc();
    await wait(250);
    const { rss, heapUsed, external } = process.memoryUsage();
    looks.push({ rss, heap: heapUsed + external });
  }
  return {
    rss: Math.min(...looks.map(({ rss }) => rss)),
    heap: Math.min(...looks.map(({ heap }) => heap)),
  };
}
