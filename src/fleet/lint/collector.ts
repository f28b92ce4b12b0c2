import type { PathText } from '../../xapi/path.ts';
import type { Place } from '../problem.ts';
import { type Finding, type Level, RULES, type Rule } from './finding.ts';
import type { Verdict } from './judge.ts';

/** Where a verdict was met. */
export interface Spot {
  readonly path: PathText | null;
  readonly place: Place;
  readonly layer: string | null;
}

interface Gathered {
  readonly rule: Rule;
  readonly spot: Spot;
  /** Message and remedy as one text → the products that it is said of. */
  readonly said: Map<string, { readonly verdict: Verdict; readonly products: Set<string> }>;
  readonly products: Set<string>;
  readonly devices: Set<string>;
}

/** Makes one finding of what many devices and products have against one line. */
export class Collector {
  readonly #gathered = new Map<string, Gathered>();

  add(verdict: Verdict, spot: Spot, on: { product: string | null; devices: readonly string[] }): void {
    const { file, line, column } = spot.place;
    // Without a path it is about devices, and each message is a matter of its own.
    const about = spot.path ?? verdict.message;
    const key = `${verdict.rule}\n${file}\n${line}\n${column}\n${spot.layer}\n${about}`;
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) {
      gathered = { rule: verdict.rule, spot, said: new Map(), products: new Set(), devices: new Set() };
      this.#gathered.set(key, gathered);
    }
    const words = `${verdict.message}\n${verdict.remedy}`;
    const said = gathered.said.get(words) ?? { verdict, products: new Set() };
    gathered.said.set(words, said);
    if (on.product !== null) {
      said.products.add(on.product);
      gathered.products.add(on.product);
    }
    for (const name of on.devices) gathered.devices.add(name);
  }

  /** Errors first, then by place. `order`: the names of devices in the order of the file. */
  findings(order: ReadonlyMap<string, number>): Finding[] {
    return [...this.#gathered.values()].map((gathered) => finish(gathered, order)).sort(byWeight);
  }
}

function finish(
  { rule, spot, said, products, devices }: Gathered,
  order: ReadonlyMap<string, number>,
): Finding {
  const parts = [...said.values()];
  const [first] = parts;
  const isSame = parts.length === 1;
  const sameMessage = new Set(parts.map(({ verdict }) => verdict.message)).size === 1;
  const remedies = parts.flatMap(({ verdict }) => verdict.remedy ?? []);
  return {
    rule,
    level: RULES[rule].level,
    ...spot,
    message: sameMessage
      ? (first?.verdict.message ?? '')
      : parts.map(({ verdict, products: of }) => `${listed(of)}: ${verdict.message}`).join(' '),
    remedy: isSame
      ? (first?.verdict.remedy ?? null)
      : remedies.length === 0
        ? null
        : parts
            .filter(({ verdict }) => verdict.remedy !== null)
            .map(({ verdict, products: of }) => `${listed(of)}: ${verdict.remedy}`)
            .join(' '),
    products: [...products].sort(),
    devices: [...devices].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
  };
}

function listed(products: ReadonlySet<string>): string {
  return [...products].sort().join(', ');
}

const WEIGHT: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 };

function byWeight(a: Finding, b: Finding): number {
  return (
    WEIGHT[a.level] - WEIGHT[b.level] ||
    compare(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    compare(a.path ?? '', b.path ?? '') ||
    compare(a.rule, b.rule)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
