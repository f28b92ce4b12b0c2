/** Letters that no decomposition takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  ø: 'o',
  œ: 'oe',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

const MOST = 60;

/** A name for people as a device name: `Møterom 3. etg` becomes `moterom-3.etg`; empty where nothing of it is left. */
export function slugOf(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[æøœßđðłþı]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '');
  const slug = plain
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/-?\.-?/g, '.')
    .replace(/^[-.]+/, '')
    .slice(0, MOST)
    .replace(/[-.]+$/, '');
  // In a selector it would mean every device.
  return slug === 'all' ? 'all-1' : slug;
}

/**
 * One name for each, all different without regard to case: a wish that is
 * taken gets -2, -3 and so on in the order of the list.
 */
export function uniqueNames(wishes: readonly string[]): string[] {
  const taken = new Set<string>();
  return wishes.map((wish) => {
    let name = wish;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${wish}-${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
