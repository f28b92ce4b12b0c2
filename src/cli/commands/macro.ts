import {
  cancelRun,
  listMacros,
  listRuns,
  retryRun,
  runMacro,
  type ShownMacro,
  type ShownRun,
  showOneRun,
} from '../../actions/macros.ts';
import { macroTypes } from '../../macros/javascript/types.ts';
import { type AddCommand, handler } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { showRun } from '../run-text.ts';
import { type Terminal, table } from '../terminal.ts';
import { type Verbs, withRecord, withVerbs } from '../verbs.ts';
import { addMacroTest } from './macro-test.ts';

interface RunsOptions {
  readonly macro?: string;
  readonly device?: string;
  readonly limit?: string;
}

interface RunOptions {
  readonly device?: string;
  readonly dryRun?: boolean;
}

export const macroCommand: AddCommand = (program, context, finish) => {
  const { terminal } = context;
  const macro = program
    .command('macro')
    .description('the chores that the daemon does: what they are, what came of them, run one now')
    .addHelpText(
      'after',
      '\n`roomd macro` alone lists them. How they are written is told in docs/macros.md.',
    );
  macro
    .command('list', { isDefault: true })
    .description('the macros of the file and when each is due next')
    .action(
      handler<object>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const { items } = await verbs.perform(listMacros, {});
          if (options.json) terminal.out(JSON.stringify({ items }, null, 2));
          else for (const line of macroLines(items, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
  macro
    .command('run <macro>')
    .description('run it now; its condition and every guard still apply')
    .option('-d, --device <name>', 'on this device; left out for a macro that is for the fleet')
    .option('--dry-run', 'do nothing, and say what would be done')
    .action(
      handler<RunOptions>(finish, (options, [name = '']) =>
        withVerbs(options, context, async (verbs) => {
          const { device = null, dryRun = false } = options;
          const run = await verbs.perform(runMacro, { macro: name, device, dryRun });
          return showRun(run, options, terminal);
        }),
      ),
    );
  macro
    .command('runs')
    .description('runs, newest first')
    .option('-m, --macro <name>', 'only of this macro')
    .option('-d, --device <name>', 'only on this device')
    .option('--limit <number>', 'at most so many (100)')
    .action(
      handler<RunsOptions>(finish, (options) =>
        withRecord(options, context, async (verbs) => {
          const list = await runsOf(options, verbs);
          if (options.json) terminal.out(JSON.stringify(list, null, 2));
          else for (const line of runLines(list.items, terminal)) terminal.out(line);
          return EXIT.ok;
        }),
      ),
    );
  macro
    .command('show <run>')
    .description('one run with every step and why; the end of its id is enough')
    .action(
      handler<object>(finish, (options, [run = '']) =>
        withRecord(options, context, async (verbs) => {
          showRun(await verbs.perform(showOneRun, { run }), options, terminal);
          return EXIT.ok;
        }),
      ),
    );
  macro
    .command('retry <run>')
    .description('run it again as that run went, with what it learned until there')
    .option('--from <step>', 'the first step to be done, from 1', '1')
    .action(
      handler<{ from: string }>(finish, (options, [run = '']) =>
        withVerbs(options, context, async (verbs) =>
          showRun(await verbs.perform(retryRun, { run, step: Number(options.from) }), options, terminal),
        ),
      ),
    );
  macro
    .command('cancel <run>')
    .description('end a run that is under way; it takes back what it began')
    .action(
      handler<object>(finish, (options, [run = '']) =>
        withVerbs(options, context, async (verbs) => {
          showRun(await verbs.perform(cancelRun, { run }), options, terminal);
          return EXIT.ok;
        }),
      ),
    );
  addMacroTest(macro, context, finish);
  macro
    .command('types')
    .description('print what scripts know, for an editor: roomd macro types > macros/roomd.d.ts')
    .action(
      handler<object>(finish, async () => {
        terminal.out(macroTypes());
        return EXIT.ok;
      }),
    );
};

function runsOf({ macro = '', device = '', limit }: RunsOptions, verbs: Verbs) {
  return verbs.perform(listRuns, {
    macro: macro === '' ? null : macro,
    device: device === '' ? null : device,
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  });
}

function macroLines(macros: readonly ShownMacro[], { columns }: Terminal): string[] {
  if (macros.length === 0) return ['The file has no macros.'];
  return table(
    [
      ['MACRO', 'SET OFF BY', 'DEVICES', 'NEXT', 'WHAT FOR'],
      ...macros.map(({ name, enabled, scope, triggers, devices, nextAt, description }) => [
        name,
        enabled ? (triggers.length === 0 ? 'hand' : triggers.join(', ')) : 'nothing: it is disabled',
        scope === 'fleet' ? 'fleet' : String(devices.length),
        minute(nextAt),
        description ?? '',
      ]),
    ],
    columns,
  );
}

function runLines(runs: readonly ShownRun[], { columns }: Terminal): string[] {
  if (runs.length === 0) return ['No macro has run.'];
  return table(
    [
      ['ID', 'DUE', 'MACRO', 'DEVICE', 'BY', 'STATE', 'WHY'],
      ...runs.map(({ id, dueAt, macro, device, trigger, state, reason }) => [
        id.slice(-8),
        minute(dueAt),
        macro,
        device ?? 'fleet',
        trigger,
        state,
        reason ?? '',
      ]),
    ],
    columns,
  );
}

function minute(at: string | null): string {
  return at === null ? '' : `${at.slice(0, 16).replace('T', ' ')}Z`;
}
