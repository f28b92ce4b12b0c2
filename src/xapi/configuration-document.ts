import type { XmlElement } from '../lib/xml/element.ts';
import type { XmlOutline } from '../lib/xml/outline.ts';
import type { ConfigurationDocument, HeldSetting, LeafMap } from './device.ts';
import { isTrue, leavesFromXml, valueSpaceName, type XmlLeaves } from './document.ts';
import { type PathText, pathKey } from './path.ts';

/** The document in an answer to GET /configuration.xml. */
export function configurationOf(answer: {
  readonly outline: XmlOutline | null;
  readonly root: XmlElement;
}): ConfigurationDocument {
  if (answer.outline !== null) return new OutlinedConfiguration(answer.outline);
  const { leaves, valueSpaceRefs } = leavesFromXml(answer.root);
  return new LaidOutConfiguration(leaves, valueSpaceRefs);
}

/** All settings as maps. */
export class LaidOutConfiguration implements ConfigurationDocument {
  readonly shape = null;
  readonly leaves: LeafMap;
  readonly valueSpaceRefs: ReadonlyMap<PathText, string>;
  #byKey: ReadonlyMap<string, PathText> | null = null;

  constructor(leaves: LeafMap, valueSpaceRefs: ReadonlyMap<PathText, string> = new Map()) {
    this.leaves = leaves;
    this.valueSpaceRefs = valueSpaceRefs;
  }

  get paths(): readonly PathText[] {
    return [...this.leaves.keys()];
  }

  find(path: PathText): HeldSetting | null {
    this.#byKey ??= new Map([...this.leaves.keys()].map((leaf) => [pathKey(leaf), leaf]));
    const held = this.#byKey.get(pathKey(path));
    if (held === undefined) return null;
    const value = this.leaves.get(held) ?? '';
    return { path: held, value, valueSpaceRef: this.valueSpaceRefs.get(held) ?? null };
  }
}

/** A whole document holds thousands of settings, a file names a few: those are looked up, the others stay text. */
class OutlinedConfiguration implements ConfigurationDocument {
  readonly #outline: XmlOutline;
  #laidOut: XmlLeaves | null = null;

  constructor(outline: XmlOutline) {
    this.#outline = outline;
  }

  get shape(): string {
    return this.#outline.shape;
  }

  get paths(): readonly PathText[] {
    return [...this.leaves.keys()];
  }

  get leaves(): LeafMap {
    return this.#all().leaves;
  }

  get valueSpaceRefs(): ReadonlyMap<PathText, string> {
    return this.#all().valueSpaceRefs;
  }

  find(path: PathText): HeldSetting | null {
    const found = this.#locate(path);
    return found === null ? null : { ...found.setting, value: this.#outline.text(found.element) };
  }

  /** Devices of one kind write the same elements in the same order: where a setting stands is looked for in the first of them. */
  #locate(path: PathText): Found | null {
    const { alike } = this.#outline;
    let places = placesIn.get(alike);
    if (places === undefined) {
      places = new Map();
      placesIn.set(alike, places);
    }
    const known = places.get(path);
    if (known !== undefined) return known;
    if (places.size >= MOST_PLACES) places.clear();
    const found = this.#findBelow(0, pathKey(path), '');
    places.set(path, found);
    return found;
  }

  #all(): XmlLeaves {
    this.#laidOut ??= leavesFromXml(this.#outline.element(0));
    return this.#laidOut;
  }

  /** The last leaf at `key` below an element whose own path is `above`: later ones override. */
  #findBelow(parent: number, key: string, above: PathText): Found | null {
    const outline = this.#outline;
    const end = outline.end(parent);
    let found: Found | null = null;
    for (let child = parent + 1; child < end; child = outline.end(child)) {
      const tag = outline.tag(child);
      // Most neighbours differ in name, so that is looked at before a path is made.
      if (!key.startsWith(tag.key, above === '' ? 0 : above.length + 1)) continue;
      const name = this.#segment(parent, child);
      const path = above === '' ? name : `${above}.${name}`;
      if (!key.startsWith(pathKey(path)) || isTrue(tag.attributes['ghost'])) continue;
      const isLeaf = outline.end(child) === child + 1;
      if (isLeaf && path.length === key.length) found = later(found, this.#found(child, path));
      else if (!isLeaf && key[path.length] === '.') found = later(found, this.#findBelow(child, key, path));
    }
    return found;
  }

  /** The child's part of a path, as `leavesFromXml` makes it. */
  #segment(parent: number, child: number): string {
    const outline = this.#outline;
    const { name, attributes } = outline.tag(child);
    if (attributes['item'] !== undefined) return `${name}[${attributes['item']}]`;
    const end = outline.end(parent);
    let count = 0;
    let position = 0;
    for (let other = parent + 1; other < end; other = outline.end(other)) {
      const tag = outline.tag(other);
      if (tag.name !== name) continue;
      if (tag.attributes['item'] !== undefined) return name;
      count += 1;
      if (other === child) position = count;
    }
    return count > 1 ? `${name}[${position}]` : name;
  }

  #found(leaf: number, path: PathText): Found {
    const ref = this.#outline.tag(leaf).attributes['valueSpaceRef'];
    return {
      element: leaf,
      setting: { path, valueSpaceRef: ref === undefined ? null : valueSpaceName(ref) },
    };
  }
}

/** Where a setting stands, and what of it the tags alone tell. */
interface Found {
  readonly element: number;
  readonly setting: Omit<HeldSetting, 'value'>;
}

/** By what documents that are alike share, by the path as it was asked for. */
const placesIn = new WeakMap<object, Map<PathText, Found | null>>();
const MOST_PLACES = 10_000;

/** Of two leaves spelled alike, the later one; of its value space, what was said last. */
function later(before: Found | null, after: Found | null): Found | null {
  if (after === null || before?.setting.path !== after.setting.path) return after ?? before;
  const valueSpaceRef = after.setting.valueSpaceRef ?? before.setting.valueSpaceRef;
  return { ...after, setting: { ...after.setting, valueSpaceRef } };
}
