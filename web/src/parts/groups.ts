/** What is alike, with how much of it there is. */
export interface Group<Item> {
  readonly key: string;
  readonly first: Item;
  readonly items: readonly Item[];
}

/** Puts together what has the same key; the largest first, and as they came where they are equal. */
export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): Group<Item>[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups]
    .flatMap(([key, items]) => (items[0] === undefined ? [] : [{ key, first: items[0], items }]))
    .sort((one, other) => other.items.length - one.items.length);
}
