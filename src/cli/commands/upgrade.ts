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
import {
  addReasonedWord,
  addStatus,
  addWord,
  parallelIn,
  print,
  requireSomebodyToAsk,
  standText,
} from '../campaign-command.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { ringLines } from '../ring-lines.ts';
import { count, type Terminal } from '../terminal.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

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
  const adding = { command: upgrade, context, finish, linesOf };
  addStatus(
    adding,
    'the last upgrade: every device, and what it waits for; exit 3 while it is under way',
    upgradeStatus,
  );
  addReasonedWord(
    adding,
    'pause',
    'let no further device begin; those that have their order go on',
    pauseUpgrade,
  );
  addWord(adding, 'resume', 'go on with a paused one', resumeUpgrade);
  addReasonedWord(adding, 'abort', 'let no further device begin, for good', abortUpgrade);
};

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
    requireSomebodyToAsk(options, terminal, 'give --yes once you know what is in the file');
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
  const shown = await verbs.perform(startUpgrade, { devices, now, fingerprint, ...parallelIn(options) });
  print(shown, { context, linesOf }, options);
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

function linesOf(shown: ShownUpgrade): string[] {
  return [
    `Upgrade ${shown.id}: ${standText(shown)}`,
    ...(shown.waitsFor === null || shown.paused ? [] : [`  ${shown.waitsFor}`]),
    ...ringLines(shown.rings, { all: true, line: deviceLine }),
  ];
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
