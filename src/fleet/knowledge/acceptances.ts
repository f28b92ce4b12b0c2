import type { AbortOptions } from '../../lib/abort.ts';
import type { Device, DeviceIdentity } from '../../xapi/device.ts';
import type { ValueSpaceCache } from '../value-space-cache.ts';
import { Acceptance, type VendorWord } from './acceptance.ts';

/** Where the vendor's word is kept; see `store.ts`. */
export interface VendorWords {
  /** Null where no schema file describes this product on this software. */
  vendorWord(product: string, software: string): Promise<VendorWord | null>;
}

/** What devices take, asked once for each product and software version and shared by all its devices. */
export class Acceptances {
  readonly #spaces: ValueSpaceCache;
  readonly #vendor: VendorWords | null;
  readonly #made = new Map<string, Acceptance>();

  constructor({ spaces, vendor = null }: { spaces: ValueSpaceCache; vendor?: VendorWords | null }) {
    this.#spaces = spaces;
    this.#vendor = vendor;
  }

  async of(device: Device, identity: DeviceIdentity, options: AbortOptions): Promise<Acceptance> {
    const { product, software } = identity;
    const spaces = await this.#spaces.of(device, identity, options);
    const vendor = (await this.#vendor?.vendorWord(product, software)) ?? null;
    const key = `${product}\n${software}`;
    const made = this.#made.get(key);
    // An import, or a device that tells at last, makes it anew.
    if (made?.isMadeOf(spaces, vendor)) return made;
    const acceptance = new Acceptance(software, { spaces, vendor });
    this.#made.set(key, acceptance);
    return acceptance;
  }
}
