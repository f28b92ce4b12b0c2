import { plan } from '../../actions/plan.ts';
import {
  abortRollout,
  approveRollout,
  pauseRollout,
  resumeRollout,
  revertRollout,
  rolloutStatus,
  type ShownRollout,
  startRollout,
} from '../../actions/rollout.ts';
import { readDuration, Wrong } from '../../fleet/forms.ts';
import {
  addReasonedWord,
  addStatus,
  addWord,
  type LineOptions,
  parallelIn,
  print,
  requireSomebodyToAsk,
  standText,
} from '../campaign-command.ts';
import { type AddCommand, handler } from '../command.ts';
import { commitText } from '../commit-text.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { planLines } from '../plan-text.ts';
import { ringLines } from '../ring-lines.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

interface StartOptions {
  readonly devices?: string;
  readonly yes?: boolean;
  readonly confirmWithin?: string;
  readonly parallel?: string;
  readonly all?: boolean;
}

export const rolloutCommand: AddCommand = (program, context, finish) => {
  const rollout = program
    .command('rollout')
    .description('carry a changed file out ring by ring: canaries first, watched, reverted when they fail')
    .addHelpText(
      'after',
      '\nThe file says how, in its section rollout. A running daemon does the work, also after a restart.',
    );
  rollout
    .command('start')
    .description('show the plan, ask, and begin')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--confirm-within <time>', 'revert unless "roomd rollout approve" comes in time, such as 10m')
    .option('--parallel <number>', 'devices that are written at the same time (16)')
    .option('--all', 'tell each device by itself, also where many have the same lines')
    .action(
      handler<StartOptions>(finish, (options) =>
        withVerbs(options, context, (verbs) => start(verbs, options, context)),
      ),
    );
  const adding = { command: rollout, context, finish, linesOf };
  addStatus(
    adding,
    'the last rollout: every device, and what it waits for; exit 3 while it is under way',
    rolloutStatus,
  );
  addWord(adding, 'approve', 'confirm one that would be reverted otherwise', approveRollout);
  addReasonedWord(
    adding,
    'pause',
    'let no further device begin; what was written is still watched',
    pauseRollout,
  );
  addWord(adding, 'resume', 'go on with a paused one', resumeRollout);
  addReasonedWord(adding, 'abort', 'end it and leave what is written', abortRollout);
  addReasonedWord(adding, 'revert', 'put back what it has written', revertRollout);
};

async function start(
  verbs: Verbs,
  options: GlobalOptions & StartOptions,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  const devices = options.devices ?? null;
  refuseBeside(startRollout, verbs.otherFile);
  const confirmWithinMs = readWithin(options.confirmWithin);
  let fingerprint: string | null = null;
  if (!options.yes) {
    requireSomebodyToAsk(options, terminal, 'look at `roomd plan`, then give --yes');
    const planned = await verbs.perform(plan, { devices });
    for (const line of planLines(planned, terminal, options)) terminal.out(line);
    if (!(await terminal.confirm('Roll this out, ring by ring?', context.signal))) {
      terminal.out('Nothing was written.');
      return EXIT.pending;
    }
    fingerprint = planned.fingerprint;
  }
  const shown = await verbs.perform(startRollout, {
    devices,
    fingerprint,
    confirmWithinMs,
    ...parallelIn(options),
  });
  print(shown, { context, linesOf }, options);
  return EXIT.ok;
}

function readWithin(text: string | undefined): number | null {
  if (text === undefined) return null;
  const milliseconds = readDuration(text);
  if (milliseconds instanceof Wrong)
    throw new ExitError(EXIT.usage, `--confirm-within: ${milliseconds.message}`);
  return milliseconds;
}

function linesOf(shown: ShownRollout, { all }: LineOptions): string[] {
  const lines = [
    `Rollout ${shown.id}: ${standText(shown)}`,
    `  started by ${shown.actor} at ${shown.startedAt}`,
  ];
  if (shown.commit !== null) lines.push(`  the fleet file${commitText(shown.commit)}`);
  if (shown.confirmedBy !== null) lines.push(`  Confirmed by ${shown.confirmedBy}.`);
  else if (shown.waitsFor !== null && !shown.paused) lines.push(`  ${shown.waitsFor}`);
  if (shown.confirmBy !== null) lines.push(`  Reverted at ${shown.confirmBy} unless confirmed.`);
  return [...lines, ...ringLines(shown.rings, { all })];
}
