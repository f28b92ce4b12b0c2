import { acceptValue } from './acceptance.ts';
import type { Catalogue, KnownSetting } from './catalogue.ts';
import { startsWith, type Token } from './node-path.ts';
import type { Leaf } from './node-tree.ts';
import type { SimulatorSettings } from './settings.ts';

/** What became of one setting. */
export type SettingOutcome =
  | { readonly kind: 'accepted'; readonly path: string; readonly leaf: Leaf; readonly changed: boolean }
  | { readonly kind: 'no-such-setting'; readonly path: string }
  /** The account's roles do not suffice. */
  | { readonly kind: 'forbidden'; readonly path: string }
  | { readonly kind: 'bad-value'; readonly path: string };

/** The settings of one device: the model's defaults and what differs from them. */
export class ConfigurationStore {
  #catalogue: Catalogue;
  readonly #settings: SimulatorSettings;
  readonly #own = new Map<string, string>();

  constructor({ catalogue, settings }: { catalogue: Catalogue; settings: SimulatorSettings }) {
    this.#catalogue = catalogue;
    this.#settings = settings;
  }

  /** Other software: settings that it lacks, and values that it does not take, are gone. */
  adopt(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
    for (const [path, value] of this.#own) {
      const known = catalogue.settings.get(path);
      if (known === undefined || acceptValue(known.spec.valueSpace, value, this.#settings) === null)
        this.#own.delete(path);
    }
  }

  /** Writes one setting. */
  set(path: string, value: string): SettingOutcome {
    const known = this.#catalogue.settings.get(path.toLowerCase());
    if (known === undefined) return { kind: 'no-such-setting', path };
    const accepted = acceptValue(known.spec.valueSpace, value, this.#settings);
    if (accepted === null) return { kind: 'bad-value', path };
    const changed = this.#valueOf(known) !== accepted;
    if (accepted === known.default) this.#own.delete(known.path.text.toLowerCase());
    else this.#own.set(known.path.text.toLowerCase(), accepted);
    return { kind: 'accepted', path: known.path.text, leaf: this.#leafOf(known), changed };
  }

  /** Writes one setting as the account that logged in may; a hand at the touch panel needs no role. */
  setByAccount(path: string, value: string): SettingOutcome {
    const known = this.#catalogue.settings.get(path.toLowerCase());
    const { accountRoles } = this.#settings;
    const mayWrite = known?.spec.roles.some((role) => accountRoles.includes(role)) ?? true;
    return mayWrite ? this.set(path, value) : { kind: 'forbidden', path };
  }

  /** The value the device truly holds, hidden or not; null where the model has no such setting. */
  get(path: string): string | null {
    const known = this.#catalogue.settings.get(path.toLowerCase());
    return known === undefined ? null : this.#valueOf(known);
  }

  /** The leaves at and below a path as the device shows them: hidden ones masked. */
  leaves(prefix: readonly Token[] = []): Leaf[] {
    const leaves: Leaf[] = [];
    for (const known of this.#catalogue.settings.values())
      if (startsWith(known.path.keys, prefix)) leaves.push(this.#leafOf(known));
    return leaves;
  }

  /** The text of a setting as documents show it. */
  shown(known: KnownSetting): string {
    return known.spec.hidden ? this.#settings.hiddenValue : this.#valueOf(known);
  }

  /** Everything the device truly holds, by dotted path. */
  dump(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const known of this.#catalogue.settings.values()) all[known.path.text] = this.#valueOf(known);
    return all;
  }

  #valueOf(known: KnownSetting): string {
    return this.#own.get(known.path.text.toLowerCase()) ?? known.default;
  }

  #leafOf(known: KnownSetting): Leaf {
    const text = this.shown(known);
    const isNumber = known.spec.valueSpace.type === 'Integer' && /^-?\d+$/.test(text);
    return { path: known.path, value: isNumber ? Number(text) : text, valueSpaceRef: known.valueSpaceRef };
  }
}
