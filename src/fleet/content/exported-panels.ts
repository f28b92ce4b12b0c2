import { messageOf } from '../../lib/errors.ts';
import { childOf, type XmlElement } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import type { LeafMap } from '../../xapi/device.ts';
import { XapiError } from '../../xapi/errors.ts';
import { formatSegment, parsePath } from '../../xapi/path.ts';

/**
 * The panels in the answer of `Extensions Export`, by PanelId. Its shape is not
 * documented: a document as text under whatever name, or its elements as the
 * result itself; both are read.
 * @throws XapiError `rejected` where it is neither
 */
export function panelsIn(result: LeafMap): Map<string, XmlElement> {
  try {
    return panelsBelow(rootOf(result));
  } catch (error) {
    throw new XapiError('rejected', `what it exports cannot be read (${messageOf(error)})`, { cause: error });
  }
}

function rootOf(result: LeafMap): XmlElement {
  const text = [...result.values()].find((value) => /<(?:Extensions|Panel)[\s/>]/.test(value));
  return text === undefined ? elementOf(result) : readXml(text).root;
}

function panelsBelow(root: XmlElement): Map<string, XmlElement> {
  const found = [root, ...root.children].flatMap(({ children }) =>
    children.filter(({ name }) => name === 'Panel'),
  );
  return new Map(found.map((panel) => [childOf(panel, 'PanelId')?.text.trim() ?? '', panel]));
}

interface Growing extends XmlElement {
  readonly children: Growing[];
  text: string;
  readonly byName: Map<string, Growing>;
}

/** Leaves put back into elements; members of lists in the order of their ids. */
function elementOf(leaves: LeafMap): XmlElement {
  const root = grow('Result');
  for (const [path, text] of leaves) {
    let at = root;
    for (const segment of parsePath(path)) {
      const key = formatSegment(segment);
      const known = at.byName.get(key) ?? grow(segment.name);
      if (!at.byName.has(key)) at.children.push(known);
      at.byName.set(key, known);
      at = known;
    }
    at.text = text;
  }
  return root;
}

function grow(name: string): Growing {
  return { name, attributes: {}, children: [], text: '', byName: new Map() };
}
