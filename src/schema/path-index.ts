import { nearest } from '../lib/suggest.ts';
import {
  type ConcretePath,
  expandPattern,
  formatPattern,
  matchIndices,
  namesKey,
  type PathPattern,
  withIndices,
} from './path-pattern.ts';
import type { ProductSchema, SettingSpec } from './product-schema.ts';

/** What a lookup of a concrete path ends in. */
export type PathMatch<Spec> =
  | {
      readonly outcome: 'found';
      readonly spec: Spec;
      /** As the device spells it, whatever case was asked for. */
      readonly path: string;
      readonly indices: readonly number[];
    }
  /** No such names; `candidates` are the patterns with names most like them. */
  | { readonly outcome: 'unknown-name'; readonly candidates: readonly string[] }
  /** The names exist; an index is missing, superfluous or outside its range. `candidates` are the patterns that exist. */
  | { readonly outcome: 'index-out-of-range'; readonly candidates: readonly string[] };

/**
 * Finds what a concrete path such as `Video.Output.Connector[2].Resolution`
 * stands for, in time that does not grow with the tree. Names are compared
 * without regard to case, as devices do. Where two entries hold the same
 * concrete path the later one wins, so that a list of entries can be laid over
 * another by appending it.
 */
export class PathIndex<Spec extends { readonly path: PathPattern }> {
  readonly #byNames: ReadonlyMap<string, readonly Spec[]>;

  private constructor(byNames: ReadonlyMap<string, readonly Spec[]>) {
    this.#byNames = byNames;
  }

  static of<Spec extends { readonly path: PathPattern }>(specs: readonly Spec[]): PathIndex<Spec> {
    const byNames = new Map<string, Spec[]>();
    for (const spec of specs) {
      const key = spec.path.map(({ name }) => name.toLowerCase()).join('.');
      const same = byNames.get(key);
      if (same === undefined) byNames.set(key, [spec]);
      else same.push(spec);
    }
    return new PathIndex(byNames);
  }

  find(path: string): PathMatch<Spec> {
    const specs = this.#byNames.get(namesKey(path));
    if (specs === undefined) return { outcome: 'unknown-name', candidates: this.#nearest(path) };
    for (const spec of specs.toReversed()) {
      const indices = matchIndices(spec.path, path);
      if (indices !== null) return { outcome: 'found', spec, indices, path: withIndices(spec.path, indices) };
    }
    return { outcome: 'index-out-of-range', candidates: specs.map((spec) => formatPattern(spec.path)) };
  }

  /** Whether `find` finds it; without the search for what was meant, which takes as long as all else. */
  has(path: string): boolean {
    return this.#byNames.get(namesKey(path))?.some((spec) => matchIndices(spec.path, path) !== null) ?? false;
  }

  #nearest(path: string): string[] {
    return nearest(namesKey(path), this.#byNames.keys()).flatMap((key) =>
      (this.#byNames.get(key) ?? []).slice(0, 1).map((spec) => formatPattern(spec.path)),
    );
  }
}

export type SettingIndex = PathIndex<SettingSpec>;

export function settingIndex(schema: ProductSchema): SettingIndex {
  return PathIndex.of(schema.settings);
}

/** A setting at one concrete path. */
export interface ConcreteSetting extends ConcretePath {
  readonly setting: SettingSpec;
  /** Null where the schema does not say. */
  readonly default: string | null;
}

/** Every configuration path of a product with its default; on overlap the later entry wins. */
export function concreteSettings(schema: ProductSchema, openCount: number): ConcreteSetting[] {
  const byPath = new Map<string, ConcreteSetting>();
  for (const setting of schema.settings)
    for (const concrete of expandPattern(setting.path, openCount))
      byPath.set(concrete.path.toLowerCase(), {
        ...concrete,
        setting,
        default: defaultAt(setting, concrete.indices),
      });
  return [...byPath.values()];
}

/** The default of a setting at these wire ids. */
export function defaultAt(
  { defaults }: Pick<SettingSpec, 'defaults'>,
  indices: readonly number[],
): string | null {
  return defaults.byIndex[indices.join('.')] ?? defaults.all;
}
