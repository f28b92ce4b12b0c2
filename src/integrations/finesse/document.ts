import { messageOf } from '../../lib/errors.ts';
import type { XmlElement } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import type { XmlNode } from '../../lib/xml/writer.ts';
import { FinesseError } from './errors.ts';

/*
 * Finesse writes the same element as `User` and `user`, `ReasonCode` and
 * `reasonCode`, in no settled order (cloud facts 2.3). So names are compared
 * without case and without a prefix, and nothing goes by position.
 */

/**
 * The root of an answer, which must bear this name.
 * @throws FinesseError `malformed`
 */
export function readAnswer(body: Buffer, root: string, what: string): XmlElement {
  let found: XmlElement;
  try {
    found = readXml(body.toString('utf8')).root;
  } catch (error) {
    throw malformed(what, `its answer cannot be read (${messageOf(error)})`, error);
  }
  if (localName(found) === root.toLowerCase()) return found;
  throw malformed(what, `its answer is a document <${found.name}>, not <${root}>`);
}

export function malformed(what: string, why: string, cause?: unknown): FinesseError {
  return new FinesseError(
    'malformed',
    `${what} was not answered as Finesse answers: ${why}. Check the address and the port (8445), and any proxy in between`,
    { cause },
  );
}

/** The first child of that name. */
export function childNamed(parent: XmlElement, name: string): XmlElement | null {
  return childrenNamed(parent, name)[0] ?? null;
}

export function childrenNamed(parent: XmlElement | null, name: string): XmlElement[] {
  return (parent?.children ?? []).filter((child) => localName(child) === name.toLowerCase());
}

/** The text of the first child of that name; an empty one is none. */
export function textOf(parent: XmlElement, name: string): string | null {
  const text = childNamed(parent, name)?.text.trim() ?? '';
  return text === '' ? null : text;
}

/** A number that is not negative; Finesse writes -1 for none. */
export function numberOf(parent: XmlElement, name: string): number | null {
  const text = textOf(parent, name);
  const number = Number(text ?? -1);
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** A time such as 2026-01-05T09:00:00.123Z, in UTC milliseconds. Anything else is none: -1, too, which JavaScript takes for a year. */
export function timeOf(parent: XmlElement, name: string): number | null {
  const text = textOf(parent, name) ?? '';
  return ISO_TIME.test(text) ? Date.parse(text) : null;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

/** What stands behind the last slash of a uri such as /finesse/api/User/2001. */
export function idInUri(uri: string | null): string | null {
  return uri?.replace(/\/+$/, '').split('/').at(-1) ?? null;
}

/** An element of texts; those that are undefined are left out. */
export function fields(name: string, values: Readonly<Record<string, string | undefined>>): XmlNode {
  const children = Object.entries(values).flatMap(([field, text]) =>
    text === undefined ? [] : [{ name: field, text }],
  );
  return { name, children };
}

function localName({ name }: XmlElement): string {
  return name.slice(name.indexOf(':') + 1).toLowerCase();
}
