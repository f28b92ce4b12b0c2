import type { Clock } from '../lib/clock.ts';

/** A clock that is set must not make anything sleep on. */
const LONGEST_WAIT_MS = 60_000;
/** After a look that failed. */
const AGAIN_MS = 1_000;

/** Looks when it is asked to, one look after another, and again after the wait that a look answers; null is the longest. */
export class Looking {
  readonly #look: () => Promise<number | null>;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  #isOn = false;
  #isAgain = false;
  #running: Promise<void> | null = null;
  #cancelTimer: () => void = () => undefined;

  constructor(
    look: () => Promise<number | null>,
    { clock, onError }: { clock: Clock; onError: (error: unknown) => void },
  ) {
    this.#look = look;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** False before the start and after the stop. */
  get isOn(): boolean {
    return this.#isOn;
  }

  start(): void {
    this.#isOn = true;
    this.soon();
  }

  /** Ends the waiting; a look under way is waited for. */
  async stop(): Promise<void> {
    this.#isOn = false;
    this.#cancelTimer();
    await this.#running;
  }

  soon(): void {
    if (!this.#isOn) return;
    if (this.#running !== null) {
      this.#isAgain = true;
      return;
    }
    this.#cancelTimer();
    this.#running = this.#look()
      .catch((error: unknown) => {
        this.#onError(error);
        return AGAIN_MS;
      })
      .then((waitMs) => this.#waitFor(Math.min(waitMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS)))
      .finally(() => {
        this.#running = null;
        if (!this.#isAgain) return;
        this.#isAgain = false;
        this.soon();
      });
  }

  #waitFor(delayMs: number): void {
    this.#cancelTimer();
    if (this.#isOn) this.#cancelTimer = this.#clock.after(delayMs, () => this.soon());
  }
}
