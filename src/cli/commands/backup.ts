import { dirname, resolve } from 'node:path';
import { selectDevices } from '../../actions/select-devices.ts';
import { type BackupRow, backUpDevices } from '../../fleet/backup.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';
import { lookAround } from '../look-around.ts';
import { count, type Terminal, table } from '../terminal.ts';

interface BackupOptions {
  readonly devices?: string;
  readonly to?: string;
}

/** Devices that are read at the same time. */
const PARALLEL = 16;

export const backupCommand: AddCommand = (program, context, finish) => {
  program
    .command('backup')
    .description(
      "write each device's configuration, panels, macros and branding as a readable tree; writes to no device",
    )
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('--to <folder>', 'where the tree stands; "backups" beside the fleet file without it')
    .addHelpText(
      'after',
      '\nWhere the folder is in a git repository, each device that differs is one commit; nothing is pushed.\nValues that a device hides are in no backup. A device that cannot be read keeps the backup before (exit 1).',
    )
    .action(handler<BackupOptions>(finish, (options) => backUp(options, context)));
};

async function backUp(options: GlobalOptions & BackupOptions, context: CliContext): Promise<number> {
  const { terminal, clock, signal, workingDirectory } = context;
  const fleet = requireFleet(await loadFile(options, context), context);
  const folder =
    options.to === undefined
      ? resolve(dirname(fleet.file), 'backups')
      : resolve(workingDirectory, options.to);
  const devices = selectDevices(fleet, options.devices ?? null);
  const rows = await lookAround(fleet, context, (engine) =>
    backUpDevices(
      engine.devices.targets(devices),
      {
        folder,
        limit: PARALLEL,
        signal,
        onDevice: ({ name, state }) => {
          if (terminal.isInteractive) terminal.err(terminal.style('dim', `${name}: ${state}`));
        },
      },
      { accepts: engine.accepts, now: () => clock.now() },
    ),
  );
  if (options.json) terminal.out(JSON.stringify({ folder, devices: rows }, null, 2));
  else for (const line of lines(rows, folder, terminal)) terminal.out(line);
  return rows.some(({ state }) => state === 'failed') ? EXIT.failed : EXIT.ok;
}

function lines(rows: readonly BackupRow[], folder: string, { columns }: Terminal): string[] {
  const told = rows.filter(({ state, kept }) => state !== 'unchanged' || kept.length > 0);
  const cells = told.flatMap(({ name, state, reason, changed, kept, commit }) => [
    [
      name,
      state,
      [reason ?? changed.join(', '), ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`])].join(
        '; ',
      ),
    ],
    ...kept.map(({ part, why }) => [name, 'kept', `${part} as they were: ${why}`]),
  ]);
  const failed = rows.filter(({ state }) => state === 'failed').length;
  const changed = rows.filter(({ state }) => state === 'new' || state === 'changed').length;
  return [
    ...table(cells, columns),
    ...(cells.length === 0 ? [] : ['']),
    `${folder}: ${count(rows.length - failed, 'device')} backed up, ${changed} of them new or changed${failed === 0 ? '' : `; ${failed} failed`}.`,
  ];
}
