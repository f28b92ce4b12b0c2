import type { ValueSpace } from '../schema/product-schema.ts';
import type { DeviceValueSpace } from '../xapi/device.ts';
import { didYouMean } from '../lib/suggest.ts';

/**
 * Why a device would refuse a value, in a sentence, or null where its value
 * space takes it (or is not known: then roomd does not claim to know). The
 * text of a secret never appears.
 */
export function refusalOf(value: string, known: DeviceValueSpace | null, isSecret = false): string | null {
  const space = known?.space ?? null;
  if (space === null) return null;
  const shown = isSecret ? 'the secret' : `"${value}"`;
  switch (space.type) {
    case 'Literal':
      return space.values.includes(value)
        ? null
        : `${shown} is not one of ${wordList(space.values)}.${didYouMean(value, space.values)}`;
    case 'Integer':
      return integerRefusal(value, space, shown);
    case 'String':
      return lengthRefusal(Buffer.byteLength(value), space, shown);
  }
}

/** Two texts with one meaning to the device become the same: integers are compared as numbers. */
export function normalizeValue(value: string, known: DeviceValueSpace | null): string {
  return known?.space?.type === 'Integer' && INTEGER.test(value) ? String(Number(value)) : value;
}

const INTEGER = /^-?\d{1,15}$/;

function integerRefusal(
  value: string,
  { min, max }: ValueSpace & { type: 'Integer' },
  shown: string,
): string | null {
  const wanted = `an integer${min === null ? '' : ` from ${min}`}${max === null ? '' : ` to ${max}`}`;
  if (!INTEGER.test(value)) return `${shown} is not ${wanted}`;
  const number = Number(value);
  return (min !== null && number < min) || (max !== null && number > max)
    ? `${shown} is not ${wanted}`
    : null;
}

function lengthRefusal(
  bytes: number,
  { minLength, maxLength }: ValueSpace & { type: 'String' },
  shown: string,
): string | null {
  if (maxLength !== null && bytes > maxLength) {
    return `${shown} takes ${bytes} bytes of UTF-8, the device allows ${maxLength}`;
  }
  return bytes < minLength
    ? `${shown} takes ${bytes} bytes of UTF-8, the device needs at least ${minLength}`
    : null;
}

function wordList(values: readonly string[]): string {
  const most = 12;
  return values.length <= most
    ? values.join(', ')
    : `${values.slice(0, most).join(', ')} and ${values.length - most} more`;
}
