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

/** Macros on the device; while `Macros Mode` is Off, its default (SC), each command is refused or nothing runs, as the settings say. */
export function macroCommands(core: DeviceCore, content: ContentStores): CommandTable {
  const commands: CommandTable = { ...keepingCommands(core, content), ...runtimeCommands(content) };
  const whileOn =
    (run: CommandHandler): CommandHandler =>
    (call) =>
      content.macrosAreOff && !core.settings.macrosReadableWhileOff
        ? failed('Macros are disabled')
        : run(call);
  return Object.fromEntries(Object.entries(commands).map(([path, run]) => [path, whileOn(run)]));
}

function keepingCommands(core: DeviceCore, content: ContentStores): CommandTable {
  return {
    'Macros/Macro/Save': (call) => save(core, content, call),
    'Macros/Macro/Get': (call) => get(content, call),
    'Macros/Macro/Activate': (call) => withMacro(content, call, (macro) => activate(content, macro, true)),
    'Macros/Macro/Deactivate': (call) => withMacro(content, call, (macro) => activate(content, macro, false)),
    'Macros/Macro/Remove': (call) => withMacro(content, call, (macro) => remove(content, macro)),
    'Macros/Macro/RemoveAll': () => {
      for (const macro of content.macros.values()) remove(content, macro);
      return done;
    },
    'Macros/Macro/Rename': (call) => withMacro(content, call, (macro) => rename(content, macro, call)),
  };
}

function runtimeCommands(content: ContentStores): CommandTable {
  return {
    'Macros/Runtime/Restart': () => {
      content.restartMacros();
      return done;
    },
    'Macros/Runtime/Start': () => {
      content.restartMacros();
      return done;
    },
    'Macros/Runtime/Stop': () => {
      content.stopMacros();
      return done;
    },
    'Macros/Runtime/Status': () => {
      const active = [...content.macros.values()].filter((macro) => macro.active).length;
      return answer({ ActiveMacros: active, Running: content.macrosAreOff ? 'False' : 'True' });
    },
    'Macros/Log/Get': ({ args }) =>
      answer({
        Log: content.macroLog
          .filter(({ offset }) => offset > args.number('Offset', 0))
          .map(({ offset, timestamp, level, macro, message }, at) => ({
            Level: level,
            Macro: macro,
            Message: message,
            Offset: offset,
            Timestamp: timestamp,
            id: at + 1,
          })),
      }),
    'Macros/Log/Clear': () => {
      content.macroLog.length = 0;
      return done;
    },
  };
}

function save(core: DeviceCore, content: ContentStores, { args, body }: CommandCall): CommandOutcome {
  const name = args.text('Name');
  const present = content.macros.get(name);
  if (present !== undefined && args.text('Overwrite', 'True') === 'False')
    return failed('Macro already exists');
  if (Buffer.byteLength(body) > core.settings.largestMacroBytes) return failed('Macro is too large');
  content.macros.set(name, { name, source: body, active: present?.active ?? false });
  core.event('Macros.Macro.Saved', { Name: name });
  content.macroChanged(name);
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

function activate(content: ContentStores, macro: DeviceMacro, active: boolean): CommandOutcome {
  macro.active = active;
  content.macroChanged(macro.name);
  return done;
}

function remove(content: ContentStores, { name }: DeviceMacro): CommandOutcome {
  content.macros.delete(name);
  content.macroChanged(name);
  return done;
}

function rename(content: ContentStores, macro: DeviceMacro, { args }: CommandCall): CommandOutcome {
  const name = args.text('NewName');
  if (content.macros.has(name) && args.text('Overwrite', 'False') === 'False')
    return failed('Macro already exists');
  remove(content, macro);
  content.macros.set(name, { ...macro, name });
  content.macroChanged(name);
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
