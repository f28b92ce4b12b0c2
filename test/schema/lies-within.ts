import type { ValueSpace } from '../../src/schema/product-schema.ts';

/** Whether a value belongs to a value space; a check of its own beside those of the daemon and of the simulator. */
export function liesWithin(space: ValueSpace, value: string): boolean {
  if (space.type === 'Literal') return space.values.includes(value);
  if (space.type === 'Integer')
    return (
      /^-?\d+$/.test(value) &&
      Number(value) >= (space.min ?? -Infinity) &&
      Number(value) <= (space.max ?? Infinity)
    );
  const bytes = Buffer.byteLength(value);
  return bytes >= space.minLength && bytes <= (space.maxLength ?? Infinity);
}
