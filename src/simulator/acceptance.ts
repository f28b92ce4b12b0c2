import type { ValueSpace } from '../schema/product-schema.ts';

/** A value as the device keeps it, or null where the device refuses it. */
export type Accepted = string | null;

/**
 * What a device does with a value: enumerations by name, integers within their
 * range, text by its length in UTF-8 bytes (JM parity harness). The step is not
 * looked at: the vendor's schemas name the whole range there, with defaults
 * that would break it.
 */
export function acceptValue(
  space: ValueSpace | null,
  value: string,
  options: { literalsIgnoreCase: boolean },
): Accepted {
  if (space === null) return value;
  switch (space.type) {
    case 'Literal':
      return acceptLiteral(space.values, value, options.literalsIgnoreCase);
    case 'Integer':
      return acceptInteger(space, value);
    case 'String': {
      const bytes = Buffer.byteLength(value, 'utf8');
      return bytes < space.minLength || (space.maxLength !== null && bytes > space.maxLength) ? null : value;
    }
    default:
      return space satisfies never;
  }
}

function acceptLiteral(values: readonly string[], value: string, ignoreCase: boolean): Accepted {
  if (values.includes(value)) return value;
  if (!ignoreCase) return null;
  const key = value.toLowerCase();
  return values.find((known) => known.toLowerCase() === key) ?? null;
}

function acceptInteger(space: Extract<ValueSpace, { type: 'Integer' }>, value: string): Accepted {
  if (!/^-?\d{1,15}$/.test(value)) return null;
  const number = Number(value);
  if (space.min !== null && number < space.min) return null;
  if (space.max !== null && number > space.max) return null;
  return String(number);
}
