import { XML_LIMITS, type XmlElement, type XmlLimits } from './element.ts';
import { ownCopy, type Tag, TagBook } from './tag-book.ts';

/**
 * The elements of a document in document order, by number, without any of
 * their texts: what `readXml` would build a tree for, for a fraction of it.
 */
export interface XmlOutline {
  readonly size: number;
  /** Equal for documents whose tags are the same in the same order, whatever their texts. */
  readonly shape: string;
  /** The same object for documents whose tags are the same in the same order and nested alike, where they came one after another: what is found in one is at the same element of the other. */
  readonly alike: object;
  tag(element: number): Tag;
  /** The number of the next element that does not lie within this one. Its first child, if any, is the element's own number plus one. */
  end(element: number): number;
  text(element: number): string;
  /** The element with all that lies within it, as `readXml` gives it. */
  element(element: number): XmlElement;
}

const tags = new TagBook();

/** The tags of the last large document with the same root tag: devices of one model write the same ones in the same order. */
const lastLike = new Map<Tag, Structure>();

interface Structure {
  readonly tags: Tag[];
  readonly ends: number[];
}

const WORTH_KEEPING = 100;
const MOST_KEPT = 50;

/**
 * Outlines a document that is written plainly: an XML declaration, elements,
 * texts and the five entities. Null for every other text, whether it is
 * well-formed or not, and beyond the limits: `readXml` then says which.
 */
export function outlineXml(text: string, limits: XmlLimits = {}): XmlOutline | null {
  const { maxLength, maxDepth } = { ...XML_LIMITS, ...limits };
  if (text.length > maxLength) return null;
  const outliner = new Outliner(text, maxDepth);
  return outliner.read() ? outliner : null;
}

const HEAD = /^[ \t\n]*(?:<\?xml version="1\.0"(?: encoding="(?:utf|UTF)-8")?\?>[ \t\n]*)?/;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const AMPERSAND = 0x26;
const SLASH = 0x2f;
const LESS = 0x3c;
const GREATER = 0x3e;
const FIRST_SURROGATE = 0xd800;
/** Among the numbers of tags, which begin at 1, it stands for a closing tag. */
const CLOSING = 0;

