import { Secret } from '../lib/secret.ts';

/** Freezes a value of plain objects, lists and maps through and through. A map's own entries stay protected by its type only. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Secret || Object.isFrozen(value))
    return value;
  Object.freeze(value);
  const inner: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
  for (const part of inner) deepFreeze(part);
  return value;
}
