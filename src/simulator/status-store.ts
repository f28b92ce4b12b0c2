import type { Catalogue } from './catalogue.ts';
import { type NodePath, nodePath, startsWith, type Token } from './node-path.ts';
import type { Leaf, LeafValue } from './node-tree.ts';

type Held = { readonly path: NodePath; readonly value: LeafValue | (() => LeafValue) };

/** The status tree of one device: the model's standing leaves and what this device has of its own. */
export class StatusStore {
  #catalogue: Catalogue;
  readonly #own = new Map<string, Held>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** Other software: what the device has of its own stays. */
  adopt(catalogue: Catalogue): void {
    this.#catalogue = catalogue;
  }

  /** Sets a leaf; a leaf that changed comes back, null where nothing did. */
  set(path: string, value: LeafValue): Leaf | null {
    const key = path.toLowerCase();
    const held = this.#own.get(key) ?? this.#catalogue.statuses.get(key);
    if (held?.value === value) return null;
    const leaf = { path: held?.path ?? nodePath(path), value };
    this.#own.set(key, leaf);
    return leaf;
  }

  /** A leaf that is worked out whenever it is read, such as the uptime; it never makes feedback. */
  compute(path: string, value: () => LeafValue): void {
    this.#own.set(path.toLowerCase(), { path: nodePath(path), value });
  }

  /** Removes what stands at and below a path; false where nothing did. */
  remove(prefix: NodePath): boolean {
    let removed = false;
    for (const [key, held] of this.#own) {
      if (!startsWith(held.path.keys, prefix.keys)) continue;
      this.#own.delete(key);
      removed = true;
    }
    return removed;
  }

  get(path: string): LeafValue | null {
    const key = path.toLowerCase();
    const held = this.#own.get(key) ?? this.#catalogue.statuses.get(key);
    return held === undefined ? null : valueOf(held);
  }

  /** Whether the model's schema has the leaf; what few products have is set only there. */
  isOffered(path: string): boolean {
    return this.#catalogue.statuses.has(path.toLowerCase());
  }

  leaves(prefix: readonly Token[] = []): Leaf[] {
    const leaves: Leaf[] = [];
    for (const [key, leaf] of this.#catalogue.statuses)
      if (!this.#own.has(key) && startsWith(leaf.path.keys, prefix)) leaves.push(leaf);
    for (const held of this.#own.values())
      if (startsWith(held.path.keys, prefix)) leaves.push({ path: held.path, value: valueOf(held) });
    return leaves;
  }

  dump(): Record<string, LeafValue> {
    return Object.fromEntries(this.leaves().map(({ path, value }) => [path.text, value]));
  }
}

function valueOf(held: Held): LeafValue {
  return typeof held.value === 'function' ? held.value() : held.value;
}
