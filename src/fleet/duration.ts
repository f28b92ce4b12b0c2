import { readDuration } from './forms.ts';
import { form } from './schema-forms.ts';

/** A duration as the fleet file has them (`30s`, `10m`), in milliseconds. */
export function duration(description: string) {
  return form(readDuration, { description, examples: ['10m'] });
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** `90000` as `1m30s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text === '' ? '0s' : text;
}
