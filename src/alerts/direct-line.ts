import { withDeadline } from '../lib/abort.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Message, Notifier } from '../notify/notifier.ts';
import { type Alert, noteOf } from './alert.ts';

const SEND_MS = 20_000;

export interface DirectLineModules {
  readonly notifiers: () => readonly Notifier[];
  readonly open: () => readonly Alert[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What does not go through the outbox: word of trouble with the database, in
 * which the outbox itself lies, and the state that some services want to hear
 * again and again. Nothing here is tried a second time.
 */
export class DirectLine {
  readonly #everyMs: number;
  readonly #modules: DirectLineModules;
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #cancel: () => void = () => undefined;

  /** @param options `everyMs`: services that hold state hear it so often */
  constructor({ everyMs }: { everyMs: number }, modules: DirectLineModules) {
    this.#everyMs = everyMs;
    this.#modules = modules;
  }

  start(): void {
    this.#cancel = this.#modules.clock.after(this.#everyMs, () => {
      this.#repeat();
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel();
    await Promise.all(this.#sending);
  }

  tell(names: readonly string[], message: Message, key: string): void {
    for (const notifier of this.#modules.notifiers()) {
      if (names.includes(notifier.name))
        this.#send(notifier, (signal) => notifier.send(message, { key, signal }));
    }
  }

  #repeat(): void {
    for (const notifier of this.#modules.notifiers()) {
      if (notifier.repeat === undefined) continue;
      const notes = this.#modules
        .open()
        .filter(({ toldTo, silenced }) => silenced === null && toldTo.includes(notifier.name))
        .map(noteOf);
      if (notes.length > 0) this.#send(notifier, async (signal) => notifier.repeat?.(notes, { signal }));
    }
  }

  #send({ name }: Notifier, work: (signal: AbortSignal) => Promise<unknown>): void {
    const { clock, logger } = this.#modules;
    const { signal } = this.#stopping;
    const sending = withDeadline({ what: `telling ${name}`, afterMs: SEND_MS, clock, signal }, work)
      .then(
        () => undefined,
        (error: unknown) =>
          logger.warn({ notifier: name, error: messageOf(error) }, 'A service could not be told directly'),
      )
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }
}
