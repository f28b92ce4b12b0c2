import type { AcceptedSetting } from '../../schema/accepted-setting.ts';
import { defaultAt, PathIndex } from '../../schema/path-index.ts';
import { formatPattern } from '../../schema/path-pattern.ts';
import type { ValueSpace } from '../../schema/product-schema.ts';

/** What a product takes at one path. Null: no source says. */
export interface FoundSetting {
  readonly known: true;
  /** As the device spells it. */
  readonly path: string;
  /** With the bounds of its indices: `Audio.Input.HDMI[1..3].Gain`. */
  readonly pattern: string;
  readonly space: ValueSpace | null;
  /** The device answers it masked. */
  readonly hidden: boolean;
  readonly default: string | null;
  /** Roles of which one suffices to write it. */
  readonly roles: readonly string[] | null;
}

export interface MissingSetting {
  readonly known: false;
  /**
   * - `unknown-name`: the product has no such setting
   * - `index-out-of-range`: it has, with other indices
   * - `not-on-device`: the vendor's schema has it, and the device that was read did not
   */
  readonly why: 'unknown-name' | 'index-out-of-range' | 'not-on-device';
  /** What was probably meant: the patterns most like it, or those with these names. */
  readonly candidates: readonly string[];
}

/** What one product accepts on one software version, by the best source there is. */
export class ProductKnowledge {
  /** The device itself, or a schema file of the vendor. */
  readonly source: 'device' | 'vendor';
  /** As the source names it: a ProductId text or a code name. */
  readonly product: string;
  readonly software: string;
  readonly #index: PathIndex<AcceptedSetting>;
  readonly #beside: PathIndex<AcceptedSetting> | null;

  /** `beside`: the vendor's word for the same product, which fills in what the device does not tell (defaults, roles). */
  constructor(
    { source, product, software }: { source: 'device' | 'vendor'; product: string; software: string },
    settings: readonly AcceptedSetting[],
    beside: readonly AcceptedSetting[] | null = null,
  ) {
    this.source = source;
    this.product = product;
    this.software = software;
    this.#index = PathIndex.of(settings);
    this.#beside = beside === null ? null : PathIndex.of(beside);
  }

  has(path: string): boolean {
    return this.#index.has(path);
  }

  /** What stands at a concrete path in the canonical form; letter case does not count. */
  find(path: string): FoundSetting | MissingSetting {
    const isBeside = this.#beside?.has(path) ?? false;
    if (isBeside && !this.#index.has(path)) return { known: false, why: 'not-on-device', candidates: [] };
    const own = foundIn(this.#index, path);
    const beside = isBeside && this.#beside !== null ? foundIn(this.#beside, path) : null;
    if (!own.known || beside?.known !== true) return own;
    return {
      ...own,
      space: own.space ?? beside.space,
      hidden: own.hidden || beside.hidden,
      default: own.default ?? beside.default,
      roles: own.roles ?? beside.roles,
    };
  }
}

function foundIn(index: PathIndex<AcceptedSetting>, path: string): FoundSetting | MissingSetting {
  const match = index.find(path);
  if (match.outcome !== 'found') return { known: false, why: match.outcome, candidates: match.candidates };
  const { spec, indices } = match;
  return {
    known: true,
    path: match.path,
    pattern: formatPattern(spec.path),
    space: spec.space,
    hidden: spec.hidden,
    default: spec.defaults === null ? null : defaultAt({ defaults: spec.defaults }, indices),
    roles: spec.roles,
  };
}
