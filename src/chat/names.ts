import type { DesiredDevice } from '../fleet/fleet.ts';
import { didYouMean } from '../lib/suggest.ts';

/** What people said is not what the bot can act on; the message says what would be. */
export class Misread {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Names that people may say, each with the names of what it stands for. */
export type NameBook = ReadonlyMap<string, readonly string[]>;

/** People write `Boardroom 1` for `boardroom-1`. */
export function nameKey(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/["'“”‘’«»]/g, '')
    .replaceAll(/[\s._-]+/g, ' ')
    .trim();
}

export function bookOf(entries: Iterable<readonly [said: string, name: string]>): NameBook {
  const book = new Map<string, string[]>();
  for (const [said, name] of entries) {
    const key = nameKey(said);
    const names = book.get(key) ?? [];
    if (!names.includes(name)) book.set(key, [...names, name]);
  }
  return book;
}

/** Devices by their name and by the one that the file puts onto their screen. */
export function deviceBook(devices: readonly DesiredDevice[]): NameBook {
  const names = devices.map(({ name }) => [name, name] as const);
  const shown = devices.flatMap(({ name, configuration }) => {
    const value = configuration.get('SystemUnit.Name')?.value;
    return typeof value === 'string' && value !== '' ? [[value, name] as const] : [];
  });
  // A name in the file means that device, whatever another one shows.
  const book = bookOf(names);
  return new Map([...bookOf(shown), ...book]);
}

export interface Named {
  readonly name: string;
  /** What is said behind the name. */
  readonly rest: string;
}

/** The longest name that the text begins with; null where it begins with none. */
export function leadingName(text: string, book: NameBook): Named | Misread | null {
  const words = text.trim().split(/\s+/);
  for (let count = words.length; count > 0; count -= 1) {
    const said = words.slice(0, count).join(' ');
    const names = book.get(nameKey(said)) ?? [];
    const [name, ...others] = names;
    if (name === undefined) continue;
    if (others.length > 0) return new Misread(`"${said}" may be ${names.join(' or ')}: say which.`);
    return { name, rest: words.slice(count).join(' ') };
  }
  return null;
}

/** The one thing that the whole text names. `what` is `device`, `macro`. */
export function wholeName(text: string, book: NameBook, what: string): string | Misread {
  const found = leadingName(text, book);
  if (found instanceof Misread) return found;
  if (found !== null && found.rest === '') return found.name;
  return unknownName(text, book, what);
}

export function unknownName(text: string, book: NameBook, what: string): Misread {
  const known = [...new Set([...book.values()].flat())];
  const near = didYouMean(text.trim().replaceAll(/\s+/g, '-'), known);
  const asSaid = near === '' ? didYouMean(nameKey(text), book.keys()) : near;
  return new Misread(`I know no ${what} "${text.trim()}".${asSaid}`);
}
