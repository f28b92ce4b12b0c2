import type { ContentStores } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import type { Screen } from '../screen.ts';
import { brandingCommands } from './branding-commands.ts';
import { type CommandCall, type CommandTable, done, failed } from './command.ts';
import { panelCommands } from './panel-commands.ts';

/** What people see and press: messages, panels and branding. */
export function screenCommands({
  core,
  screen,
  content,
}: {
  core: DeviceCore;
  screen: Screen;
  content: ContentStores;
}): CommandTable {
  return { ...messageCommands(screen), ...panelCommands(core, content), ...brandingCommands(core, content) };
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
