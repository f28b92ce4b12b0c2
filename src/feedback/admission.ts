/** How many posts may be under way. */
export interface AdmissionLimits {
  readonly inAll: number;
  /** A device that floods is held back here before it slows others. */
  readonly perDevice: number;
}

export type Admission = 'admitted' | 'busy' | 'held-back';

/** Counts the posts under way; beyond the limits a post is turned away at once, since memory and the queue to the disk are bounded. */
export class AdmissionGate {
  readonly #limits: AdmissionLimits;
  readonly #byDevice = new Map<number, number>();
  #inAll = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inAll;
  }

  enter(deviceId: number): Admission {
    const ofDevice = this.#byDevice.get(deviceId) ?? 0;
    if (ofDevice >= this.#limits.perDevice) return 'held-back';
    if (this.#inAll >= this.#limits.inAll) return 'busy';
    this.#byDevice.set(deviceId, ofDevice + 1);
    this.#inAll += 1;
    return 'admitted';
  }

  /** The post's work is done: its place among all is free, the device's own is not until `leave`. */
  done(): void {
    this.#inAll -= 1;
  }

  leave(deviceId: number): void {
    const ofDevice = (this.#byDevice.get(deviceId) ?? 1) - 1;
    if (ofDevice === 0) this.#byDevice.delete(deviceId);
    else this.#byDevice.set(deviceId, ofDevice);
  }
}
