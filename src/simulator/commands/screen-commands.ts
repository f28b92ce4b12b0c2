import type { ContentStores, Panel } from '../content-stores.ts';
import type { Screen } from '../screen.ts';
import { readXml, type XmlElement, XmlSyntaxError } from '../xml-reader.ts';
import { answer, type CommandCall, type CommandOutcome, type CommandTable, done, failed } from './command.ts';

/** What people see and press: messages, panels and branding. */
export function screenCommands({
  screen,
  content,
}: {
  screen: Screen;
  content: ContentStores;
}): CommandTable {
  return { ...messageCommands(screen), ...panelCommands(content), ...brandingCommands(content) };
}

function messageCommands(screen: Screen): CommandTable {
  return {
    'UserInterface/Message/Alert/Display': (call) => {
      screen.show({ kind: 'alert', ...textsOf(call) });
      return done;
    },
    'UserInterface/Message/Alert/Clear': () => {
      screen.clear('alert');
      return done;
    },
    'UserInterface/Message/TextLine/Display': (call) => {
      screen.show({ kind: 'text-line', ...textsOf(call) });
      return done;
    },
    'UserInterface/Message/TextLine/Clear': () => {
      screen.clear('text-line');
      return done;
    },
    'UserInterface/Message/Prompt/Display': (call) => {
      const options = [1, 2, 3, 4, 5]
        .map((id) => ({ id, text: call.args.text(`Option.${id}`) }))
        .filter(({ text }) => text !== '');
      screen.show({ kind: 'prompt', ...textsOf(call), options, feedbackId: call.args.text('FeedbackId') });
      return done;
    },
    'UserInterface/Message/Prompt/Clear': ({ args }) => {
      screen.clear('prompt', args.text('FeedbackId'));
      return done;
    },
    'UserInterface/Message/Prompt/Response': ({ args }) =>
      screen.respond(args.number('OptionId', 0)) ? done : failed('No such prompt'),
  };
}

function textsOf({ args }: CommandCall): { title: string; text: string; durationSeconds: number } {
  return { title: args.text('Title'), text: args.text('Text'), durationSeconds: args.number('Duration', 0) };
}

function panelCommands(content: ContentStores): CommandTable {
  return {
    'UserInterface/Extensions/Panel/Save': ({ args, body }) => savePanel(content, args.text('PanelId'), body),
    'UserInterface/Extensions/Panel/Remove': ({ args }) =>
      content.removePanel(args.text('PanelId')) ? done : failed('Panel not found'),
    'UserInterface/Extensions/Panel/Clicked': ({ args }) =>
      content.clickPanel(args.text('PanelId')) ? done : failed('Panel not found'),
    'UserInterface/Extensions/List': ({ args }) => {
      const type = args.text('ActivityType');
      const panels = [...content.panels.values()].filter(
        ({ fields }) => type === '' || (fields['ActivityType'] ?? 'Custom') === type,
      );
      return answer({
        Extensions: {
          Panel: panels.map(({ id, fields }, at) => ({ ...fields, PanelId: id, id: at + 1 })),
          Version: '1.11',
        },
      });
    },
    'UserInterface/Extensions/Clear': () => {
      for (const id of content.panels.keys()) content.removePanel(id);
      return done;
    },
  };
}

/** The answers for a body that is not XML and for another number of panels than one are the devices' (JM). */
function savePanel(content: ContentStores, id: string, body: string): CommandOutcome {
  let root: XmlElement;
  try {
    root = readXml(body);
  } catch (error) {
    if (error instanceof XmlSyntaxError) return failed('Failed to parse xml');
    throw error;
  }
  const panels = root.children.filter(({ name }) => name === 'Panel');
  const [panel] = panels;
  if (panel === undefined || panels.length > 1)
    return failed(`Expected a single Panel, got ${panels.length}`);
  const saved: Panel = { id, xml: body, fields: simpleFields(panel) };
  content.savePanel(saved);
  return done;
}

/** The panel's own texts: Name, Icon, Location, Order, ActivityType and their like. */
function simpleFields(panel: XmlElement): Record<string, string> {
  const fields: Record<string, string> = { ActivityType: 'Custom' };
  for (const child of panel.children.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    if (child.children.length === 0 && child.name !== 'PanelId') fields[child.name] = child.text;
  return fields;
}

function brandingCommands(content: ContentStores): CommandTable {
  return {
    'UserInterface/Branding/Upload': ({ args, body }) => {
      if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) return failed('Invalid image');
      content.branding.set(args.text('Type'), body.trim());
      return done;
    },
    'UserInterface/Branding/Get': ({ args }) => {
      const image = content.branding.get(args.text('Type'));
      return image === undefined ? failed('No image') : answer({ Image: image, Type: args.text('Type') });
    },
    'UserInterface/Branding/Delete': ({ args }) => {
      content.branding.delete(args.text('Type'));
      return done;
    },
    'UserInterface/Branding/Clear': () => {
      content.branding.clear();
      return done;
    },
  };
}
