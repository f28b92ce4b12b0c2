import { planRetire, type Retired, type RetirePlan, retire, undoRetire } from '../../actions/retire.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { deviceAppliedLines, devicePlanLines, exitCodeOfDevice } from '../one-device-text.ts';
import type { Terminal } from '../terminal.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

interface RetireOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly undo?: boolean;
}

export const retireCommand: AddCommand = (program, context, finish) => {
  program
    .command('retire <device>')
    .description('take off a device what roomd put there, prove it, and leave it alone from then on')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--force', 'take off also where the room is in use')
    .option('--undo', 'put a retired device back into service')
    .addHelpText(
      'after',
      '\nWhat goes: our feedback slot, and the panels, device macros, pictures and certificates that roomd itself put there. What others put there stays, and so do all settings.\nThen take the device out of the fleet file. While the file still names it, machines write nothing to it; `roomd apply -d DEVICE` or --undo takes it up again.\nExit code 0: all is off and proven; 1: it does not answer, or something was refused; 3: part of it waits, or you said no.',
    )
    .action(
      handler<RetireOptions>(finish, (options, [name = '']) =>
        withVerbs(options, context, (verbs) =>
          options.undo ? undo(verbs, name, options, context) : takeOff(verbs, name, options, context),
        ),
      ),
    );
};

async function undo(verbs: Verbs, name: string, { json }: GlobalOptions, { terminal }: CliContext) {
  const device = await verbs.perform(undoRetire, { name });
  if (json) terminal.out(JSON.stringify(device, null, 2));
  else
    terminal.out(
      `${name} is in service again. What was taken off comes back with roomd apply -d ${name}; in mode enforce the daemon puts back what was approved.`,
    );
  return EXIT.ok;
}

async function takeOff(
  verbs: Verbs,
  name: string,
  options: GlobalOptions & RetireOptions,
  { terminal, signal }: CliContext,
): Promise<number> {
  const { yes = false, force = false, json } = options;
  refuseBeside(retire, verbs.otherFile);
  if (!yes) {
    if (json) throw new ExitError(EXIT.usage, 'with --json nobody is asked: give --yes');
    if (!terminal.isInteractive)
      throw new ExitError(EXIT.usage, 'there is no terminal to ask on: give --yes once you know what goes');
    const planned = await verbs.perform(planRetire, { name });
    for (const line of planLines(planned, terminal)) terminal.out(line);
    if (!(await terminal.confirm(`Retire ${name}?`, signal))) {
      terminal.out('Nothing was taken off; the device stays in service.');
      return EXIT.pending;
    }
  }
  const retired = await verbs.perform(retire, { name, force });
  if (json) terminal.out(JSON.stringify(retired, null, 2));
  else for (const line of retiredLines(name, retired, terminal)) terminal.out(line);
  return exitCodeOfDevice(retired.applied);
}

function planLines({ plan, onRecord }: RetirePlan, terminal: Terminal): string[] {
  const isKnown = plan.state === 'in-sync' || plan.state === 'drift';
  if (!isKnown) return [...devicePlanLines(plan, terminal), ...remainLines(onRecord)];
  if (plan.changes.length === 0)
    return [`Nothing of roomd's is on ${plan.name}; its settings stay as they are.`];
  return [...devicePlanLines(plan, terminal), 'All settings stay as they are.'];
}

function retiredLines(name: string, { applied, remains }: Retired, terminal: Terminal): string[] {
  const isKnown = applied.state === 'in-sync' || applied.state === 'drift';
  const isOff =
    isKnown && remains.length === 0 && applied.changes.every(({ result }) => result === 'accepted');
  return [
    ...(applied.changes.length + applied.hints.length === 0 && isKnown
      ? []
      : deviceAppliedLines(applied, terminal)),
    ...(isOff
      ? [`Nothing of roomd's is on ${name} any more, as it was read back; its settings stay as they are.`]
      : [
          isKnown
            ? `Not everything is off ${name}: run roomd retire ${name} again, with --force where the room is in use.`
            : `Nothing was taken off, because ${name} was not reached: run roomd retire ${name} again when it answers.`,
          ...remainLines(remains),
        ]),
    `${name} is retired: machines write nothing to it until roomd apply -d ${name} or roomd retire --undo ${name}.`,
    `Now take ${name} out of the fleet file; its history stays.`,
  ];
}

function remainLines(onRecord: readonly string[]): string[] {
  return [
    onRecord.length === 0
      ? 'On record of it is nothing but, perhaps, the feedback slot.'
      : `On record as still there: ${onRecord.join(', ')}; and, perhaps, the feedback slot.`,
  ];
}
