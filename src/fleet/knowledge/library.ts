import type { AcceptedSetting } from '../../schema/accepted-setting.ts';
import { codeNamesOf, productKey } from '../../schema/products.ts';
import { formatSoftware, isSameSoftware } from '../../schema/software.ts';
import { ProductKnowledge } from './product-knowledge.ts';

/** One source's word on one product and software version. */
export interface Volume {
  readonly source: 'device' | 'vendor';
  readonly product: string;
  readonly software: string;
  /** Two volumes with one digest say the same. */
  readonly digest: string;
  load(): Promise<readonly AcceptedSetting[]>;
}

/** What is known of a product; several variants where its text does not tell them apart and they accept different things. */
export type Known =
  | { readonly known: true; readonly variants: readonly ProductKnowledge[] }
  /** `why` and `remedy` are sentences. */
  | { readonly known: false; readonly why: string; readonly remedy: string };

/**
 * What products accept, asked in this order: a device of that product and
 * software that was read, a schema file of the vendor, nobody. It never takes
 * one software version for another.
 */
export class Library {
  readonly #volumes: readonly Volume[];
  readonly #asked = new Map<string, Promise<Known>>();
  readonly #loaded = new Map<Volume, Promise<readonly AcceptedSetting[]>>();
  readonly #knowledge = new Map<Volume, Promise<ProductKnowledge>>();

  constructor(volumes: readonly Volume[]) {
    this.#volumes = volumes;
  }

  /** @param product a ProductId text ("Cisco Codec Pro") or a vendor's code name ("barents_70d") */
  of(product: string, software: string): Promise<Known> {
    const key = `${productKey(product)}\n${software}`;
    const asked = this.#asked.get(key) ?? this.#look(product, software);
    this.#asked.set(key, asked);
    return asked;
  }

  /** The vendor's word on a product and software, whatever devices told: its variants where they differ, none where no file describes it. */
  async vendorOf(product: string, software: string): Promise<readonly ProductKnowledge[]> {
    const same = this.#volumes.filter((volume) => isSameSoftware(volume.software, software));
    return Promise.all(distinct(vendorVolumes(product, same)).map((volume) => this.#plain(volume)));
  }

  /** The products that have a path on this software, as people name them; what the vendor's files say. */
  async productsWith(path: string, software: string): Promise<string[]> {
    const names: string[] = [];
    for (const volume of this.#volumes.filter((one) => isSameSoftware(one.software, software))) {
      const knowledge = await this.#plain(volume);
      if (knowledge.has(path)) names.push(volume.product);
    }
    return [...new Set(names)].sort();
  }

  async #look(product: string, software: string): Promise<Known> {
    const same = this.#volumes.filter((volume) => isSameSoftware(volume.software, software));
    const vendor = distinct(vendorVolumes(product, same));
    const device = deviceVolume(product, software, same);
    if (device === undefined) {
      if (vendor.length === 0) return this.#unknown(product, software, same);
      return { known: true, variants: await Promise.all(vendor.map((volume) => this.#plain(volume))) };
    }
    // Variants that differ cannot fill in what the device does not tell.
    const [only] = vendor;
    const beside = only === undefined || vendor.length > 1 ? null : await this.#load(only);
    return { known: true, variants: [new ProductKnowledge(device, await this.#load(device), beside)] };
  }

  #unknown(product: string, software: string, same: readonly Volume[]): Known {
    const shown = formatSoftware(software);
    if (same.some(({ source }) => source === 'vendor'))
      return {
        known: false,
        why: `the schema of ${shown} that roomd has does not describe ${product}`,
        remedy: `Name the product as the schema does with --assume product=…, or let roomd plan read such a device.`,
      };
    const mine = this.#volumes.filter((volume) => isOf(product, volume));
    const others = [...new Set(mine.map((volume) => formatSoftware(volume.software)))].sort();
    return {
      known: false,
      why: `roomd does not know what ${product} accepts on ${shown}${others.length === 0 ? '' : `, only on ${others.join(', ')}`}`,
      remedy: `Import the vendor's schema of ${shown} (roomd schema import FILE), or let roomd plan read such a device.`,
    };
  }

  #plain(volume: Volume): Promise<ProductKnowledge> {
    const known =
      this.#knowledge.get(volume) ??
      this.#load(volume).then((settings) => new ProductKnowledge(volume, settings));
    this.#knowledge.set(volume, known);
    return known;
  }

  #load(volume: Volume): Promise<readonly AcceptedSetting[]> {
    const loading = this.#loaded.get(volume) ?? volume.load();
    this.#loaded.set(volume, loading);
    return loading;
  }
}

/** The very same build first, else one of the same release. */
function deviceVolume(product: string, software: string, same: readonly Volume[]): Volume | undefined {
  const read = same.filter((volume) => volume.source === 'device' && isOf(product, volume));
  return read.find((volume) => volume.software === software) ?? read[0];
}

function vendorVolumes(product: string, same: readonly Volume[]): Volume[] {
  const vendor = same.filter(({ source }) => source === 'vendor');
  const codes = new Set(
    codeNamesOf(
      product,
      vendor.map((volume) => volume.product),
    ),
  );
  return vendor.filter((volume) => codes.has(volume.product));
}

function isOf(product: string, volume: Volume): boolean {
  return volume.source === 'device'
    ? productKey(volume.product) === productKey(product)
    : codeNamesOf(product, [volume.product]).length > 0;
}

/** Of volumes that say the same, the first. */
function distinct(volumes: readonly Volume[]): Volume[] {
  const digests = new Set<string>();
  return volumes.filter(({ digest }) => !digests.has(digest) && digests.add(digest));
}
