import { readXml, type XmlElement, XmlSyntaxError } from '../xml-reader.ts';
import { escapeXml } from '../xml-writer.ts';

/** An element of an answer: text, or elements in it. */
export interface Shown {
  readonly name: string;
  readonly content: string | readonly Shown[];
}

export function shown(name: string, content: string | readonly Shown[] = ''): Shown {
  return { name, content };
}

/** An element of texts, in this order; null is left out. */
export function texts(name: string, values: Readonly<Record<string, string | null>>): Shown {
  return shown(name, textsIn(values));
}

export function textsIn(values: Readonly<Record<string, string | null>>): Shown[] {
  return Object.entries(values).flatMap(([field, text]) => (text === null ? [] : [shown(field, text)]));
}

/** Empty elements keep both tags, as they are recorded. */
export function write({ name, content }: Shown): string {
  const inner = typeof content === 'string' ? escapeXml(content) : content.map(write).join('');
  return `<${name}>${inner}</${name}>`;
}

export interface ErrorWords {
  readonly type: string;
  readonly message: string | null;
  readonly data: string | null;
}

/** Thrown to refuse a request at once; becomes an ApiErrors document. */
export class FinesseRefusal extends Error {
  readonly status: number;
  readonly words: ErrorWords;

  constructor(status: number, type: string, message: string | null = null, data: string | null = null) {
    super(type);
    this.name = 'FinesseRefusal';
    this.status = status;
    this.words = { type, message, data };
  }
}

/** The words of a refusal (cloud facts 2.3). */
export function errorsDocument({ type, message, data }: ErrorWords): string {
  const error = texts('ApiError', { ErrorType: type, ErrorData: data, ErrorMessage: message });
  return write(shown('ApiErrors', [error]));
}

/** A request's fields by lower-case name; Finesse's own clients send them in any order, in either case. */
export interface RequestFields {
  readonly text: (name: string) => string | null;
  readonly list: (name: string, member: string) => string[];
  readonly root: XmlElement;
}

/** @throws FinesseRefusal 400 where it is no document with this root */
export function readRequest(body: string, rootName: string): RequestFields {
  let root: XmlElement;
  try {
    root = readXml(body.trim());
  } catch (error) {
    if (!(error instanceof XmlSyntaxError)) throw error;
    throw new FinesseRefusal(400, 'Bad Request', error.message);
  }
  if (!isNamed(root, rootName)) throw new FinesseRefusal(400, 'Bad Request', `<${root.name}>`);
  return {
    root,
    text: (name) => {
      const text = root.children.find((child) => isNamed(child, name))?.text.trim() ?? '';
      return text === '' ? null : text;
    },
    list: (name, member) => {
      const held = root.children.find((child) => isNamed(child, name))?.children ?? [];
      return held.filter((child) => isNamed(child, member)).map(({ text }) => text.trim());
    },
  };
}

export function isNamed({ name }: XmlElement, wanted: string): boolean {
  return name.replace(/^.*:/, '').toLowerCase() === wanted.toLowerCase();
}

/** @throws FinesseRefusal 400 where the field is missing */
export function needed(fields: RequestFields, name: string): string {
  const text = fields.text(name);
  if (text === null) throw new FinesseRefusal(400, 'Parameter Missing', 'PARAMETER_MISSING', name);
  return text;
}
