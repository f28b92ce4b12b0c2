import { unreachable } from '../lib/errors.ts';
import { didYouMean } from '../lib/suggest.ts';
import type { ValueSpace } from '../schema/product-schema.ts';
import { describeValueSpace } from '../schema/value-space.ts';

/**
 * Why a device would refuse a value, in a sentence, or null where its value
 * space takes it (or is not known: then roomd does not claim to know). The
 * text of a secret never appears.
 * @param by who says what it takes: "the device itself"
 */
export function refusalOf(
  value: string,
  space: ValueSpace | null,
  { isSecret = false, by = null }: { isSecret?: boolean; by?: string | null } = {},
): string | null {
  if (space === null || takes(space, value)) return null;
  const shown = isSecret ? 'the secret' : `"${value}"`;
  const size = space.type === 'String' ? `, not ${Buffer.byteLength(value)}` : '';
  const suggestion = space.type === 'Literal' && !isSecret ? didYouMean(value, space.values) : '';
  const source = by === null ? '' : ` (by ${by})`;
  return `the device refuses ${shown}: expected ${describeValueSpace(space)}${size}${source}.${suggestion}`;
}

/** Two texts with one meaning to the device become the same: integers are compared as numbers. */
export function normalizeValue(value: string, space: ValueSpace | null): string {
  return space?.type === 'Integer' && INTEGER.test(value) ? String(Number(value)) : value;
}

/** Whether a value is what devices show instead of a hidden one: three asterisks or more. Fewer are a text like any other. */
export function looksMasked(value: string): boolean {
  return /^\*{3,}$/.test(value);
}

const INTEGER = /^-?\d{1,15}$/;

/** The step of an integer is not looked at: vendors' schemas name the whole range there. Lengths are bytes of UTF-8. */
function takes(space: ValueSpace, value: string): boolean {
  switch (space.type) {
    case 'Literal':
      return space.values.includes(value);
    case 'Integer':
      return INTEGER.test(value) && isBetween(Number(value), space.min, space.max);
    case 'String':
      return isBetween(Buffer.byteLength(value), space.minLength, space.maxLength);
    default:
      return unreachable(space);
  }
}

function isBetween(number: number, least: number | null, most: number | null): boolean {
  return (least === null || number >= least) && (most === null || number <= most);
}
