import type { ValueSpace } from '../../schema/product-schema.ts';
import { formatSoftware } from '../../schema/software.ts';
import type { DeviceValueSpace, HeldSetting } from '../../xapi/device.ts';
import type { PathText } from '../../xapi/path.ts';
import { refusalOf } from '../value-check.ts';
import type { FoundSetting, ProductKnowledge } from './product-knowledge.ts';

/** What the vendor says of one setting; null: it does not say, or variants of the product disagree. */
export type VendorSetting = Pick<FoundSetting, 'space' | 'hidden' | 'default' | 'roles'>;

/** The vendor's schema of one product on one software version. */
export class VendorWord {
  readonly #variants: readonly ProductKnowledge[];
  readonly #asked = new Map<PathText, VendorSetting | null>();

  /** `variants`: at least one; several where the product's text does not tell them apart. */
  constructor(variants: readonly ProductKnowledge[]) {
    this.#variants = variants;
  }

  /** Null where no variant has the setting. Each path is looked up once, whatever number of devices asks. */
  at(path: PathText): VendorSetting | null {
    const known = this.#asked.get(path);
    if (known !== undefined) return known;
    const found = this.#find(path);
    this.#asked.set(path, found);
    return found;
  }

  #find(path: PathText): VendorSetting | null {
    const found = this.#variants
      .filter((variant) => variant.has(path))
      .map((variant) => variant.find(path))
      .filter((setting) => setting.known);
    if (found.length === 0) return null;
    return {
      space: agreed(found.map(({ space }) => space)),
      hidden: found.some(({ hidden }) => hidden),
      default: agreed(found.map((setting) => setting.default)),
      roles: agreed(found.map(({ roles }) => roles)),
    };
  }
}

/** What is known of one setting of one device, and by whom. */
export interface AcceptedHere {
  /** What the device itself tells. */
  readonly own: DeviceValueSpace | null;
  readonly vendor: VendorSetting | null;
  /** The device's word; the vendor's where the device says nothing or leaves a limit out. */
  readonly space: ValueSpace | null;
}

/**
 * What the devices of one product on one software version take: by their own
 * value spaces and, where these say nothing, by the vendor's schema of exactly
 * that product and software.
 */
export class Acceptance {
  /** As people write it: "26.4.1". */
  readonly software: string;
  readonly vendor: VendorWord | null;
  /** What the devices themselves tell, by the names of /valuespace.xml. */
  readonly spaces: ReadonlyMap<string, DeviceValueSpace>;

  constructor(
    software: string,
    { spaces, vendor }: { spaces: ReadonlyMap<string, DeviceValueSpace>; vendor: VendorWord | null },
  ) {
    this.software = formatSoftware(software);
    this.spaces = spaces;
    this.vendor = vendor;
  }

  isMadeOf(spaces: ReadonlyMap<string, DeviceValueSpace>, vendor: VendorWord | null): boolean {
    return this.spaces === spaces && this.vendor === vendor;
  }

  at({ path, valueSpaceRef }: Pick<HeldSetting, 'path' | 'valueSpaceRef'>): AcceptedHere {
    const own = this.spaces.get(valueSpaceRef ?? '') ?? null;
    const vendor = this.vendor?.at(path) ?? null;
    return { own, vendor, space: filledIn(own?.space ?? null, vendor?.space ?? null) };
  }

  /** Why the setting does not take a value, and who says so; null where it does, or where nobody knows. */
  refusal(value: string, { own, space }: AcceptedHere, isSecret: boolean): string | null {
    return (
      refusalOf(value, own?.space ?? null, { isSecret, by: 'the device itself' }) ??
      refusalOf(value, space, { isSecret, by: this.#vendorName() })
    );
  }

  #vendorName(): string {
    return `the vendor's schema ${this.software}`;
  }
}

/** The device's space with the limits that only the vendor names. */
function filledIn(own: ValueSpace | null, vendor: ValueSpace | null): ValueSpace | null {
  if (own === null) return vendor;
  if (own.type === 'Integer' && vendor?.type === 'Integer')
    return { ...own, min: own.min ?? vendor.min, max: own.max ?? vendor.max };
  if (own.type === 'String' && vendor?.type === 'String')
    return { ...own, maxLength: own.maxLength ?? vendor.maxLength };
  return own;
}

/** What all say; null where they differ. */
function agreed<Value>(said: readonly Value[]): Value | null {
  const [first = null] = said;
  const text = JSON.stringify(first);
  return said.every((other) => JSON.stringify(other) === text) ? first : null;
}
