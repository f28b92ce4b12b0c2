import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { likelyDatabaseFile } from '../../daemon/fleet-keeper.ts';
import { backUpDatabase, restoreDatabase } from '../../fleet/database-backup.ts';
import { readDatabase, Wrong } from '../../fleet/forms.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { fleetPath, loadFile } from '../fleet-file.ts';

export const dbCommand: AddCommand = (program, context, finish) => {
  const db = program
    .command('db')
    .description("roomd's own state: what was approved, written, heard; devices have `roomd backup`");
  db.command('backup <file>')
    .description('copy the database into one file, as it stands at one moment; a daemon may run meanwhile')
    .option('--force', 'replace that file if it is there')
    .action(handler<{ force?: boolean }>(finish, (options, [file = '']) => backUp(file, options, context)));
  db.command('restore <file>')
    .description('put a copy in the place of the database; refused while a daemon runs')
    .addOption(new Option('-y, --yes', 'do not ask; needed where there is no terminal'))
    .addHelpText('after', '\nThe database that is replaced stays beside it.')
    .action(handler<{ yes?: boolean }>(finish, (options, [file = '']) => restore(file, options, context)));
};

async function backUp(
  file: string,
  options: GlobalOptions & { force?: boolean },
  context: CliContext,
): Promise<number> {
  const { terminal, workingDirectory } = context;
  const databaseFile = await databaseOf(options, context);
  const to = resolve(workingDirectory, file);
  if (to === databaseFile) throw new ExitError(EXIT.usage, 'that is the database itself');
  if (existsSync(to) && !options.force)
    throw new ExitError(
      EXIT.usage,
      `${to} is already there and stays as it is: name another, or give --force`,
    );
  backUpDatabase(databaseFile, to);
  terminal.out(
    options.json ? JSON.stringify({ database: databaseFile, file: to }) : `Copied ${databaseFile} to ${to}.`,
  );
  return EXIT.ok;
}

async function restore(
  file: string,
  options: GlobalOptions & { yes?: boolean },
  context: CliContext,
): Promise<number> {
  const { terminal, clock, signal, workingDirectory } = context;
  const databaseFile = await databaseOf(options, context);
  const from = resolve(workingDirectory, file);
  if (from === databaseFile) throw new ExitError(EXIT.usage, 'that is the database itself');
  if (!options.yes) {
    if (options.json || !terminal.isInteractive)
      throw new ExitError(
        EXIT.usage,
        `nobody is asked here: give --yes to put ${from} in the place of ${databaseFile}`,
      );
    if (!(await terminal.confirm(`Put ${from} in the place of ${databaseFile}?`, signal))) {
      terminal.out('Nothing was replaced.');
      return EXIT.pending;
    }
  }
  const replaced = await restoreDatabase(databaseFile, from, clock.now());
  if (options.json) terminal.out(JSON.stringify({ database: databaseFile, file: from, replaced }));
  else
    terminal.out(
      `${databaseFile} is now the copy from ${from}.${replaced === null ? '' : ` What it replaced is ${replaced}.`}`,
    );
  return EXIT.ok;
}

/** From a broken file as far as that can be told: it is no reason to go without a copy. */
async function databaseOf(options: GlobalOptions, context: CliContext): Promise<string> {
  const { surroundings, workingDirectory } = context;
  if (options.database !== undefined) {
    const path = readDatabase(options.database);
    if (path instanceof Wrong) throw new ExitError(EXIT.usage, path.message);
    return resolve(workingDirectory, path);
  }
  const { fleet } = await loadFile(options, context, { missingSecrets: 'warning' });
  if (fleet !== null) return fleet.daemon.databaseFile;
  const file = fleetPath(options, workingDirectory);
  return likelyDatabaseFile({ file, overrides: {}, secrets: surroundings.secrets });
}
