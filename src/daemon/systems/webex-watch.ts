import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Part } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/logger.ts';
import type { WebexDesk } from './webex-desk.ts';

/** The file is looked at this often, so that another credential is tried. */
const LOOK_MS = 15_000;
/** An app that nobody uses would lose its refresh token by and by. */
const CHECK_MS = 60 * 60_000;
const AGAIN_MS = 5 * 60_000;

/**
 * Asks Webex now and then who roomd is, so that a login that was revoked, or
 * has ended, is told of before somebody needs it, and one that works again, too.
 */
export class WebexWatch implements Part {
  readonly name = 'webex';
  readonly #desk: WebexDesk;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #cancel: () => void = () => undefined;
  #working: Promise<void> = Promise.resolve();
  #checkedFor = -1;
  #dueAt = 0;
  #said: string | null = null;

  constructor({ desk, clock, logger }: { desk: WebexDesk; clock: Clock; logger: Logger }) {
    this.#desk = desk;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#turn();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('roomd stops'));
    this.#cancel();
    await this.#working;
  }

  #turn(): void {
    this.#working = this.#look().then(() => {
      if (this.#stopping.signal.aborted) return;
      this.#cancel = this.#clock.after(LOOK_MS, () => this.#turn(), { unref: true });
    });
  }

  async #look(): Promise<void> {
    if (!this.#desk.isNamed) return;
    const generation = this.#desk.generation();
    if (generation === this.#checkedFor && this.#clock.monotonic() < this.#dueAt) return;
    this.#checkedFor = generation;
    const { signal } = this.#stopping;
    try {
      await this.#desk.check({ signal });
      this.#dueAt = this.#clock.monotonic() + CHECK_MS;
      this.#say(null);
    } catch (error) {
      if (signal.aborted) return;
      this.#dueAt = this.#clock.monotonic() + AGAIN_MS;
      this.#say(messageOf(error));
    }
  }

  #say(trouble: string | null): void {
    if (trouble === this.#said) return;
    this.#said = trouble;
    if (trouble === null) this.#logger.info({}, 'Webex takes roomd’s login');
    else this.#logger.warn({ reason: trouble }, 'Webex does not answer roomd; everything else goes on');
  }
}
