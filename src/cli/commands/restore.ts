import { resolve } from 'node:path';
import { Option } from 'commander';
import type { ShownPlan } from '../../actions/present.ts';
import { planRestore, type RestorePlanInput, restore } from '../../actions/restore.ts';
import { usualBackupFolder } from '../../daemon/backups/section.ts';
import { readBackupFolder } from '../../fleet/restore.ts';
import { RESTORE_PARTS, type RestorePart } from '../../fleet/restore-content.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';
import { deviceAppliedLines, devicePlanLines, exitCodeOfDevice } from '../one-device-text.ts';
import { refuseBeside, type Verbs, withVerbsOn } from '../verbs.ts';

interface RestoreOptions {
  readonly from?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly network?: boolean;
  readonly only?: RestorePart;
  readonly prune?: boolean;
}

export const restoreCommand: AddCommand = (program, context, finish) => {
  program
    .command('restore <device>')
    .description(
      'bring a device back to its backup (settings, panels, macros, branding): shows the plan, asks, writes, proves',
    )
    .option(
      '--from <folder>',
      'where roomd backup wrote; without it backups.to of the fleet file, else "backups" beside it',
    )
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--force', 'write also where the room is in use')
    .addOption(new Option('--only <part>', 'this part alone').choices(RESTORE_PARTS))
    .option('--prune', 'take panels, macros and pictures off that the backup does not name')
    .option('--network', 'also settings that can cut roomd off: addresses, HTTPS, websocket, security')
    .addHelpText(
      'after',
      '\nHidden values and certificates are in no backup and are left alone, and so is every part that the device\ndid not tell when it was backed up. Nothing is taken off the device unless --prune says so.\nWhat the fleet file says of the device stands: where it says otherwise, roomd sees drift afterwards.',
    )
    .action(handler<RestoreOptions>(finish, (options, [name = '']) => run(name, options, context)));
};

async function run(
  name: string,
  options: GlobalOptions & RestoreOptions,
  context: CliContext,
): Promise<number> {
  const { workingDirectory } = context;
  const fleet = requireFleet(await loadFile(options, context), context);
  if (!options.yes) refuseUnasked(options, context);
  const folder =
    options.from === undefined ? usualBackupFolder(fleet) : resolve(workingDirectory, options.from);
  const { settings, content, product, software, readAt } = await readBackupFolder(folder, name);
  const input: RestorePlanInput = {
    name,
    settings: Object.fromEntries(settings),
    product,
    software,
    readAt,
    panels: copied(content.panels),
    macros: copied(content.macros),
    branding: copied(content.branding),
    only: options.only ?? null,
    network: options.network ?? false,
    prune: options.prune ?? false,
  };
  return withVerbsOn(fleet, context, (verbs) => {
    refuseBeside(restore, verbs.otherFile);
    return showAndWrite(verbs, input, options, context);
  });
}

function copied<Item extends object>(items: readonly Item[] | null): Item[] | null {
  return items === null ? null : [...items];
}

function refuseUnasked({ json }: GlobalOptions, { terminal }: CliContext): void {
  if (json) throw new ExitError(EXIT.usage, 'with --json nobody is asked: give --yes');
  if (!terminal.isInteractive)
    throw new ExitError(
      EXIT.usage,
      'there is no terminal to ask on: give --yes once you know what is in the backup',
    );
}

async function showAndWrite(
  verbs: Verbs,
  input: RestorePlanInput,
  { yes, json, force = false }: GlobalOptions & RestoreOptions,
  { terminal, signal }: CliContext,
): Promise<number> {
  const plan = await verbs.perform(planRestore, input);
  const known = plan.state === 'in-sync' || plan.state === 'drift';
  if (!json) for (const line of devicePlanLines(plan, terminal)) terminal.out(line);
  if (!known || plan.changes.length === 0) {
    if (json) terminal.out(JSON.stringify(plan, null, 2));
    return known ? planned(plan) : EXIT.failed;
  }
  if (!yes && !(await terminal.confirm(`Write the backup of ${input.readAt} to ${input.name}?`, signal))) {
    terminal.out('Nothing was written.');
    return EXIT.pending;
  }
  const applied = await verbs.perform(restore, { ...input, force });
  if (json) terminal.out(JSON.stringify(applied, null, 2));
  else for (const line of deviceAppliedLines(applied, terminal)) terminal.out(line);
  return exitCodeOfDevice(applied);
}

function planned({ problems }: ShownPlan): number {
  return problems.length > 0 ? EXIT.pending : EXIT.ok;
}
