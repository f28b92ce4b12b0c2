/**
 * The vendor's code names and the products they stand for (facts JM). A code
 * name may carry a variant behind its first "_" ("barents_70d", "felix_55").
 */
export interface ProductName {
  /** Without "Cisco" in front: "Codec Pro". */
  readonly name: string;
  readonly kind: 'board' | 'room' | 'desk';
}

const PRODUCTS: ReadonlyMap<string, ProductName> = new Map([
  ['bandai', { name: 'Desk Mini', kind: 'desk' }],
  ['barents', { name: 'Codec Pro', kind: 'room' }],
  ['brooklyn', { name: 'Room Bar Pro', kind: 'room' }],
  ['darling', { name: 'Board', kind: 'board' }],
  ['davinci', { name: 'Room Bar', kind: 'room' }],
  ['felix', { name: 'Board Pro G2', kind: 'board' }],
  ['havella', { name: 'Room Kit Mini', kind: 'room' }],
  ['helix', { name: 'Board Pro', kind: 'board' }],
  ['hopen', { name: 'Room Kit', kind: 'room' }],
  ['millennium', { name: 'Codec EQ', kind: 'room' }],
  ['octavio', { name: 'Desk', kind: 'desk' }],
  ['pictoris', { name: 'Desk Pro G2', kind: 'desk' }],
  ['polaris', { name: 'Desk Pro', kind: 'desk' }],
  ['spitsbergen', { name: 'Room 55', kind: 'room' }],
  ['svea', { name: 'Codec Plus', kind: 'room' }],
  ['tyne', { name: 'Codec Pro G2', kind: 'room' }],
  ['vecchio', { name: 'Navigator', kind: 'room' }],
]);

/** What a code name stands for, null where it is none we know. A plain "Board" is told apart by its size: "Board 70". */
export function productOfCodeName(code: string): ProductName | null {
  const [base = ''] = code.toLowerCase().split('_');
  const known = PRODUCTS.get(base);
  if (known === undefined) return null;
  const size = sizeOf(code);
  return known.name === 'Board' && size !== null ? { ...known, name: `${known.name} ${size}` } : known;
}

/**
 * Which of these code names a product text means: the code name itself, or
 * what a device answers as xStatus SystemUnit ProductId ("Cisco Codec Pro",
 * with or without the size of its screen). Several where a product comes in
 * variants that its text does not tell apart; none where it is not known.
 */
export function codeNamesOf(product: string, among: Iterable<string>): string[] {
  const wanted = productKey(product);
  const codes = [...among];
  const same = codes.filter((code) => code.toLowerCase() === wanted);
  return same.length > 0 ? same : codes.filter((code) => textsOf(code).includes(wanted));
}

/** What two texts for one product share: brand words in front and letter case do not count. */
export function productKey(product: string): string {
  let key = product.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  while (BRAND.test(key)) key = key.replace(BRAND, '');
  return key;
}

const BRAND = /^(?:cisco|webex|spark|telepresence) /;

function textsOf(code: string): string[] {
  const known = productOfCodeName(code);
  if (known === null) return [];
  const name = productKey(known.name);
  const size = sizeOf(code);
  return size === null ? [name] : [name, `${name} ${size}`];
}

/** Inches: "darling_15_70" is 70, "barents_70d" a variant of another kind. */
function sizeOf(code: string): string | null {
  return /_(\d+)$/.exec(code)?.[1] ?? null;
}
