import type { Command } from 'commander';
import type { Action } from '../../actions/action.ts';
import {
  abortUpgrade,
  pauseUpgrade,
  planUpgrades,
  resumeUpgrade,
  type ShownUpgrade,
  type ShownUpgradeDevice,
  startUpgrade,
  type UpgradePlan,
  upgradeStatus,
} from '../../actions/upgrade.ts';
import { type AddCommand, type Finish, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { ringHead } from '../ring-lines.ts';
import { count, type Terminal } from '../terminal.ts';
import { refuseBeside, type Verbs, withRecord, withVerbs } from '../verbs.ts';

interface StartOptions {
  readonly devices?: string;
  readonly yes?: boolean;
  readonly now?: boolean;
  readonly parallel?: string;
}

export const upgradeCommand: AddCommand = (program, context, finish) => {
  const upgrade = program
    .command('upgrade')
    .description('bring devices to the software that the file names, in its windows, ring by ring')
    .addHelpText(
      'after',
      '\nThe file names version and URL under software, and windows, canary and rings under rollout.\nA running daemon does the work, also after a restart. Software is not put back: there is no revert.',
    );
  upgrade
    .command('start')
    .description('show which devices would be upgraded, ask, and begin')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--now', 'do not wait for windows; only with -d. Rooms in use, holds and freezes still count')
    .option('--parallel <number>', 'devices that are upgraded at the same time (2)')
    .action(
      handler<StartOptions>(finish, (options) =>
        withVerbs(options, context, (verbs) => start(verbs, options, context)),
      ),
    );
  upgrade
    .command('status [id]')
    .description('the last upgrade: every device, and what it waits for; exit 3 while it is under way')
    .action(
      handler<object>(finish, (options, [id]) =>
        withRecord(options, context, async (verbs) =>
          print(await verbs.perform(upgradeStatus, { id: id ?? null }), options, context),
        ),
      ),
    );
  const add = { upgrade, context, finish };
  addVerb(add, 'pause', 'let no further device begin; those that have their order go on', pauseUpgrade);
  addVerb(add, 'resume', 'go on with a paused one', resumeUpgrade);
  addVerb(add, 'abort', 'let no further device begin, for good', abortUpgrade);
};

function addVerb<Input extends object>(
  { upgrade, context, finish }: { upgrade: Command; context: CliContext; finish: Finish },
  name: 'pause' | 'resume' | 'abort',
  description: string,
  action: Action<Input, ShownUpgrade>,
): void {
  const command = upgrade.command(name).description(description);
  if (name !== 'resume') command.option('--reason <text>', 'what people read who wonder why');
  command.action(
    handler<{ reason?: string }>(finish, (options) =>
      withVerbs(options, context, async (verbs) => {
        const input = (name === 'resume' ? {} : { reason: options.reason ?? null }) as Partial<Input>;
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
  const { devices = null, now = false } = options;
  refuseBeside(startUpgrade, verbs.otherFile);
  if (now && devices === null)
    throw new ExitError(EXIT.usage, '--now is for devices that you name: give -d SELECTOR, too');
  let fingerprint: string | null = null;
  if (!options.yes) {
    if (options.json || !terminal.isInteractive)
      throw new ExitError(
        EXIT.usage,
        'nobody can be asked here: give --yes once you know what is in the file',
      );
    const plan = await verbs.perform(planUpgrades, { devices, now });
    for (const line of planLines(plan, terminal)) terminal.out(line);
    if (plan.devices.length === 0) return EXIT.ok;
    if (!verbs.isDaemon) throw new ExitError(EXIT.failed, NEEDS_DAEMON);
    if (!(await terminal.confirm('Upgrade these? It cannot be taken back.', context.signal))) {
      terminal.out('Nothing was ordered.');
      return EXIT.pending;
    }
    fingerprint = plan.fingerprint;
  }
  const parallel = options.parallel === undefined ? {} : { parallel: Number(options.parallel) };
  const shown = await verbs.perform(startUpgrade, { devices, now, fingerprint, ...parallel });
  print(shown, options, context);
  return EXIT.ok;
}

const NEEDS_DAEMON =
  'an upgrade takes longer than one command: it needs a running daemon, start it with `roomd run`';

function planLines({ devices }: UpgradePlan, { style }: Terminal): string[] {
  if (devices.length === 0) return ['Every device runs the version that the file names.'];
  const lines = devices.flatMap(({ name, from, to, url, ring, when, problem, warnings }) => [
    `${style('bold', name)}  ${from ?? 'not known'} → ${to}  ${style('dim', ring)}`,
    ...(problem === null ? [`  from ${url ?? ''}`, `  ${when}`] : [`  ${style('red', '!')} ${problem}`]),
    ...warnings.map((warning) => `  ${style('yellow', '!')} ${warning}`),
  ]);
  const warned = devices.filter(({ warnings }) => warnings.length > 0).length;
  const sum = `Upgrade: ${count(devices.length, 'device')}${warned === 0 ? '' : `, ${warned} with warnings`}. Nothing was ordered.`;
  return [...lines, '', sum];
}

function print(shown: ShownUpgrade, { json }: GlobalOptions, { terminal }: CliContext): number {
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of linesOf(shown)) terminal.out(line);
  const failed = shown.rings.some(({ devices }) => devices.some(({ state }) => state === 'failed'));
  if (shown.state === 'done') return failed ? EXIT.failed : EXIT.ok;
  return shown.state === 'aborted' ? EXIT.failed : EXIT.pending;
}

function linesOf(shown: ShownUpgrade): string[] {
  const why = shown.reason === null ? '' : ` (${shown.reason})`;
  const lines = [`Upgrade ${shown.id}: ${shown.paused ? 'paused' : shown.state}${why}`];
  if (shown.waitsFor !== null && !shown.paused) lines.push(`  ${shown.waitsFor}`);
  for (const ring of shown.rings)
    lines.push(ringHead(ring), ...ring.devices.map((device) => `  ${deviceLine(device)}`));
  return lines;
}

function deviceLine({
  name,
  state,
  from,
  to,
  reason,
  differing,
  differedBefore,
  soaksUntil,
  nextLookAt,
}: ShownUpgradeDevice): string {
  const until = soaksUntil === null ? '' : ` until ${soaksUntil}`;
  const next =
    nextLookAt === null ? null : `looked at ${reason === null ? 'next' : 'again'} at ${nextLookAt}`;
  const head = `${name} ${state}${until}: ${from ?? 'not known'} → ${to}`;
  const after = differing === null ? null : differsText(differing, differedBefore);
  return [head, after, reason, next].filter((part) => part !== null).join('; ');
}

/** How many paths are named; the rest is `roomd plan`'s. */
const NAMED = 3;

function differsText(differing: readonly string[], before: number | null): string {
  const was = before === null ? '' : ` (${before} before)`;
  if (differing.length === 0) return `nothing differs from the file${was}`;
  const named = differing.slice(0, NAMED).join(', ');
  const more = differing.length > NAMED ? ` and ${differing.length - NAMED} more` : '';
  const settings = `${count(differing.length, 'setting')} ${differing.length === 1 ? 'differs' : 'differ'}`;
  return `${settings} from the file${was}: ${named}${more}`;
}
