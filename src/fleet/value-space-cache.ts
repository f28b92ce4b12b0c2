import type { AbortOptions } from '../lib/abort.ts';
import type { Device, DeviceIdentity, DeviceValueSpace } from '../xapi/device.ts';

type Spaces = ReadonlyMap<string, DeviceValueSpace>;

/**
 * Value spaces as devices tell them, read once per product and software
 * version (facts: documents differ by both). A device that does not serve the
 * document teaches nothing and does not fail the plan.
 */
export class ValueSpaceCache {
  readonly #known = new Map<string, Promise<Spaces>>();

  async of(device: Device, { product, software }: DeviceIdentity, options: AbortOptions): Promise<Spaces> {
    const key = `${product}\n${software}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // The first device to ask reads without its caller's signal: others wait for the same answer.
    const reading = device.readValueSpaces();
    this.#known.set(key, reading);
    try {
      return await reading;
    } catch {
      this.#known.delete(key);
      options.signal?.throwIfAborted();
      return new Map();
    }
  }
}
