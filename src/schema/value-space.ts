import { unreachable } from '../lib/errors.ts';
import type { ValueSpace } from './product-schema.ts';

const MOST_VALUES = 12;

/** A value space in words that follow "expected": `one of Auto, Off`, `an integer from 0 to 100`, `1 to 50 bytes of UTF-8`. */
export function describeValueSpace(space: ValueSpace): string {
  switch (space.type) {
    case 'Literal':
      return describeLiteral(space.values);
    case 'Integer': {
      const step = space.step === null || space.step <= 1 ? '' : ` in steps of ${space.step}`;
      return `an integer${describeBounds(space.min, space.max)}${step}`;
    }
    case 'String':
      return `${describeLength(space.minLength, space.maxLength)} of UTF-8`;
    default:
      return unreachable(space);
  }
}

function describeLiteral(values: readonly string[]): string {
  if (values.length === 1) return `nothing but ${values[0]}`;
  if (values.length <= MOST_VALUES) return `one of ${values.join(', ')}`;
  return `one of ${values.slice(0, MOST_VALUES).join(', ')} and ${values.length - MOST_VALUES} more`;
}

function describeBounds(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return ` from ${min} to ${max}`;
  if (min !== null) return ` of at least ${min}`;
  return max === null ? '' : ` of at most ${max}`;
}

function describeLength(min: number, max: number | null): string {
  if (max === null) return min === 0 ? 'any number of bytes' : `at least ${min} bytes`;
  if (min === max) return `exactly ${max} bytes`;
  return min === 0 ? `at most ${max} bytes` : `${min} to ${max} bytes`;
}
