import { childOf, type XmlElement, XmlError } from '../../lib/xml/element.ts';
import { readXml } from '../../lib/xml/reader.ts';
import { utf8Text } from '../file/fleet-files.ts';
import { Wrong } from '../forms.ts';

/** xCommand UserInterface Extensions Panel Save takes a PanelId of 1 to 255 bytes. */
const LONGEST_ID = 255;

/** A UI extension as a device exports it: `<Extensions>` with exactly one `<Panel>`, which has a PanelId. */
export function readPanel(bytes: Uint8Array): { id: string; xml: string } | Wrong {
  const xml = textOf(bytes);
  if (xml instanceof Wrong) return xml;
  const root = rootOf(xml);
  if (root instanceof Wrong) return root;
  if (root.name !== 'Extensions')
    return new Wrong(
      `begins with <${root.name}>, and <Extensions> is expected; export the panel from a device or the UI Extensions Editor.`,
    );
  const panels = root.children.filter(({ name }) => name === 'Panel');
  const [panel] = panels;
  if (panel === undefined || panels.length > 1)
    return new Wrong(
      `holds ${panels.length} panels, and exactly one is expected; give each panel a file of its own.`,
    );
  const id = childOf(panel, 'PanelId')?.text.trim() ?? '';
  if (id === '')
    return new Wrong(
      'has no <PanelId> in its <Panel>, so the device could not tell it from others; write one.',
    );
  const length = Buffer.byteLength(id);
  if (length > LONGEST_ID)
    return new Wrong(`has a <PanelId> of ${length} bytes; a device takes ${LONGEST_ID}.`);
  return { id, xml };
}

function textOf(bytes: Uint8Array): string | Wrong {
  try {
    return utf8Text(bytes);
  } catch {
    return new Wrong('is not UTF-8 text; save it as UTF-8.');
  }
}

function rootOf(xml: string): XmlElement | Wrong {
  try {
    const { root, strippedControls } = readXml(xml);
    if (strippedControls === 0) return root;
    return new Wrong('holds control characters, which XML cannot carry; take them out.');
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const isMalformed = error.code === 'xml-malformed';
    return new Wrong(
      `${isMalformed ? 'is not well-formed' : 'is refused'}: ${error.message}. Mend it, or export it from a device anew.`,
    );
  }
}
