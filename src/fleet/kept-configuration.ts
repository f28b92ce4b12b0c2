import { RoomdError } from '../lib/errors.ts';
import type { ConfigurationDocument, HeldSetting, LeafMap } from '../xapi/device.ts';
import { type PathText, pathKey } from '../xapi/path.ts';

/** Somebody asks for a setting that is not kept: the configuration must be read. */
export class NotKeptError extends RoomdError<'not-kept'> {
  constructor(what: string) {
    super('not-kept', `${what} is not known without reading the device`);
  }
}

export interface KeptSettings {
  /** By key; null: the device has none there. */
  readonly settings: ReadonlyMap<string, HeldSetting | null>;
  readonly shape: string | null;
  readonly paths: readonly PathText[] | null;
}

/** The settings of a device that were asked for before, as a document; whatever else is asked for throws `NotKeptError`. */
export class KeptConfiguration implements ConfigurationDocument {
  readonly #kept: KeptSettings;

  constructor(kept: KeptSettings) {
    this.#kept = kept;
  }

  get shape(): string | null {
    return this.#kept.shape;
  }

  get paths(): readonly PathText[] {
    if (this.#kept.paths === null) throw new NotKeptError('the list of all settings');
    return this.#kept.paths;
  }

  get leaves(): LeafMap {
    throw new NotKeptError('the whole configuration');
  }

  get valueSpaceRefs(): ReadonlyMap<PathText, string> {
    throw new NotKeptError('the whole configuration');
  }

  find(path: PathText): HeldSetting | null {
    const held = this.#kept.settings.get(pathKey(path));
    if (held === undefined) throw new NotKeptError(path);
    return held;
  }
}

/** What thousands of devices hold alike, kept once. */
export class SettingTable {
  readonly #keys = new Map<PathText, string>();
  readonly #settings = new Map<string, HeldSetting>();
  readonly #paths = new Map<string, readonly PathText[]>();

  /** As `pathKey`, one text for all who ask. */
  key(path: PathText): string {
    const known = this.#keys.get(path);
    if (known !== undefined) return known;
    if (this.#keys.size >= MOST_SHARED) this.#keys.clear();
    const key = pathKey(path);
    this.#keys.set(path, key);
    return key;
  }

  /** An equal setting, one object for all who hold it. */
  setting({ path, value, valueSpaceRef }: HeldSetting): HeldSetting {
    const whole = `${path}\n${valueSpaceRef ?? ''}\n${value}`;
    const known = this.#settings.get(whole);
    if (known !== undefined) return known;
    if (this.#settings.size >= MOST_SHARED) this.#settings.clear();
    const setting = { path, value, valueSpaceRef };
    this.#settings.set(whole, setting);
    return setting;
  }

  /** Every path of a document, one list for all documents of the same shape. */
  paths({ shape, paths }: Pick<ConfigurationDocument, 'shape' | 'paths'>): readonly PathText[] {
    if (shape === null) return paths;
    const known = this.#paths.get(shape);
    if (known !== undefined) return known;
    if (this.#paths.size >= MOST_SHAPES) this.#paths.clear();
    this.#paths.set(shape, paths);
    return paths;
  }
}

const MOST_SHARED = 50_000;
const MOST_SHAPES = 200;
