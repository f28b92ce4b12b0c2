import type { Command } from 'commander';
import type { Action } from '../../actions/action.ts';
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
import { type AddCommand, type Finish, handler } from '../command.ts';
import { commitText } from '../commit-text.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { planLines } from '../plan-text.ts';
import { ringLines } from '../ring-lines.ts';
import { refuseBeside, type Verbs, withRecord, withVerbs } from '../verbs.ts';

interface StartOptions {
  readonly devices?: string;
  readonly yes?: boolean;
  readonly confirmWithin?: string;
  readonly parallel?: string;
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
    .action(
      handler<StartOptions>(finish, (options) =>
        withVerbs(options, context, (verbs) => start(verbs, options, context)),
      ),
    );
  rollout
    .command('status [id]')
    .description('the last rollout: every device, and what it waits for; exit 3 while it is under way')
    .option('--all', 'a line for every device, however many there are')
    .action(
      handler<{ all?: boolean }>(finish, (options, [id]) =>
        withRecord(options, context, async (verbs) =>
          print(await verbs.perform(rolloutStatus, { id: id ?? null }), options, context),
        ),
      ),
    );
  const add = { rollout, context, finish };
  addVerb(add, 'approve', 'confirm one that would be reverted otherwise', approveRollout);
  addVerb(add, 'pause', 'let no further device begin; what was written is still watched', pauseRollout);
  addVerb(add, 'resume', 'go on with a paused one', resumeRollout);
  addVerb(add, 'abort', 'end it and leave what is written', abortRollout);
  addVerb(add, 'revert', 'put back what it has written', revertRollout);
};

function addVerb<Input extends object>(
  { rollout, context, finish }: { rollout: Command; context: CliContext; finish: Finish },
  name: string,
  description: string,
  action: Action<Input, ShownRollout>,
): void {
  const takesReason = name === 'pause' || name === 'abort' || name === 'revert';
  const command = rollout.command(name).description(description);
  if (takesReason) command.option('--reason <text>', 'what people read who wonder why');
  command.action(
    handler<{ reason?: string }>(finish, (options) =>
      withVerbs(options, context, async (verbs) => {
        const input = (takesReason ? { reason: options.reason ?? null } : {}) as Partial<Input>;
        const shown = await verbs.perform(action, input);
        print(shown, options, context);
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
  const devices = options.devices ?? null;
  refuseBeside(startRollout, verbs.otherFile);
  const confirmWithinMs = readWithin(options.confirmWithin);
  let fingerprint: string | null = null;
  if (!options.yes) {
    if (options.json || !terminal.isInteractive)
      throw new ExitError(EXIT.usage, 'nobody can be asked here: look at `roomd plan`, then give --yes');
    const planned = await verbs.perform(plan, { devices });
    for (const line of planLines(planned, terminal)) terminal.out(line);
    if (!(await terminal.confirm('Roll this out, ring by ring?', context.signal))) {
      terminal.out('Nothing was written.');
      return EXIT.pending;
    }
    fingerprint = planned.fingerprint;
  }
  const parallel = options.parallel === undefined ? {} : { parallel: Number(options.parallel) };
  const shown = await verbs.perform(startRollout, { devices, fingerprint, confirmWithinMs, ...parallel });
  print(shown, options, context);
  return EXIT.ok;
}

function readWithin(text: string | undefined): number | null {
  if (text === undefined) return null;
  const milliseconds = readDuration(text);
  if (milliseconds instanceof Wrong)
    throw new ExitError(EXIT.usage, `--confirm-within: ${milliseconds.message}`);
  return milliseconds;
}

function print(
  shown: ShownRollout,
  { json, all = false }: GlobalOptions & { all?: boolean },
  { terminal }: CliContext,
): number {
  if (json) terminal.out(JSON.stringify(shown, null, 2));
  else for (const line of linesOf(shown, all)) terminal.out(line);
  const failed = shown.rings.some(({ devices }) => devices.some(({ state }) => state === 'failed'));
  if (shown.state === 'done') return failed ? EXIT.failed : EXIT.ok;
  return shown.state === 'reverted' || shown.state === 'aborted' ? EXIT.failed : EXIT.pending;
}

function linesOf(shown: ShownRollout, all: boolean): string[] {
  const lines = [
    `Rollout ${shown.id}: ${shown.paused ? 'paused' : shown.state}${shown.reason === null ? '' : ` (${shown.reason})`}`,
  ];
  if (shown.commit !== null) lines.push(`  the fleet file${commitText(shown.commit)}`);
  if (shown.confirmedBy !== null) lines.push(`  Confirmed by ${shown.confirmedBy}.`);
  else if (shown.waitsFor !== null && !shown.paused) lines.push(`  ${shown.waitsFor}`);
  if (shown.confirmBy !== null) lines.push(`  Reverted at ${shown.confirmBy} unless confirmed.`);
  return [...lines, ...ringLines(shown.rings, { all })];
}
