import type { ContentStores, Panel } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { JsonTree } from '../node-tree.ts';
import { readXml, type XmlElement, XmlSyntaxError } from '../xml-reader.ts';
import { escapeXml } from '../xml-writer.ts';
import { answer, type CommandOutcome, type CommandTable, done, failed } from './command.ts';

const VERSION = '1.11';

/** UI extensions: panels that are saved, listed, exported and pressed. */
export function panelCommands(core: DeviceCore, content: ContentStores): CommandTable {
  return {
    'UserInterface/Extensions/Panel/Save': ({ args, body }) =>
      savePanel(core, content, args.text('PanelId'), body),
    'UserInterface/Extensions/Panel/Remove': ({ args }) =>
      content.removePanel(args.text('PanelId')) ? done : failed('Panel not found'),
    'UserInterface/Extensions/Panel/Clicked': ({ args }) =>
      content.clickPanel(args.text('PanelId')) ? done : failed('Panel not found'),
    'UserInterface/Extensions/Panel/Open': ({ args }) =>
      content.open(args.text('PanelId'), args.text('PageId')) ? done : failed('Panel not found'),
    'UserInterface/Extensions/Panel/Close': () => {
      content.close();
      return done;
    },
    'UserInterface/Extensions/Widget/SetValue': ({ args }) => {
      const id = args.text('WidgetId');
      if (![...content.panels.values()].some(({ xml }) => holdsWidget(readXml(xml), id)))
        return failed('Widget not found');
      content.showWidget(id, args.text('Value'));
      return done;
    },
    'UserInterface/Extensions/List': ({ args }) => {
      const type = args.text('ActivityType');
      const panels = [...content.panels.values()].filter(
        ({ fields }) => type === '' || (fields['ActivityType'] ?? 'Custom') === type,
      );
      return answer({
        Extensions: {
          Panel: panels.map(({ id, fields }, at) => ({ ...fields, PanelId: id, id: at + 1 })),
          Version: VERSION,
        },
      });
    },
    'UserInterface/Extensions/Export': () => exported(core, content),
    'UserInterface/Extensions/Set': ({ body }) => setAll(core, content, body),
    'UserInterface/Extensions/Clear': ({ args }) => {
      const type = args.text('ActivityType');
      for (const { id, fields } of content.panels.values())
        if (type === '' || (fields['ActivityType'] ?? 'Custom') === type) content.removePanel(id);
      return done;
    },
  };
}

/** The answers for a body that is not XML and for another number of panels than one are the devices' (JM). */
function savePanel(core: DeviceCore, content: ContentStores, id: string, body: string): CommandOutcome {
  const panels = panelsIn(body);
  if (panels === null) return failed('Failed to parse xml');
  const [panel] = panels;
  if (panel === undefined || panels.length > 1)
    return failed(`Expected a single Panel, got ${panels.length}`);
  if (Buffer.byteLength(body) > core.settings.largestPanelBytes) return failed('Panel is too large');
  content.savePanel({ id, xml: body, fields: simpleFields(panel) });
  return done;
}

/** `Extensions Set` replaces everything by what the document holds. */
function setAll(core: DeviceCore, content: ContentStores, body: string): CommandOutcome {
  const panels = panelsIn(body);
  if (panels === null) return failed('Failed to parse xml');
  if (Buffer.byteLength(body) > core.settings.largestPanelBytes) return failed('Panel is too large');
  for (const id of content.panels.keys()) content.removePanel(id);
  panels.forEach((panel, at) => {
    const id = panel.children.find(({ name }) => name === 'PanelId')?.text ?? `panel_${at + 1}`;
    content.savePanel({
      id,
      xml: `<Extensions>${xmlOf(panel)}</Extensions>`,
      fields: simpleFields(panel),
    });
  });
  return done;
}

function holdsWidget({ name, text, children }: XmlElement, id: string): boolean {
  return (name === 'WidgetId' && text === id) || children.some((child) => holdsWidget(child, id));
}

function panelsIn(body: string): XmlElement[] | null {
  try {
    return readXml(body).children.filter(({ name }) => name === 'Panel');
  } catch (error) {
    if (error instanceof XmlSyntaxError) return null;
    throw error;
  }
}

/** The panel's own texts: Name, Icon, Location, Order, ActivityType and their like. */
function simpleFields(panel: XmlElement): Record<string, string> {
  const fields: Record<string, string> = { ActivityType: 'Custom' };
  for (const child of panel.children.toSorted(byName))
    if (child.children.length === 0 && child.name !== 'PanelId') fields[child.name] = child.text;
  return fields;
}

function exported({ settings }: DeviceCore, content: ContentStores): CommandOutcome {
  const shape = settings.exportedPanels === 'completed' ? completed : asSaved;
  const panels = [...content.panels.values()].map((panel, at) => shape(panel, at + 1));
  if (settings.extensionsExport === 'text')
    return answer({
      Data: `<Extensions>\n<Version>${VERSION}</Version>\n${panels.map(xmlOf).join('\n')}\n</Extensions>`,
    });
  return answer({
    Extensions: {
      Panel: panels.map((panel, at) => ({ ...objectOf(panel), id: at + 1 })),
      Version: VERSION,
    },
  });
}

function asSaved(panel: Panel): XmlElement {
  const element = panelsIn(panel.xml)?.[0] ?? leaf('Panel', '');
  const others = element.children.filter(({ name }) => name !== 'PanelId');
  return { ...element, children: [leaf('PanelId', panel.id), ...others] };
}

/** With what the device adds, `Type` turned into `Location`, and names in alphabetical order. */
function completed(panel: Panel, order: number): XmlElement {
  const element = asSaved(panel);
  const has = (name: string): boolean => element.children.some((child) => child.name === name);
  const added = [
    ...(has('ActivityType') ? [] : [leaf('ActivityType', 'Custom')]),
    ...(has('Location') ? [] : [leaf('Location', 'HomeScreen')]),
    ...(has('Order') ? [] : [leaf('Order', String(order))]),
    ...(has('Origin') ? [] : [leaf('Origin', 'local')]),
  ];
  const kept = element.children.filter(({ name }) => name !== 'Type');
  return inOrder({ ...element, children: [...kept, ...added] });
}

function inOrder(element: XmlElement): XmlElement {
  return { ...element, children: element.children.map(inOrder).toSorted(byName) };
}

function byName(a: XmlElement, b: XmlElement): number {
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}

function leaf(name: string, text: string): XmlElement {
  return { name, attributes: {}, children: [], text };
}

function xmlOf({ name, children, text }: XmlElement): string {
  const inner = children.length > 0 ? children.map(xmlOf).join('') : escapeXml(text);
  return `<${name}>${inner}</${name}>`;
}

/** Elements as the result of a command: one of a name is an object, several are a list with ids. */
function objectOf(element: XmlElement): { [name: string]: JsonTree } {
  const result: { [name: string]: JsonTree } = {};
  for (const name of new Set(element.children.map((child) => child.name))) {
    const same = element.children.filter((child) => child.name === name);
    const [only] = same;
    if (only !== undefined && same.length === 1) result[name] = valueOf(only);
    else if (same.some(({ children }) => children.length > 0))
      result[name] = same.map((child, at) => ({ ...objectOf(child), id: at + 1 }));
    else result[name] = same.map(({ text }) => text);
  }
  return result;
}

function valueOf(element: XmlElement): JsonTree {
  return element.children.length > 0 ? objectOf(element) : element.text;
}
