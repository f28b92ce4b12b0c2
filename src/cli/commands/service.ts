import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FLEET_TEMPLATE } from '../../fleet/template.ts';
import { messageOf } from '../../lib/errors.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { type Fate, fateOf, type Needed, put, takeAway, textAt } from '../service/place.ts';
import { type Installation, isUntouched, unitFor, whyUnreachable } from '../service/unit.ts';
import { table } from '../terminal.ts';

interface ServiceOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly root?: string;
}

const UNIT = '/etc/systemd/system/roomd.service';
const SYSTEMCTL_WAIT_MS = 60_000;
const AROUND = '/etc/roomd';

export const serviceCommand: AddCommand = (program, context, finish) => {
  const service = program.command('service').description('roomd as a service of this machine, under systemd');
  service
    .command('install')
    .description('put the unit, folders and a first fleet file where they belong; starts nothing')
    .option('--dry-run', 'change nothing, and print the unit and what would go where')
    .option('--force', 'replace a unit that somebody has changed; the old one stays beside it')
    .option('--root <folder>', 'put everything under this folder, as packagers do, and leave systemd alone')
    .addHelpText(
      'after',
      `\nIt needs root. The unit runs roomd as a user of its own that systemd makes (DynamicUser), with ${AROUND}/fleet.yaml\nand the passphrase from ${AROUND}/credentials. A fleet file that is there is never touched; another one is named by --fleet.`,
    )
    .action(handler<ServiceOptions>(finish, (options) => install(options, context)));
  service
    .command('uninstall')
    .description('stop the service and take its unit away; fleet file, credentials and database stay')
    .option('--dry-run', 'change nothing, and say what would go')
    .option('--force', 'take away a unit that somebody has changed, too')
    .option('--root <folder>', 'where install --root put everything')
    .action(handler<ServiceOptions>(finish, (options) => uninstall(options, context)));
};

async function install(options: GlobalOptions & ServiceOptions, context: CliContext): Promise<number> {
  const { terminal, signal } = context;
  const installation = await thisInstallation(options, context);
  const hindrance = whyUnreachable(installation);
  if (hindrance !== null && (options.dryRun || options.root !== undefined))
    terminal.err(`Mind: ${hindrance}`);
  else if (hindrance !== null) throw new ExitError(EXIT.failed, hindrance);
  const needed = await neededFor(installation, options, context);
  const items: { needed: Needed; fate: Fate }[] = [];
  for (const one of needed) items.push({ needed: one, fate: await fateOf(one) });
  const changed = items.find(({ fate }) => fate === 'changed');
  if (!options.dryRun) {
    if (changed !== undefined && !options.force)
      throw new ExitError(
        EXIT.failed,
        `somebody has changed ${changed.needed.path}; nothing was written. Put the change into a drop-in (systemctl edit roomd), then give --force`,
      );
    for (const item of items) await put(item.needed, item.fate);
    if (options.root === undefined) await systemctl(['daemon-reload'], signal);
  }
  if (options.json)
    terminal.out(JSON.stringify({ dryRun: options.dryRun ?? false, files: items.map(shown) }, null, 2));
  else for (const line of installLines(items, options, terminal.columns)) terminal.out(line);
  return EXIT.ok;
}

async function thisInstallation(
  { fleet }: GlobalOptions,
  { workingDirectory }: CliContext,
): Promise<Installation> {
  return {
    node: process.execPath,
    root: await realpath(fileURLToPath(new URL('../../..', import.meta.url))),
    fleetFile: fleet === 'fleet.yaml' ? `${AROUND}/fleet.yaml` : resolve(workingDirectory, fleet),
  };
}

