/** What stands between `<` and `>` of an opening tag. Shared by all elements that are written alike, so never changed. */
export interface Tag {
  /** As it is written, without the angle brackets. */
  readonly raw: string;
  /** Unlike that of every other tag of the process, also of one that was forgotten and met again. */
  readonly number: number;
  readonly name: string;
  /** The name in lower case. */
  readonly key: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly isEmpty: boolean;
}

/** Devices of one model write the same few thousand tags in every document. */
const MOST_TAGS = 10_000;
const LONGEST_KEPT = 200;

/** Printable ASCII, one space between attributes, double quotes, no references and no `>` in values. */
const PLAIN_TAG = /^([A-Za-z_][\w-]*)((?: [A-Za-z_][\w-]*="[ !#-%'-;=?-~]*")*) ?(\/?)$/;
const ATTRIBUTE = / ([A-Za-z_][\w-]*)="([^"]*)"/g;
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null) as Record<string, string>,
);

/** Tags by their text: one that was read once is known, because what it says depends on nothing else. */
export class TagBook {
  readonly #known = new Map<string, Tag>();
  #count = 0;

  /** @param raw what stands between `<` and `>`. @returns null where it is written in any but the plainest way */
  read(raw: string): Tag | null {
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    if (raw.length > LONGEST_KEPT || !PLAIN_TAG.test(raw)) return null;
    const own = ownCopy(raw);
    const parts = partsOf(own);
    if (parts === null) return null;
    const tag: Tag = { raw: own, number: (this.#count += 1), key: parts.name.toLowerCase(), ...parts };
    if (this.#known.size >= MOST_TAGS) this.#known.clear();
    this.#known.set(own, tag);
    return tag;
  }
}

/** A text that does not keep the document alive which it was cut from. It must hold no lone surrogates. */
export function ownCopy(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text, 'utf8').toString('utf8');
}

/** The engine copies shorter pieces anyway. */
const SHORTEST_SLICE = 13;

function partsOf(raw: string): Pick<Tag, 'name' | 'attributes' | 'isEmpty'> | null {
  const [, name = '', inside = '', slash] = PLAIN_TAG.exec(raw) ?? [];
  const isEmpty = slash === '/';
  if (inside === '') return { name, attributes: NO_ATTRIBUTES, isEmpty };
  const attributes = Object.create(null) as Record<string, string>;
  for (const [, attribute = '', value = ''] of inside.matchAll(ATTRIBUTE)) {
    if (attributes[attribute] !== undefined) return null;
    attributes[attribute] = value;
  }
  return { name, attributes, isEmpty };
}
