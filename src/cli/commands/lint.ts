import { access, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LintInput, lint, lintWith } from '../../actions/lint.ts';
import { DeviceStore } from '../../fleet/device-store.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { Library, type Volume } from '../../fleet/knowledge/library.ts';
import { KnowledgeStore } from '../../fleet/knowledge/store.ts';
import type { SeenDevice } from '../../fleet/lint/device-facts.ts';
import type { LintReport } from '../../fleet/lint/finding.ts';
import { lintLines, type Paint } from '../../fleet/lint/lint-text.ts';
import { sarifLog } from '../../fleet/lint/sarif.ts';
import type { Loaded } from '../../fleet/load.ts';
import { messageOf } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { fleetPath, loadFile, requireFleet } from '../fleet-file.ts';
import { readSchemaFiles, volumesOf } from '../schema-files.ts';
import { version } from '../version.ts';

interface LintOptions extends GlobalOptions {
  readonly devices?: string;
  readonly software?: string;
  readonly assume?: readonly string[];
  readonly schema?: readonly string[];
  readonly notes?: boolean;
  readonly sarif?: string | true;
}

export const lintCommand: AddCommand = (program, context, finish) => {
  program
    .command('lint')
    .description('judge every setting by what its product accepts, or will accept; nothing is contacted')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('--software <version>', 'what happens to the file after an upgrade to this software')
    .option(
      '--assume <what...>',
      'what devices are that roomd has not seen: product=NAME, software=VERSION, role=NAME, with SELECTOR: in front for some only',
    )
    .option('--schema <file...>', "also know this schema file of the vendor's, without importing it")
    .option(
      '--notes',
      'show notes too: values that are the default, lines that say what a layer says already',
    )
    .option('--sarif [file]', 'SARIF 2.1.0 for a code host: into a file beside the text, or instead of it')
    .addHelpText(
      'after',
      `
What products accept is known from devices that roomd plan has read, and from
schema files (roomd schema import). Of other products roomd says that it does not know.

Exit code 0: no errors; 1: a device would refuse something; 4: the fleet file is not valid.`,
    )
    .action(handler<LintOptions>(finish, (options) => lintFile(options, context)));
};

async function lintFile(options: LintOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  if (options.json && options.sarif === true)
    throw new ExitError(EXIT.usage, '--json and --sarif both print one document: give --sarif a file');
  const loaded = await loadFile(options, context, { missingSecrets: 'warning' });
  const fleet = loaded.fleet ?? (await refuse(loaded, options, context));
  const input = readInput(options);
  const extra = volumesOf(await readSchemaFiles(options.schema ?? [], null, context));
  const report = await withKnowledge(fleet, extra, context, (known) => lintWith(fleet, input, known));
  await writeSarif(options, context, { findings: report.findings, problems: [] });
  if (options.json) terminal.out(JSON.stringify({ valid: true, ...report }, null, 2));
  else if (options.sarif !== true) printText(report, options, context);
  return report.summary.errors > 0 ? EXIT.failed : EXIT.ok;
}

function readInput({ devices, software, assume }: LintOptions): LintInput {
  const read = lint.input.safeParse({ devices, software, assume });
  // Its own schema made it.
  if (read.success) return read.data as LintInput;
  const [issue] = read.error.issues;
  throw new ExitError(EXIT.usage, `--${issue?.path.join('.') ?? 'software'} takes ${issue?.message}`);
}

/** A broken file ends the command as it ends every other, and a code host is told of it. */
async function refuse(loaded: Loaded, options: LintOptions, context: CliContext): Promise<Fleet> {
  await writeSarif(options, context, { findings: [], problems: loaded.problems });
  return requireFleet(loaded, context);
}

/** What devices told earlier and what was imported, from the database where there is one; lint makes none. */
async function withKnowledge<Result>(
  fleet: Fleet,
  extra: readonly Volume[],
  { terminal, clock, signal }: CliContext,
  work: (known: { seen: readonly SeenDevice[]; library: Library }) => Promise<Result>,
): Promise<Result> {
  const path = fleet.daemon.databaseFile;
  const nothing = { seen: [], library: new Library(extra) };
  if (!(await isThere(path))) return work(nothing);
  let database: Awaited<ReturnType<typeof openDatabase>>;
  try {
    database = await openDatabase({ path, readers: 1, clock, logger: silentLogger }, signal);
  } catch (error) {
    terminal.err(`What roomd learnt before is left out: ${messageOf(error)}`);
    return work(nothing);
  }
  try {
    const seen = await new DeviceStore({ database, clock }).all();
    return await work({ seen, library: await new KnowledgeStore({ database, clock }).library(extra) });
  } finally {
    await database.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeSarif(
  options: LintOptions,
  { terminal, workingDirectory }: CliContext,
  what: Parameters<typeof sarifLog>[0],
): Promise<void> {
  if (options.sarif === undefined) return;
  const file = fleetPath(options, workingDirectory);
  const log = sarifLog(what, { root: workingDirectory, version: version(), file });
  const text = JSON.stringify(log, null, 2);
  if (options.sarif === true) {
    terminal.out(text);
    return;
  }
  try {
    await writeFile(resolve(workingDirectory, options.sarif), `${text}\n`);
  } catch (error) {
    throw new ExitError(EXIT.failed, `${options.sarif} cannot be written: ${messageOf(error)}`);
  }
}

function printText(
  report: LintReport,
  { notes = false }: LintOptions,
  { terminal, workingDirectory }: CliContext,
): void {
  const paint: Paint = (level, text) => terminal.style(COLOURS[level], text);
  for (const line of lintLines(report, { from: workingDirectory, paint, notes })) terminal.out(line);
}

const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan', dim: 'dim' } as const;
