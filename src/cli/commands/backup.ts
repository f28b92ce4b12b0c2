import { resolve } from 'node:path';
import { backupStatus, type ShownBackups } from '../../actions/backups.ts';
import { selectDevices } from '../../actions/select-devices.ts';
import { usualBackupFolder } from '../../daemon/backups/section.ts';
import { type BackupRow, backUpDevices } from '../../fleet/backup.ts';
import { counted } from '../../lib/counted.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { loadFile, requireFleet } from '../fleet-file.ts';
import { lookAround } from '../look-around.ts';
import { count, type Terminal, table } from '../terminal.ts';
import { type Verbs, withRecord } from '../verbs.ts';

interface BackupOptions {
  readonly devices?: string;
  readonly to?: string;
  readonly status?: boolean;
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
    .option(
      '--to <folder>',
      'where the tree stands; without it backups.to of the fleet file, else "backups" beside it',
    )
    .option(
      '--status',
      'write nothing: how the backups on the schedule of the file stand (exit 1 where some fail)',
    )
    .addHelpText(
      'after',
      '\nWhere the folder is in a git repository, each device that differs is one commit; nothing is pushed.\nValues that a device hides are in no backup. A device that cannot be read keeps the backup before (exit 1).',
    )
    .action(
      handler<BackupOptions>(finish, (options) =>
        options.status === true
          ? withRecord(options, context, (verbs) => showStatus(verbs, options, context))
          : backUp(options, context),
      ),
    );
};

async function showStatus(verbs: Verbs, { json }: GlobalOptions, { terminal }: CliContext): Promise<number> {
  const shown = await verbs.perform(backupStatus, {});
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of statusLines(shown, verbs.isDaemon, terminal)) terminal.out(line);
  const isFailing = shown.trouble !== null || shown.devices.some(({ state }) => state === 'failed');
  return isFailing ? EXIT.failed : EXIT.ok;
}

function statusLines(
  { schedule, running, trouble, last, devices }: ShownBackups,
  isDaemon: boolean,
  { columns }: Terminal,
): string[] {
  const failing = devices.filter(({ state }) => state === 'failed');
  return [
    schedule === null
      ? isDaemon
        ? 'The file names no schedule: write backups: { to, schedule } into it.'
        : 'No daemon runs, so nothing is backed up by itself; this is what is on record.'
      : `${schedule.schedule} (${schedule.timezone}) to ${schedule.to}${running ? ', running now' : ''}; next ${schedule.nextAt ?? 'never'}.`,
    ...(last === null
      ? ['Nothing was backed up on a schedule yet.']
      : [
          `Last ${last.endedAt}: ${count(devices.length, 'device')}, ${last.changed} new or changed, ${last.failed} failed${last.missed === 0 ? '' : `; it stood for ${count(last.missed, 'run')} before it that ${last.missed === 1 ? 'was' : 'were'} missed`}.`,
        ]),
    ...(trouble === null ? [] : [`Backups cannot be kept: ${trouble}`]),
    ...table(
      failing.map(({ name, reason, failingSince, backedUpAt }) => [
        name,
        `last backed up ${backedUpAt ?? 'never'}`,
        failingSince === null ? '' : `failing since ${failingSince}`,
        reason ?? '',
      ]),
      columns,
    ),
  ];
}

async function backUp(options: GlobalOptions & BackupOptions, context: CliContext): Promise<number> {
  const { terminal, clock, signal, workingDirectory } = context;
  const fleet = requireFleet(await loadFile(options, context), context);
  const folder = options.to === undefined ? usualBackupFolder(fleet) : resolve(workingDirectory, options.to);
  const devices = selectDevices(fleet, options.devices ?? null);
  const tell = counted(devices.length, terminal.progress);
  const rows = await lookAround(fleet, context, (engine) =>
    backUpDevices(
      engine.devices.targets(devices),
      {
        folder,
        limit: PARALLEL,
        signal,
        onDevice: ({ name, state }) => tell(`${name}: ${state}`),
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
