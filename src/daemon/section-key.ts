import { Secret } from '../lib/secret.ts';

/** Two sections that mean the same have the same key; it stays in memory, as it holds secrets. */
export function sectionKey(section: object): string {
  // A secret has turned itself into a word by the time that the replacer sees it as a value.
  return JSON.stringify(section, function (this: Readonly<Record<string, unknown>>, name, value: unknown) {
    const raw = this[name];
    return raw instanceof Secret ? raw.reveal() : value;
  });
}
