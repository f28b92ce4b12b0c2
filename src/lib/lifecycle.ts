/**
 * A part with a life: constructors only assign, `start` begins and resolves
 * when the part is ready, `stop` is idempotent, waits for work in flight and
 * leaves nothing running. Parts start in order and stop in reverse.
 */
export interface Part {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Starts parts one after another; if one fails, those already started are stopped in reverse and the failure is thrown. */
export async function startAll(parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const started: Part[] = [];
  for (const part of parts) {
    try {
      signal.throwIfAborted();
      await part.start(signal);
      started.push(part);
    } catch (error) {
      await stopAll([...started, part]);
      throw error;
    }
  }
}

/** Stops parts in reverse order; each is given its chance even if another fails. The failures come back as one list. */
export async function stopAll(parts: readonly Part[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const part of parts.toReversed()) {
    try {
      await part.stop();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}
