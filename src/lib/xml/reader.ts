import { SaxesParser } from 'saxes';
import { XML_LIMITS, type XmlElement, XmlError, type XmlLimits } from './element.ts';

export interface XmlDocument {
  readonly root: XmlElement;
  /** How many control characters were taken out before parsing; devices put them into status values. */
  readonly strippedControls: number;
}

/**
 * Reads one document. White space before the declaration is forgiven and C0
 * controls are taken out (also as character references), since devices send
 * both; everything else must be well-formed.
 * @throws XmlError
 */
export function readXml(text: string, limits: XmlLimits = {}): XmlDocument {
  const { maxLength, maxDepth } = { ...XML_LIMITS, ...limits };
  if (text.length > maxLength)
    throw new XmlError('xml-too-large', `the document is longer than ${maxLength} characters`, { maxLength });
  const { clean, stripped } = withoutControls(text);
  const tree = new TreeBuilder(maxDepth);
  const parser = new SaxesParser({ position: true, xmlns: false });
  parser.on('error', (error) => {
    throw readError(error);
  });
  parser.on('doctype', () => {
    throw new XmlError('xml-forbidden', `line ${parser.line}: a DOCTYPE is not accepted`, {
      line: parser.line,
    });
  });
  parser.on('opentag', ({ name, attributes }) => tree.open(name, attributes));
  parser.on('text', (part) => tree.text(part));
  parser.on('cdata', (part) => tree.text(part));
  parser.on('closetag', () => tree.close());
  parser.write(clean).close();
  return { root: tree.root(), strippedControls: stripped };
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

class TreeBuilder {
  readonly #maxDepth: number;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | null = null;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#open.length >= this.#maxDepth)
      throw new XmlError('xml-too-deep', `elements are nested deeper than ${this.#maxDepth}`, {
        maxDepth: this.#maxDepth,
      });
    this.#open.push({ name, attributes, children: [], text: '' });
  }

  text(part: string): void {
    const top = this.#open.at(-1);
    if (top !== undefined) top.text += part;
  }

  close(): void {
    const done = this.#open.pop();
    if (done === undefined) return;
    if (done.children.length > 0) done.text = done.text.trim();
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = done;
    else parent.children.push(done);
  }

  root(): XmlElement {
    if (this.#root === null) throw new XmlError('xml-malformed', 'the document has no root element');
    return this.#root;
  }
}

const CONTROLS =
  // oxlint-disable-next-line no-control-regex -- taking these out is what it is for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|x0*(?:[0-8bcBC]|[eEfF]|1[0-9a-fA-F]));/g;

function withoutControls(text: string): { clean: string; stripped: number } {
  let stripped = 0;
  const clean = text.trimStart().replace(CONTROLS, () => {
    stripped += 1;
    return '';
  });
  return { clean, stripped };
}

/** The parser's message begins with `line:column: `. */
function readError(error: Error): XmlError {
  const match = /^(\d+):(\d+): (.*)$/s.exec(error.message);
  const message = match?.[3] ?? error.message;
  const place = { line: Number(match?.[1] ?? 0), column: Number(match?.[2] ?? 0) };
  return new XmlError(
    /entity/i.test(message) ? 'xml-forbidden' : 'xml-malformed',
    `line ${place.line}:${place.column}: ${message.replace(/\.$/, '')}`,
    place,
  );
}
