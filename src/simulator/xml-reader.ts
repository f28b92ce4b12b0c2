import { SaxesParser } from 'saxes';

/** An element of a document that a client sent. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const DEEPEST = 64;

/** Why a document was not read, as the device words it. */
export class XmlSyntaxError extends Error {}

/**
 * Reads a document; text that is not well-formed, is too deep or brings a
 * DOCTYPE is refused.
 * @throws XmlSyntaxError
 */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  const refuse = (why: string): never => {
    throw new XmlSyntaxError(`${why} (<string>, line ${parser.line})`);
  };
  parser.on('error', (error) => refuse(error.message.replace(/^\d+:\d+: /, '')));
  parser.on('doctype', () => refuse('DOCTYPE is not allowed'));
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: '' };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    if (open.push(element) > DEEPEST) refuse('Excessive depth in document');
  });
  const onText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  return root ?? refuse('Document is empty');
}