/** In the order in which they are put. */
async function neededFor(
  installation: Installation,
  { root }: ServiceOptions,
  { workingDirectory }: CliContext,
): Promise<Needed[]> {
  const at = (path: string): string =>
    root === undefined ? path : join(resolve(workingDirectory, root), path);
  const shipped = await readFile(join(installation.root, 'systemd/roomd.service'), 'utf8');
  return [
    { path: at(AROUND), mode: 0o755, text: null, isTheirs: true },
    { path: at(`${AROUND}/credentials`), mode: 0o700, text: null, isTheirs: true },
    { path: at(installation.fleetFile), mode: 0o644, text: firstFleet(), isTheirs: true },
    { path: at(UNIT), mode: 0o644, text: unitFor(shipped, installation), isTheirs: false },
  ];
}

/** What `roomd init` writes, for where the service may write and what systemd hands it. */
function firstFleet(): string {
  return FLEET_TEMPLATE.replace('sqlite:./data/roomd.db', 'sqlite:/var/lib/roomd/roomd.db').replace(
    '${env:ROOMD_PASSWORD}',
    '${credential:room-password}',
  );
}

const DOES: Readonly<Record<Fate, string>> = {
  make: 'made',
  keep: 'there already',
  replace: 'replaced: an earlier roomd wrote it',
  changed: 'replaced, the old one beside it: somebody had changed it',
};
const WOULD: Readonly<Record<Fate, string>> = {
  make: 'would be made',
  keep: 'stays as it is',
  replace: 'would be replaced: an earlier roomd wrote it',
  changed: 'would be refused without --force: somebody has changed it',
};

function shown({ needed: { path, mode, text }, fate }: { needed: Needed; fate: Fate }) {
  return { path, mode: mode.toString(8), kind: text === null ? 'folder' : 'file', fate, text };
}

function installLines(
  items: readonly { needed: Needed; fate: Fate }[],
  { dryRun = false }: ServiceOptions,
  columns: number,
): string[] {
  const unit = items.at(-1)?.needed.text ?? '';
  return [
    ...table(
      items.map(({ needed: { path, mode }, fate }) => [
        path,
        mode.toString(8),
        (dryRun ? WOULD : DOES)[fate],
      ]),
      columns,
    ),
    '',
    ...(dryRun
      ? [
          `The unit, ${UNIT}:`,
          '',
          ...unit
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
          '',
        ]
      : []),
    'User: one that systemd makes at each start (DynamicUser). Database: /var/lib/roomd, made by systemd.',
    'Then:',
    `  sudo install -m 600 /dev/stdin ${AROUND}/credentials/room-password    type the passphrase, then Ctrl-D`,
    `  sudo $EDITOR ${AROUND}/fleet.yaml, and roomd validate --fleet ${AROUND}/fleet.yaml`,
    '  sudo systemctl enable --now roomd',
  ];
}

async function uninstall(options: GlobalOptions & ServiceOptions, context: CliContext): Promise<number> {
  const { terminal, workingDirectory, signal } = context;
  const { root, force = false, dryRun = false } = options;
  const path = root === undefined ? UNIT : join(resolve(workingDirectory, root), UNIT);
  const there = await textAt(path);
  if (there !== null && !force && !isUntouched(there))
    throw new ExitError(
      EXIT.failed,
      `somebody has changed ${path}, or roomd did not write it: give --force to take it away`,
    );
  if (there !== null && !dryRun) {
    if (root === undefined) await systemctl(['disable', '--now', 'roomd'], signal);
    await takeAway(path);
    if (root === undefined) await systemctl(['daemon-reload'], signal);
  }
  const word = there === null ? 'was not there' : dryRun ? 'would be taken away' : 'is gone';
  if (options.json) terminal.out(JSON.stringify({ path, removed: there !== null && !dryRun }));
  else {
    terminal.out(`${path} ${word}.`);
    terminal.out(
      `Kept: ${AROUND} (fleet file, credentials) and /var/lib/roomd (database). The program: sudo npm uninstall -g roomd`,
    );
  }
  return EXIT.ok;
}

/** @throws ExitError where systemd is not there or says no */
async function systemctl(words: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)('systemctl', words, { signal, timeout: SYSTEMCTL_WAIT_MS });
  } catch (error) {
    throw new ExitError(EXIT.failed, `systemctl ${words.join(' ')}: ${messageOf(error).trim()}`);
  }
}
