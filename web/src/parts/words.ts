/** Tags as people read them: `oslo · 3 · standup`. */
export function tagText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => (value === 'true' ? key : value))
    .join(' · ');
}

/** `1 device`, `3 devices`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
