const MOST_NUMBERS = 4;
const ENOUGH_NUMBERS = 3;

/** The numbers of a software version, as devices ("ce26.4.1.0.5100d00000a") and schema files ("26.4.1") write it; empty where it is none. */
export function softwareNumbers(text: string): number[] {
  const numbers: number[] = [];
  for (const part of text
    .trim()
    .replace(/^[a-z]+\s*/i, '')
    .split(/[.\s]/)) {
    // What follows the numbers names the build.
    if (numbers.length === MOST_NUMBERS || !/^\d{1,5}$/.test(part)) break;
    numbers.push(Number(part));
  }
  return numbers;
}

/**
 * Whether two texts mean the same release: the numbers that both give are the
 * same, and there are at least three of them. "26.4.1" is "ce26.4.1.0.…";
 * "26.4" is too little to say.
 */
export function isSameSoftware(one: string, other: string): boolean {
  const left = softwareNumbers(one);
  const right = softwareNumbers(other);
  const common = Math.min(left.length, right.length);
  if (common < ENOUGH_NUMBERS) return one.trim().toLowerCase() === other.trim().toLowerCase();
  return left.slice(0, common).every((number, at) => number === right[at]);
}

/** As people write it: "26.4.1", "11.27.2"; trailing zeros beyond the third number are left out. */
export function formatSoftware(text: string): string {
  const numbers = softwareNumbers(text);
  while (numbers.length > ENOUGH_NUMBERS && numbers.at(-1) === 0) numbers.pop();
  return numbers.length === 0 ? text.trim() : numbers.join('.');
}
