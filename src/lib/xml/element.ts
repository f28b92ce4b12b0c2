import { RoomdError } from '../errors.ts';

/** One element of an XML document. Comments and processing instructions are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The element's own text; trimmed where it also has children, exact otherwise. */
  readonly text: string;
}

/** How large a document may be. */
export interface XmlLimits {
  /** Characters of the whole text; 16 million when left out. */
  readonly maxLength?: number;
  /** Nested elements, the root being 1; 64 when left out. */
  readonly maxDepth?: number;
}

export const XML_LIMITS = { maxLength: 16_000_000, maxDepth: 64 } as const satisfies XmlLimits;

/**
 * | code | meaning |
 * |---|---|
 * | xml-malformed | not well-formed; `line` and `column` say where |
 * | xml-forbidden | a DOCTYPE, or an entity beyond the five |
 * | xml-too-large | longer than the cap |
 * | xml-too-deep | nested deeper than the cap |
 * | xml-unwritable | a text or name that XML 1.0 cannot carry |
 */
export type XmlErrorCode =
  | 'xml-malformed'
  | 'xml-forbidden'
  | 'xml-too-large'
  | 'xml-too-deep'
  | 'xml-unwritable';

export class XmlError extends RoomdError<XmlErrorCode> {
  constructor(code: XmlErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(code, message, { details });
  }
}

/** The first child of that name. */
export function childOf(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((child) => child.name === name);
}

/** All text within an element, in document order, parts joined by one space. */
export function textWithin(element: XmlElement): string {
  return [element.text, ...element.children.map(textWithin)]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' ');
}
