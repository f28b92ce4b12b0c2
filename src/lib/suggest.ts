/**
 * The names most like `wanted`, best first: those within a third of its length
 * in single-letter edits, without regard to case.
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

/** ` Did you mean "host"?`, ready to be put behind a sentence; empty where nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const [meant] = nearest(word, candidates, 1);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

/** A sentence without its full stop, with `. Did you mean "host"?` behind it where something is near. */
export function suggesting(sentence: string, word: string, candidates: Iterable<string>): string {
  const hint = didYouMean(word, candidates);
  return hint === '' ? sentence : `${sentence}.${hint}`;
}

/**
 * Insertions, removals, replacements and swaps of neighbours (optimal string
 * alignment), given up (any number above `reach`) once two whole rows exceed it.
 */
function editDistance(from: string, to: string, reach: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  let lastLeast = 0;
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > reach && lastLeast > reach) return reach + 1;
    lastLeast = least;
    beforeLast = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
