import type { PatternSegment, ValueSpace } from '../schema/product-schema.ts';

/** Value spaces under the names by which /configuration.xml refers to /valuespace.xml. */
export interface NamedValueSpaces {
  readonly spaces: ReadonlyMap<string, ValueSpace>;
  nameOf(space: ValueSpace): string;
}

/**
 * Names as the devices form them: `INT_0_100`, `STR_0_255_NoFilt`, `TTPAR_` and
 * a word for enumerations (AV). The vendor's words are not in its schemas, so
 * enumerations are named by their values or, where these are many, after the
 * first setting that has them.
 */
export function nameValueSpaces(
  uses: readonly { path: readonly PatternSegment[]; space: ValueSpace }[],
): NamedValueSpaces {
  const byContent = new Map<string, string>();
  const spaces = new Map<string, ValueSpace>();
  for (const { path, space } of uses) {
    const content = JSON.stringify(space);
    if (byContent.has(content)) continue;
    const name = freeName(baseName(space, path), spaces);
    byContent.set(content, name);
    spaces.set(name, space);
  }
  return { spaces, nameOf: (space) => byContent.get(JSON.stringify(space)) ?? '' };
}

function baseName(space: ValueSpace, path: readonly PatternSegment[]): string {
  switch (space.type) {
    case 'Integer':
      return `INT_${space.min ?? 'n'}_${space.max ?? 'n'}`;
    case 'String':
      return `STR_${space.minLength}_${space.maxLength ?? 'n'}_NoFilt`;
    case 'Literal': {
      const words = space.values.join('');
      if (/^\w{1,24}$/.test(words)) return words === 'OffOn' ? 'TTPAR_OnOff' : `TTPAR_${words}`;
      return `TTPAR_${path
        .slice(-2)
        .map(({ name }) => name)
        .join('')}`;
    }
    default:
      return space satisfies never;
  }
}

function freeName(base: string, taken: ReadonlyMap<string, ValueSpace>): string {
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
  return name;
}
