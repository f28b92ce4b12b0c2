import { XmlError } from './element.ts';

/** What is written; an `XmlElement` fits. An element has either text or children. */
export interface XmlNode {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly XmlNode[];
  readonly text?: string;
}

/**
 * The document as text, without a declaration and without white space of its own.
 * @throws XmlError `xml-unwritable` where a text or a name is none that XML 1.0 can carry
 */
export function writeXml(node: XmlNode): string {
  if (!NAME.test(node.name)) throw new XmlError('xml-unwritable', `"${node.name}" is no element name`);
  const attributes = Object.entries(node.attributes ?? {}).map(
    ([name, value]) => ` ${attributeName(name)}="${escapeAttribute(value)}"`,
  );
  const inside = escapeText(node.text ?? '') + (node.children ?? []).map(writeXml).join('');
  const start = `<${node.name}${attributes.join('')}`;
  return inside === '' ? `${start}/>` : `${start}>${inside}</${node.name}>`;
}

/** Why a text cannot be written, as a clause for a message; null where it can. */
export function unwritable(text: string): string | null {
  const found = FORBIDDEN.exec(text)?.[0];
  if (found === undefined) return null;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `it contains the character U+${code}, which XML cannot carry`;
}

/** With a prefix or without (Namespaces in XML 1.0, section 4). */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/;

/** C0 controls but tab, line feed and carriage return; lone surrogates; the two non-characters. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- refusing these is what it is for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function attributeName(name: string): string {
  if (!NAME.test(name)) throw new XmlError('xml-unwritable', `"${name}" is no attribute name`);
  return name;
}

/** A carriage return is written as a reference, because a parser turns a bare one into a line feed. */
function escapeText(text: string): string {
  refuse(text);
  return text.replace(/[&<>\r]/g, (char) => ESCAPES[char] ?? char);
}

function escapeAttribute(text: string): string {
  refuse(text);
  return text.replace(/[&<>"\t\n\r]/g, (char) => ESCAPES[char] ?? char);
}

function refuse(text: string): void {
  const why = unwritable(text);
  if (why !== null) throw new XmlError('xml-unwritable', `a text cannot be written: ${why}`);
}
