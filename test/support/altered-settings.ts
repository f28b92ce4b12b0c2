import { seededRandom } from '../../src/lib/random.ts';
import { defaultAt } from '../../src/schema/path-index.ts';
import { expandPattern } from '../../src/schema/path-pattern.ts';
import type { ProductSchema, ValueSpace } from '../../src/schema/product-schema.ts';

/** Texts that files, XML and YAML like to spoil; a setting gets the first from its turn on that fits. */
const TEXTS = [
  '',
  '007',
  'Møterom 3 €',
  '1.10',
  'null',
  'x: y #z',
  '"a" & <b>',
  '${env:HOME}',
  ' a ',
  '*',
  '日本😀',
  '~',
  '- a',
  'yes',
];

/** Settings by which a client would cut itself off. */
const OWN = /^(?:NetworkServices\.(?:HTTP|HTTPS|Websocket)|Security\.Session|UserManagement|Network\[)/i;

/**
 * Values other than the defaults for one of so many settings of a product, by
 * a seed: the last item of each list, the ends of ranges, odd texts.
 */
export function alteredSettings(
  schema: ProductSchema,
  { seed, oneOf }: { seed: number; oneOf: number },
): Record<string, string> {
  const random = seededRandom(seed);
  const altered: Record<string, string> = {};
  for (const spec of schema.settings) {
    const turn = Math.floor(random() * 1_000);
    // An open list has its first member only, in the simulator too.
    const last = expandPattern(spec.path, 1).at(-1);
    if (last === undefined || OWN.test(last.path) || turn % oneOf !== 0) continue;
    const fallback = defaultAt(spec, last.indices);
    const value = otherThan(fallback, spec.valueSpace, Math.floor(random() * 1_000));
    if (value !== null) altered[last.path] = value;
  }
  return altered;
}

function otherThan(fallback: string | null, space: ValueSpace, turn: number): string | null {
  // Where no default is named a text stands empty.
  const fitting = valuesOf(space).filter((value) => value !== (fallback ?? ''));
  return fitting[turn % Math.max(1, fitting.length)] ?? null;
}

function valuesOf(space: ValueSpace): string[] {
  switch (space.type) {
    case 'Literal':
      return [...space.values];
    case 'Integer':
      return [space.min ?? 0, space.max ?? 1_000].map(String);
    case 'String':
      return TEXTS.filter((text) => {
        const bytes = Buffer.byteLength(text);
        return bytes >= space.minLength && bytes <= (space.maxLength ?? Number.POSITIVE_INFINITY);
      });
    default:
      return space satisfies never;
  }
}
