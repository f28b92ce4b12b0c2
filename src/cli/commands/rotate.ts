import type { Command } from 'commander';
import type { Action } from '../../actions/action.ts';
import {
  abortRotation,
  pauseRotation,
  previewRotation,
  resumeRotation,
  rotationStatus,
  type ShownRotation,
  startRotation,
} from '../../actions/rotation.ts';
import { type AddCommand, type Finish, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { ringLines } from '../ring-lines.ts';
import { count } from '../terminal.ts';
import { refuseBeside, type Verbs, withRecord, withVerbs } from '../verbs.ts';

interface StartOptions {
  readonly credential?: string;
  readonly devices?: string;
  readonly probe?: string;
  readonly parallel?: string;
  readonly yes?: boolean;
}

export const rotateCommand: AddCommand = (program, context, finish) => {
  const rotate = program
    .command('rotate')
    .description("change the passphrase of roomd's account on the devices: set, proven, only then retired")
    .addHelpText(
      'after',
      '\nThe file names the new passphrase as next beside password. A running daemon does the work, also after a restart; docs/operations.md has the recipe.',
    );
  rotate
    .command('start')
    .description('show what would be done, ask, and begin with one probe')
    .option('--credential <name>', 'the entry under credentials; needed where several have next')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('--probe <device>', 'the device that comes first; the first that answers without it')
    .option('--parallel <number>', 'devices that are in hand at the same time (16)')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .action(
      handler<StartOptions>(finish, (options) =>
        withVerbs(options, context, (verbs) => start(verbs, options, context)),
      ),
    );
  rotate
    .command('status [id]')
    .description('the last rotation: every device, and what to do next; exit 3 while it is under way')
    .option('--all', 'a line for every device, however many there are')
    .action(
      handler<{ all?: boolean }>(finish, (options, [id]) =>
        withRecord(options, context, async (verbs) =>
          print(await verbs.perform(rotationStatus, { id: id ?? null }), options, context),
        ),
      ),
    );
  const add = { rotate, context, finish };
  addVerb(add, 'pause', 'let no further device begin', pauseRotation);
  addVerb(add, 'resume', 'go on with a paused one', resumeRotation);
  addVerb(add, 'abort', 'end it; each device keeps the passphrase that it accepts', abortRotation);
};

function addVerb<Input extends object>(
  { rotate, context, finish }: { rotate: Command; context: CliContext; finish: Finish },
  name: string,
  description: string,
  action: Action<Input, ShownRotation>,
): void {
  const takesReason = name !== 'resume';
  const command = rotate.command(name).description(description);
  if (takesReason) command.option('--reason <text>', 'what people read who wonder why');
  command.action(
    handler<{ reason?: string }>(finish, (options) =>
      withVerbs(options, context, async (verbs) => {
        const input = (takesReason ? { reason: options.reason ?? null } : {}) as Partial<Input>;
        print(await verbs.perform(action, input), options, context);
        return EXIT.ok;
      }),
    ),
  );
}

async function start(
  verbs: Verbs,
  options: GlobalOptions & StartOptions,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  refuseBeside(startRotation, verbs.otherFile);
  const input = {
    credential: options.credential ?? null,
    devices: options.devices ?? null,
    probe: options.probe ?? null,
    ...(options.parallel === undefined ? {} : { parallel: Number(options.parallel) }),
  };
  if (options.yes) {
    print(await verbs.perform(startRotation, input), options, context);
    return EXIT.ok;
  }
  if (options.json || !terminal.isInteractive)
    throw new ExitError(EXIT.usage, 'nobody can be asked here: give --yes');
  const planned = await verbs.perform(previewRotation, input);
  for (const line of previewLines(planned)) terminal.out(line);
  if (!(await terminal.confirm('Change the passphrase, the probe first?', context.signal))) {
    terminal.out('Nothing was changed.');
    return EXIT.pending;
  }
  const probe = planned.rings[0]?.devices[0]?.name ?? null;
  print(await verbs.perform(startRotation, { ...input, probe }), options, context);
  return EXIT.ok;
}

function previewLines({ credential, username, rings }: ShownRotation): string[] {
  return [
    `The passphrase of ${username ?? 'the account'} (credentials.${credential}) becomes next:`,
    ...rings.map(({ name, devices }) => {
      const [first] = devices;
      const who = devices.length === 1 && first !== undefined ? first.name : count(devices.length, 'device');
      return `  ${name}: ${who}`;
    }),
  ];
}

function print(
  shown: ShownRotation,
  { json, all = false }: GlobalOptions & { all?: boolean },
  { terminal }: CliContext,
): number {
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of linesOf(shown, all)) terminal.out(line);
  const failed = shown.rings.some(({ devices }) => devices.some(({ state }) => state === 'failed'));
  if (shown.state === 'done') return failed ? EXIT.failed : EXIT.ok;
  return shown.state === 'stopped' || shown.state === 'aborted' ? EXIT.failed : EXIT.pending;
}

function linesOf(shown: ShownRotation, all: boolean): string[] {
  const { id, credential, state, paused, reason, waitsFor, advice, rings } = shown;
  const why = reason === null ? '' : ` (${reason})`;
  return [
    `Rotation ${id} of credentials.${credential}: ${paused ? 'paused' : state}${why}`,
    ...(waitsFor === null || paused ? [] : [`  ${waitsFor}`]),
    ...ringLines(rings, { all }),
    ...(advice === null ? [] : ['', `To do: ${advice}.`]),
  ];
}
