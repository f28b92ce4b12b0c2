import { type ApplyOutput, apply } from '../../actions/apply.ts';
import { plan } from '../../actions/plan.ts';
import { type AddCommand, handler } from '../command.ts';
import type { CliContext, GlobalOptions } from '../context.ts';
import { EXIT, ExitError } from '../exit-code.ts';
import { applyLines, planLines } from '../plan-text.ts';
import { type Verbs, withVerbs } from '../verbs.ts';
import { planExitCode } from './plan.ts';

interface ApplyOptions {
  readonly devices?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

export const applyCommand: AddCommand = (program, context, finish) => {
  program
    .command('apply')
    .description('show the plan, ask, write it, read every setting back and say what is proven')
    .option('-d, --devices <selector>', 'only these, such as "site=oslo & kind=board"')
    .option('-y, --yes', 'do not ask; needed where there is no terminal')
    .option('--force', 'write also where the room is in use; needs --devices, so that rooms are named')
    .addHelpText(
      'after',
      '\nRooms in use are left alone and told as waiting (exit 3); a running daemon finishes them when they are free.',
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
  if (!verbs.mayApply) {
    throw new ExitError(
      EXIT.usage,
      'a daemon runs on this database with another fleet file; apply through its own file, or stop it',
    );
  }
  if (!options.yes) {
    if (!terminal.isInteractive)
      throw new ExitError(
        EXIT.usage,
        'there is no terminal to ask on: look at `roomd plan`, then give --yes',
      );
    const planned = await verbs.perform(plan, { devices });
    for (const line of planLines(planned, terminal)) terminal.out(line);
    if (planned.summary.changes === 0) return planExitCode(planned);
    if (!(await terminal.confirm('Write these changes to the devices?', context.signal))) {
      terminal.out('Nothing was written.');
      return EXIT.pending;
    }
  }
  const output = await verbs.perform(apply, { devices, force: options.force ?? false });
  if (options.json) terminal.out(JSON.stringify(output, null, 2));
  else for (const line of applyLines(output, terminal)) terminal.out(line);
  if (output.summary.waiting > 0 && !options.json) {
    terminal.out(
      verbs.isDaemon
        ? 'The daemon finishes what waits as soon as the rooms are free.'
        : 'Nobody finishes what waits: no daemon runs. Apply again when the rooms are free, or start `roomd run`.',
    );
  }
  return applyExitCode(output);
}

function applyExitCode({ summary }: ApplyOutput): number {
  if (summary.failed > 0 || summary.refused > 0 || summary.notProven > 0) return EXIT.failed;
  return summary.waiting > 0 || summary.problems > 0 ? EXIT.pending : EXIT.ok;
}
