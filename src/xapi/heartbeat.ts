import type { Clock } from '../lib/clock.ts';

/**
 * Notices a peer that has gone without saying so. Any frame is a sign of life;
 * after `intervalMs` of silence the peer is pinged, and where the ping stays
 * unanswered it is asked for a cheap read, because not every device answers
 * pings. Silence to both is death, noticed within intervalMs + 2 × deadlineMs.
 */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #deadlineMs: number;
  readonly #clock: Clock;
  readonly #peer: HeartbeatPeer;
  #heardAt = 0;
  #signs = 0;
  #pongs = true;
  #cancel: (() => void) | null = null;

  constructor(
    options: { intervalMs: number; deadlineMs: number },
    { clock, peer }: { clock: Clock; peer: HeartbeatPeer },
  ) {
    this.#intervalMs = options.intervalMs;
    this.#deadlineMs = options.deadlineMs;
    this.#clock = clock;
    this.#peer = peer;
  }

  start(): void {
    this.heard();
    this.#rest();
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic();
    this.#signs += 1;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #rest(): void {
    const silentMs = this.#clock.monotonic() - this.#heardAt;
    if (silentMs >= this.#intervalMs) {
      this.#probe();
      return;
    }
    this.#cancel = this.#clock.after(this.#intervalMs - silentMs, () => this.#rest());
  }

  #probe(): void {
    if (!this.#pongs) {
      this.#read();
      return;
    }
    this.#ask({ how: () => this.#peer.ping(), onSilence: () => this.#read() });
  }

  /** A peer that answers this has not answered the ping, and is not pinged again. */
  #read(): void {
    this.#ask({
      how: () => this.#peer.read(),
      onSilence: () => this.#peer.dead(),
      onSign: () => {
        this.#pongs = false;
      },
    });
  }

  #ask({ how, onSilence, onSign }: { how: () => void; onSilence: () => void; onSign?: () => void }): void {
    const signs = this.#signs;
    how();
    this.#cancel = this.#clock.after(this.#deadlineMs, () => {
      if (this.#signs === signs) {
        onSilence();
        return;
      }
      onSign?.();
      this.#rest();
    });
  }
}

export interface HeartbeatPeer {
  /** Sends a websocket ping; the pong is reported by `heard`. */
  ping(): void;
  /** Asks for a small value; the answer is reported by `heard`. */
  read(): void;
  /** The peer answered neither. */
  dead(): void;
}
