import type { Clock } from '../lib/clock.ts';
import { PostPace, type PostRate } from './post-pace.ts';

/** A flood is over when no answer had to be kept back for so long. */
const CALM_MS = 60_000;

export interface FloodsOptions {
  readonly rate: PostRate;
  readonly calmMs?: number;
  /** A device is held back from now on, or no longer. */
  readonly onFlood: (deviceId: number, isHeldBack: boolean) => void;
}

interface Held {
  readonly since: number;
  lastAt: number;
  cancel: () => void;
}

/** Which devices post faster than they should, since when, and how long their answers wait for it. */
export class Floods {
  readonly #options: FloodsOptions;
  readonly #pace: PostPace;
  readonly #clock: Clock;
  readonly #held = new Map<number, Held>();

  constructor(options: FloodsOptions, { clock }: { clock: Clock }) {
    this.#options = options;
    this.#pace = new PostPace(options.rate);
    this.#clock = clock;
  }

  /** Since when a device is held back, UTC milliseconds; null while it is not. */
  since(deviceId: number): number | null {
    return this.#held.get(deviceId)?.since ?? null;
  }

  /** A post of the device was taken. @returns for how long its answer is to wait */
  posted(deviceId: number): number {
    const now = this.#clock.monotonic();
    const delayMs = this.#pace.delayOf(deviceId, now);
    if (delayMs > 0) this.#hold(deviceId, now);
    return delayMs;
  }

  /** Nobody is held back any more. */
  stop(): void {
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
  }

  #hold(deviceId: number, now: number): void {
    const held = this.#held.get(deviceId);
    if (held !== undefined) {
      held.lastAt = now;
      return;
    }
    const begun: Held = { since: this.#clock.now(), lastAt: now, cancel: () => undefined };
    this.#held.set(deviceId, begun);
    this.#options.onFlood(deviceId, true);
    this.#watch(deviceId, begun, this.#calmMs);
  }

  get #calmMs(): number {
    return this.#options.calmMs ?? CALM_MS;
  }

  #watch(deviceId: number, held: Held, inMs: number): void {
    const look = (): void => {
      const calmForMs = this.#clock.monotonic() - held.lastAt;
      if (calmForMs < this.#calmMs) {
        this.#watch(deviceId, held, this.#calmMs - calmForMs);
        return;
      }
      this.#held.delete(deviceId);
      this.#options.onFlood(deviceId, false);
    };
    held.cancel = this.#clock.after(inMs, look, { unref: true });
  }
}
