import {
  abortRotation,
  pauseRotation,
  previewRotation,
  resumeRotation,
  rotationStatus,
  type ShownRotation,
  startRotation,
} from '../../actions/rotation.ts';
import {
  addReasonedWord,
  addStatus,
  addWord,
  type LineOptions,
  parallelIn,
  print,
  requireSomebodyToAsk,
  standText,
} from '../campaign-command.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { ringLines } from '../ring-lines.ts';
import { count } from '../terminal.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

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
  const adding = { command: rotate, context, finish, linesOf };
  addStatus(
    adding,
    'the last rotation: every device, and what to do next; exit 3 while it is under way',
    rotationStatus,
  );
  addReasonedWord(adding, 'pause', 'let no further device begin', pauseRotation);
  addWord(adding, 'resume', 'go on with a paused one', resumeRotation);
  addReasonedWord(adding, 'abort', 'end it; each device keeps the passphrase that it accepts', abortRotation);
};

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
    ...parallelIn(options),
  };
  if (options.yes) {
    print(await verbs.perform(startRotation, input), { context, linesOf }, options);
    return EXIT.ok;
  }
  requireSomebodyToAsk(options, terminal, 'give --yes');
  const planned = await verbs.perform(previewRotation, input);
  for (const line of previewLines(planned)) terminal.out(line);
  if (!(await terminal.confirm('Change the passphrase, the probe first?', context.signal))) {
    terminal.out('Nothing was changed.');
    return EXIT.pending;
  }
  const probe = planned.rings[0]?.devices[0]?.name ?? null;
  print(await verbs.perform(startRotation, { ...input, probe }), { context, linesOf }, options);
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

function linesOf(shown: ShownRotation, { all }: LineOptions): string[] {
  const { id, credential, paused, waitsFor, advice, rings } = shown;
  return [
    `Rotation ${id} of credentials.${credential}: ${standText(shown)}`,
    ...(waitsFor === null || paused ? [] : [`  ${waitsFor}`]),
    ...ringLines(rings, { all }),
    ...(advice === null ? [] : ['', `To do: ${advice}.`]),
  ];
}