class Outliner implements XmlOutline {
  readonly #text: string;
  readonly #maxDepth: number;
  #tags: Tag[] = [];
  #ends: number[] = [];
  /** Where the text of an element begins and ends; nothing for those that have children. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #shape = 1;
  /** What is being read: where it begins, and whether the text before it was nothing but white space. */
  #at = 0;
  #isAfterBlank = true;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  get size(): number {
    return this.#tags.length;
  }

  get alike(): object {
    return this.#ends;
  }

  get shape(): string {
    return `${this.#tags.length}:${this.#shape}`;
  }

  tag(element: number): Tag {
    const tag = this.#tags[element];
    if (tag === undefined) throw new RangeError(`the document has no element ${element}`);
    return tag;
  }

  end(element: number): number {
    return this.#ends[element] ?? this.#tags.length;
  }

  text(element: number): string {
    const raw = ownCopy(this.#text.slice(this.#from[element] ?? 0, this.#to[element] ?? 0));
    return raw.includes('&') ? raw.replace(ENTITY, (_, name: string) => ENTITIES[name] ?? '') : raw;
  }

  element(element: number): XmlElement {
    const { name, attributes } = this.tag(element);
    const end = this.end(element);
    if (end === element + 1) return { name, attributes, children: NO_CHILDREN, text: this.text(element) };
    const children: XmlElement[] = [];
    for (let child = element + 1; child < end; child = this.end(child)) children.push(this.element(child));
    return { name, attributes, children, text: '' };
  }

  /** @returns whether the whole document is plain */
  read(): boolean {
    const text = this.#text;
    this.#at = HEAD.exec(text)?.[0].length ?? 0;
    if (text.charCodeAt(this.#at) !== LESS) return false;
    const root = this.#readTag(undefined);
    if (root === null) return false;
    const expected = lastLike.get(root)?.tags ?? [];
    const open: number[] = [];
    this.#add(root, open);
    while (open.length > 0) {
      if (!this.#passText()) return false;
      if (text.charCodeAt(this.#at + 1) === SLASH) {
        if (!this.#close(open.pop())) return false;
      } else {
        const tag = this.#readTag(expected[this.#tags.length]);
        if (tag === null || !this.#isAfterBlank || open.length >= this.#maxDepth) return false;
        this.#add(tag, open);
      }
    }
    if (this.#passText() || this.#at < text.length || !this.#isAfterBlank) return false;
    this.#remember(root);
    return true;
  }

  /** The tag at hand; `expected` is looked for first, as that is cheap. */
  #readTag(expected: Tag | undefined): Tag | null {
    const text = this.#text;
    const from = this.#at + 1;
    if (expected !== undefined) {
      const end = from + expected.raw.length;
      // A slice is compared faster than `startsWith` compares.
      if (text.charCodeAt(end) === GREATER && text.slice(from, end) === expected.raw) {
        this.#at = end + 1;
        return expected;
      }
    }
    const end = text.indexOf('>', from);
    if (end === -1) return null;
    this.#at = end + 1;
    return tags.read(text.slice(from, end));
  }

  #add(tag: Tag, open: number[]): void {
    const element = this.#tags.length;
    this.#tags.push(tag);
    this.#ends.push(element + 1);
    this.#from.push(this.#at);
    this.#to.push(this.#at);
    this.#mix(tag.number);
    if (!tag.isEmpty) open.push(element);
  }

  /** The closing tag at hand: an element has text or children, and those nothing but white space between them. */
  #close(element = -1): boolean {
    const text = this.#text;
    const name = this.#tags[element]?.name;
    if (name === undefined) return false;
    const end = this.#at + 2 + name.length;
    if (text.charCodeAt(end) !== GREATER || text.slice(this.#at + 2, end) !== name) return false;
    const isLeaf = this.#tags.length === element + 1;
    if (isLeaf) this.#to[element] = this.#at;
    else this.#ends[element] = this.#tags.length;
    this.#at = end + 1;
    this.#mix(CLOSING);
    return isLeaf || this.#isAfterBlank;
  }

  /**
   * Goes on to the next tag. In a text there may be no control characters, no
   * surrogates or non-characters, no `>`, and of references only the five
   * entities. @returns whether there is a tag after a text like that
   */
  #passText(): boolean {
    const text = this.#text;
    let at = this.#at;
    let isBlank = true;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === LESS) break;
      if (code === SPACE || code === LINE_FEED || code === TAB) continue;
      isBlank = false;
      if (code < SPACE || code >= FIRST_SURROGATE || code === GREATER) break;
      if (code === AMPERSAND && !isEntity(text, at)) break;
    }
    this.#at = at;
    this.#isAfterBlank = isBlank;
    return text.charCodeAt(at) === LESS;
  }

  #mix(number: number): void {
    const mixed = Math.imul(this.#shape ^ number, 0x9e3779b1);
    this.#shape = mixed ^ (mixed >>> 15);
  }

  #remember(root: Tag): void {
    if (this.#tags.length < WORTH_KEEPING) return;
    const last = lastLike.get(root);
    if (last !== undefined && isSameList(this.#tags, last.tags) && isSameList(this.#ends, last.ends)) {
      this.#tags = last.tags;
      this.#ends = last.ends;
      return;
    }
    if (lastLike.size >= MOST_KEPT) lastLike.clear();
    lastLike.set(root, { tags: this.#tags, ends: this.#ends });
  }
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}

const NO_CHILDREN: readonly XmlElement[] = Object.freeze([]);

const ENTITY = /&(amp|lt|gt|quot|apos);/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ENTITY_AT = /&(?:amp|lt|gt|quot|apos);/y;

function isEntity(text: string, at: number): boolean {
  ENTITY_AT.lastIndex = at;
  return ENTITY_AT.test(text);
}
