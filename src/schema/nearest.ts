/**
 * The names most like `wanted`, best first: those within a third of its length
 * in single-letter edits, without regard to case. What "did you mean" offers.
 */
export function nearest(wanted: string, names: Iterable<string>, most = 3): string[] {
  const text = wanted.toLowerCase();
  const reach = Math.max(1, Math.floor(text.length / 3));
  const close: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (Math.abs(name.length - text.length) > reach) continue;
    const distance = editDistance(text, name.toLowerCase(), reach);
    if (distance <= reach) close.push({ name, distance });
  }
  close.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return close.slice(0, most).map(({ name }) => name);
}

/** `did you mean A, B or C?`, or the empty text where nothing is near. */
export function didYouMean(names: readonly string[]): string {
  const last = names.at(-1);
  if (last === undefined) return '';
  const others = names.slice(0, -1);
  return `did you mean ${others.length === 0 ? last : `${others.join(', ')} or ${last}`}?`;
}

/** Levenshtein's distance, given up (any number above `reach`) as soon as a whole row exceeds it. */
function editDistance(from: string, to: string, reach: number): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const cost = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(cost);
      least = Math.min(least, cost);
    }
    if (least > reach) return reach + 1;
    row = next;
  }
  return row[to.length] ?? 0;
}
