import type { Command } from 'commander';
import type { Action } from '../../actions/action.ts';
import {
  callFromDevice,
  hangUp,
  muteDevice,
  rebootDevice,
  releaseRoom,
  showMessage,
  sleepDevice,
  wakeDevice,
} from '../../actions/by-hand.ts';
import type { ShownRun } from '../../actions/macros.ts';
import { requireSomebodyToAsk } from '../campaign-command.ts';
import { type AddCommand, type Finish, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { showRun } from '../run-text.ts';
import { refuseBeside, withVerbs } from '../verbs.ts';

interface RoomOptions {
  readonly yes?: boolean;
  readonly seconds?: string;
  readonly whenInUse?: boolean;
}

interface RoomVerb<Input> {
  /** As it is typed: `call <device> <number>`. */
  readonly form: string;
  readonly description: string;
  readonly action: Action<Input, ShownRun>;
  readonly input: (words: readonly string[], options: RoomOptions) => Partial<Input>;
  /** What is asked before it is done. */
  readonly question: (words: readonly string[]) => string;
  readonly more?: (command: Command) => Command;
}

export const roomCommand: AddCommand = (program, context, finish) => {
  const room = program
    .command('room')
    .description('have one room do something now: call, hang up, mute, show a message, sleep, wake, …')
    .addHelpText(
      'after',
      '\nFor example: roomd room message boardroom-1 "Fire drill at 10" --seconds 120\nThe daemon does it, under every guard that macros are under: holds, rooms in use, calls.allow. Each is on record: roomd macro runs.\nIt asks first on a terminal; elsewhere give --yes. In mode observe nothing is done, only told. Exit code 1 where it was not done.',
    );
  const add = <Input>(verb: RoomVerb<Input>): void => addVerb(room, verb, context, finish);
  add({
    form: 'call <device> <number>',
    description: 'call from the device: countdown on its screen, muted, only whom calls.allow names',
    action: callFromDevice,
    input: ([name = '', number = '']) => ({ name, number }),
    question: ([name, number]) => `Call ${number} from ${name}?`,
  });
  add({
    form: 'hang-up <device>',
    description: 'end every call of the device',
    action: hangUp,
    input: onOne,
    question: ([name]) => `End every call of ${name}?`,
  });
  add({
    form: 'mute <device>',
    description: 'mute its microphones; only people in the room open them again',
    action: muteDevice,
    input: onOne,
    question: ([name]) => `Mute the microphones of ${name}?`,
  });
  add({
    form: 'message <device> <text>',
    description: 'show a text on the screen for a while',
    action: showMessage,
    input: ([name = '', text = ''], { seconds }) => ({
      name,
      text,
      ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    }),
    question: ([name, text]) => `Show "${text}" on ${name}?`,
    more: (command) => command.option('--seconds <number>', 'how long it stays, 5 to 3600 (60)'),
  });
  add({
    form: 'standby <device>',
    description: 'put the device to sleep',
    action: sleepDevice,
    input: onOne,
    question: ([name]) => `Put ${name} to sleep?`,
  });
  add({
    form: 'wake <device>',
    description: 'wake the device',
    action: wakeDevice,
    input: onOne,
    question: ([name]) => `Wake ${name}?`,
  });
  add({
    form: 'release <device>',
    description: 'decline the booking that runs, where the room is surely empty',
    action: releaseRoom,
    input: onOne,
    question: ([name]) => `Decline the booking that runs in ${name}?`,
  });
  add({
    form: 'reboot <device>',
    description: 'restart the device where its room is free, and wait until it is back',
    action: rebootDevice,
    input: ([name = ''], { whenInUse = false }) => ({ name, whenInUse }),
    question: ([name]) => `Restart ${name}?`,
    more: (command) =>
      command.option('--when-in-use', 'also where somebody uses the room, or nobody knows whether'),
  });
};

function onOne([name = '']: readonly string[]): { name: string } {
  return { name };
}

function addVerb<Input>(
  room: Command,
  { form, description, action, input, question, more }: RoomVerb<Input>,
  context: CliContext,
  finish: Finish,
): void {
  const command = room.command(form).description(description);
  (more?.(command) ?? command).option('-y, --yes', 'do not ask; needed where there is no terminal').action(
    handler<RoomOptions>(finish, (options, words) =>
      withVerbs(options, context, async (verbs) => {
        refuseBeside(action, verbs.otherFile);
        if (!verbs.isDaemon)
          throw new ExitError(EXIT.failed, 'no daemon runs on this database, and rooms act by it: roomd run');
        if (!(await isWanted(question(words), options, context))) return EXIT.pending;
        const run = await verbs.perform(action, input(words, options));
        showRun(run, options, context.terminal);
        return run.state === 'succeeded' ? EXIT.ok : EXIT.failed;
      }),
    ),
  );
}

async function isWanted(
  question: string,
  options: GlobalOptions & RoomOptions,
  { terminal, signal }: CliContext,
): Promise<boolean> {
  if (options.yes) return true;
  requireSomebodyToAsk(options, terminal, 'give --yes once you are sure');
  if (await terminal.confirm(question, signal)) return true;
  terminal.out('Nothing was done.');
  return false;
}
