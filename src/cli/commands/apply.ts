import { type ApplyOutput, apply } from '../../actions/apply.ts';
import { type PlanOutput, plan } from '../../actions/plan.ts';
import { listRollouts } from '../../actions/rollout.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { applyLines, planLines } from '../plan-text.ts';
import { count } from '../terminal.ts';
import { refuseBeside, type Verbs, withVerbs } from '../verbs.ts';

interface ApplyOptions {
  readonly devices?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly all?: boolean;
}

export const applyCommand: AddCommand = (program, context, finish) => {
  program
    .command('apply')
    .description('show the plan, ask, write it, read every setting back and say what is proven')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--force', 'write also where the room is in use; needs --devices, so that rooms are named')
    .option('--all', 'tell each device by itself, also where many have the same lines')
    .addHelpText(
      'after',
      '\nRooms in use are left alone and told as waiting (exit 3); a running daemon finishes them when they are free.\nA device that is retired or protected is left out unless -d calls it by its name.\nEvery device is written at once, whatever the file says under rollout; ring by ring goes `roomd rollout start`.',
    )
    .action(
      handler<ApplyOptions>(finish, (options) =>
        withVerbs(options, context, (verbs) => planAndApply(verbs, options, context)),
      ),
    );
};

async function planAndApply(
  verbs: Verbs,
  options: GlobalOptions & ApplyOptions,
  context: CliContext,
): Promise<number> {
  const { terminal } = context;
  const devices = options.devices ?? null;
  refuseBeside(apply, verbs.otherFile);
  if (options.force && devices === null)
    throw new ExitError(EXIT.usage, '--force needs --devices, so that the rooms in use are named');
  let fingerprint: string | null = null;
  if (!options.yes) {
    if (options.json) throw new ExitError(EXIT.usage, 'with --json nobody is asked: give --yes');
    if (!terminal.isInteractive)
      throw new ExitError(
        EXIT.usage,
        'there is no terminal to ask on: look at `roomd plan`, then give --yes',
      );
    const planned = await verbs.perform(plan, { devices });
    for (const line of planLines(planned, terminal, options)) terminal.out(line);
    await warnOfRollout(verbs, context);
    if (!(await terminal.confirm(question(planned), context.signal))) {
      terminal.out('Nothing was written.');
      return EXIT.pending;
    }
    fingerprint = planned.fingerprint;
  } else await warnOfRollout(verbs, context);
  const output = await verbs.perform(apply, { devices, force: options.force ?? false, fingerprint });
  if (options.json) terminal.out(JSON.stringify(output, null, 2));
  else for (const line of applyLines(output, terminal, options)) terminal.out(line);
  if (output.summary.waiting > 0 && !options.json) terminal.out(whoFinishes(verbs));
  return applyExitCode(output);
}

/** Who applies meanwhile takes rooms out of its care. */
async function warnOfRollout(verbs: Verbs, { terminal }: CliContext): Promise<void> {
  const { items } = await verbs.perform(listRollouts, { limit: 1 });
  if (items[0]?.endedAt !== null) return;
  terminal.err(
    terminal.style(
      'yellow',
      'A rollout is under way (`roomd rollout status`): rooms that are applied now are left out of it from then on.',
    ),
  );
}

function question({ summary }: PlanOutput): string {
  return summary.changes === 0
    ? 'There is nothing to write. Approve this state of the file?'
    : `Write ${count(summary.changes, 'change')} to ${count(summary.drift, 'device')}, all at once?`;
}

function whoFinishes({ isDaemon }: Verbs): string {
  return isDaemon
    ? 'The daemon finishes what waits as soon as the rooms are free.'
    : 'Nobody finishes what waits: no daemon runs. Apply again when the rooms are free, or start `roomd run`.';
}

function applyExitCode({ summary }: ApplyOutput): number {
  if (summary.failed > 0 || summary.refused > 0 || summary.notProven > 0) return EXIT.failed;
  return summary.waiting > 0 || summary.problems > 0 ? EXIT.pending : EXIT.ok;
}
