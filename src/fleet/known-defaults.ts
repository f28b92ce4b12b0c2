import type { DeviceIdentity } from '../xapi/device.ts';
import type { PathText } from '../xapi/path.ts';
import type { DefaultsOf } from './adopt.ts';
import type { Library } from './knowledge/library.ts';

/** Defaults by what roomd knows of products: schema files that were imported. Where variants of a product disagree, nobody knows. */
export function knownDefaults(library: Library): DefaultsOf {
  return async ({ product, software }: DeviceIdentity, paths: Iterable<PathText>) => {
    const known = await library.of(product, software);
    if (!known.known) return null;
    const defaults = new Map<PathText, string>();
    for (const path of paths) {
      const found = known.variants.map((variant) => variant.find(path));
      const values = new Set(found.map((setting) => (setting.known ? setting.default : null)));
      const [value] = values;
      if (values.size === 1 && typeof value === 'string') defaults.set(path, value);
    }
    return defaults.size === 0 ? null : defaults;
  };
}
