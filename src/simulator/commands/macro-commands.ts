import type { ContentStores, DeviceMacro } from '../content-stores.ts';
import type { DeviceCore } from '../device-core.ts';
import {
  answer,
  type CommandCall,
  type CommandHandler,
  type CommandOutcome,
  type CommandTable,
  done,
  failed,
} from './command.ts';

/** Macros on the device; each command is refused while `Macros Mode` is Off, its default (SC). */
export function macroCommands(core: DeviceCore, content: ContentStores): CommandTable {
  const commands: CommandTable = {
    'Macros/Macro/Save': (call) => save(content, call),
    'Macros/Macro/Get': (call) => get(content, call),
    'Macros/Macro/Activate': (call) => withMacro(content, call, (macro) => activate(macro, true)),
    'Macros/Macro/Deactivate': (call) => withMacro(content, call, (macro) => activate(macro, false)),
    'Macros/Macro/Remove': (call) =>
      withMacro(content, call, ({ name }) => {
        content.macros.delete(name);
        return done;
      }),
    'Macros/Macro/RemoveAll': () => {
      content.macros.clear();
      return done;
    },
    'Macros/Runtime/Restart': () => {
      content.restartMacros();
      return done;
    },
    'Macros/Runtime/Status': () => {
      const active = [...content.macros.values()].filter((macro) => macro.active).length;
      return answer({ ActiveMacros: active, Running: 'True' });
    },
  };
  const whileOn =
    (run: CommandHandler): CommandHandler =>
    (call) =>
      core.configuration.get('Macros.Mode') === 'Off' ? failed('Macros are disabled') : run(call);
  return Object.fromEntries(Object.entries(commands).map(([path, run]) => [path, whileOn(run)]));
}

function save(content: ContentStores, { args, body }: CommandCall): CommandOutcome {
  const name = args.text('Name');
  const present = content.macros.get(name);
  if (present !== undefined && args.text('Overwrite', 'True') === 'False')
    return failed('Macro already exists');
  content.macros.set(name, { name, source: body, active: present?.active ?? false });
  return answer({ Name: name });
}

function get(content: ContentStores, { args }: CommandCall): CommandOutcome {
  const wanted = args.text('Name');
  const withContent = args.text('Content', 'False') === 'True';
  const macros = [...content.macros.values()].filter(({ name }) => wanted === '' || name === wanted);
  if (wanted !== '' && macros.length === 0) return failed('No such macro');
  return answer({
    Macro: macros.map(({ name, source, active }, at) => ({
      Active: active ? 'True' : 'False',
      ...(withContent ? { Content: source } : {}),
      Name: name,
      id: at + 1,
    })),
  });
}

function activate(macro: DeviceMacro, active: boolean): CommandOutcome {
  macro.active = active;
  return done;
}

function withMacro(
  content: ContentStores,
  { args }: CommandCall,
  act: (macro: DeviceMacro) => CommandOutcome,
): CommandOutcome {
  const macro = content.macros.get(args.text('Name'));
  return macro === undefined ? failed('No such macro') : act(macro);
}
