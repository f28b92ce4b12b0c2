import type { AbortOptions } from '../lib/abort.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import type { Device, DeviceIdentity, DeviceValueSpace } from '../xapi/device.ts';
import { XapiError } from '../xapi/errors.ts';

type Spaces = ReadonlyMap<string, DeviceValueSpace>;

/**
 * Value spaces as devices tell them, read once per product and software
 * version (facts: documents differ by both). A device that does not serve the
 * document teaches nothing and does not fail the plan; others of its kind then
 * ask for themselves.
 */
export class ValueSpaceCache {
  readonly #known = new Map<string, Promise<Spaces>>();

  async of(device: Device, { product, software }: DeviceIdentity, { signal }: AbortOptions): Promise<Spaces> {
    const key = `${product}\n${software}`;
    const known = this.#known.get(key);
    const own = (): Promise<Spaces> => this.#read(key, device);
    try {
      return await abortable(known === undefined ? own() : known.catch(own), signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof XapiError) return new Map();
      throw error;
    }
  }

  /** Without the caller's signal: others wait for the same answer. */
  #read(key: string, device: Device): Promise<Spaces> {
    const reading = device.readValueSpaces();
    this.#known.set(key, reading);
    reading.catch(() => {
      if (this.#known.get(key) === reading) this.#known.delete(key);
    });
    return reading;
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? work : untilAborted(work, signal);
}
