import type { Server } from 'node:http';
import { sleep } from './abort.ts';
import type { Clock } from './clock.ts';

const LOOK_MS = 50;

/** Closes a server as its answers end, at the latest after `drainMs`. */
export async function closeServer(
  server: Server,
  { clock, drainMs }: { clock: Clock; drainMs: number },
): Promise<void> {
  const closed = new AbortController();
  server.close(() => closed.abort());
  const cancel = clock.after(drainMs, () => server.closeAllConnections());
  while (!closed.signal.aborted) {
    // A connection whose answer ends later falls idle later.
    server.closeIdleConnections();
    await sleep(LOOK_MS, clock, { signal: closed.signal }).catch(() => undefined);
  }
  cancel();
}
